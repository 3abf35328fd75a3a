import type { Action, Condition, RuleWindow } from './shape.ts';

/** A reply rule as it is kept. The first enabled one that applies, in order of position, answers. */
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

/** A rule as others are told of it. */
export type Named = Pick<ReplyRule, 'id' | 'name'>;
