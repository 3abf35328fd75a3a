import type { Action, Condition, RuleWindow } from './shape.ts';

/** A stored reply rule. The action of the first enabled one that applies, in order of position, decides. */
export type ReplyRule = {
  readonly id: string;
  /** Compared as text; ties are broken by id. */
  readonly position: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly window?: RuleWindow;
  readonly condition: Condition;
  readonly answer: Action;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly updated_at: string;
};

/** The identification of a rule in responses. */
export type RuleName = Pick<ReplyRule, 'id' | 'name'>;
