import { withTimeLimit } from '../../platform/time-limit.ts';
import type { Reply } from '../../wechat/callback/passive-reply.ts';
import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import { type CompiledRule, ruleCompiler } from './compile.ts';
import { decideByRules } from './decide.ts';
import type { ReplyRule, RuleName } from './rule.ts';

type Ports = {
  /**
   * The version of the rules, which differs before and after each change; undefined if there was none. It is read with
   * eventual consistency.
   */
  readonly version: (signal: AbortSignal) => Promise<string | undefined>;
  /** All rules in order, read with strong consistency. */
  readonly list: (signal: AbortSignal) => Promise<readonly ReplyRule[]>;
  readonly now: () => number;
  /** Called if the rules cannot be read; `isServed` if the last known ones are used. */
  readonly failed: (error: unknown, isServed: boolean) => void;
  readonly random?: () => number;
  /** The time limit of reading, in milliseconds; 1 s by default. */
  readonly readMs?: number;
};

/** `current`: the rules; undefined if they cannot be read and the last known ones are missing or too old. */
export type RulesCache = { readonly current: () => Promise<readonly CompiledRule[] | undefined> };

/** All in milliseconds. Intervals are up to a third shorter, so that many processes do not read at the same moment. */
const VERSION_EVERY_MS = 30_000;
const LIST_EVERY_MS = 300_000;
const RETRY_MS = 5_000;
/** Rules that could not be confirmed for so long are no longer used. */
const MOST_STALE_MS = 600_000;
/** The rest of WeChat's five seconds is for the record. */
const READ_MS = 1_000;

type Known = {
  readonly rules: readonly CompiledRule[];
  readonly version: string | undefined;
  /** The beginning of the last read that confirmed them. */
  readonly confirmedAt: number;
  readonly readListAfter: number;
};

/**
 * The rules of one process. The version is read for the first delivery and then at most every 30 s, once for all
 * concurrent callers; the list only if the version changed, and every five minutes in any case: a process that changes a
 * rule may die before it writes the version. If they cannot be read within 1 s, the last known ones are used for at most
 * ten minutes. Never rejects.
 */
export function rulesCache(ports: Ports): RulesCache {
  const { version, list, now, failed, random = Math.random, readMs = READ_MS } = ports;
  const compile = ruleCompiler();
  let known: Known | undefined;
  let readAfter = Number.NEGATIVE_INFINITY;
  let renewing: Promise<void> | undefined;

  const jittered = (ms: number): number => ms * (1 - random() / 3);

  /** The version first: a list read after it is at least as new. */
  async function read(signal: AbortSignal): Promise<Known> {
    const start = now();
    const newest = await version(signal);
    if (known !== undefined && known.version === newest && start < known.readListAfter) {
      return { ...known, confirmedAt: start };
    }
    const rules = await compile(await list(signal));
    return { rules, version: newest, confirmedAt: start, readListAfter: start + jittered(LIST_EVERY_MS) };
  }

  async function renew(): Promise<void> {
    try {
      known = await withTimeLimit(readMs, read);
      readAfter = known.confirmedAt + jittered(VERSION_EVERY_MS);
    } catch (error) {
      failed(error, serving() !== undefined);
      readAfter = now() + jittered(RETRY_MS);
    }
  }

  function serving(): readonly CompiledRule[] | undefined {
    return known !== undefined && now() - known.confirmedAt < MOST_STALE_MS ? known.rules : undefined;
  }

  return {
    async current() {
      if (serving() !== undefined && now() < readAfter) return serving();
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
      return serving();
    },
  };
}

/** The decision of the rules: a reply and its rule (`rule:<id>`), or that the rules could not be read. */
export type RulesDecision = {
  readonly reply: Reply | null;
  readonly answered_by?: string;
  readonly isUndecided?: boolean;
};

type Moment = {
  readonly now: () => number;
  readonly random?: () => number;
  /** Called with the rule at which the budget of steps was exceeded. */
  readonly overBudget: (rule: RuleName) => void;
};

/** Decides by the cached rules, for the webhook. Never rejects. */
export const decideFromRules =
  (cache: RulesCache, { now, random = Math.random, overBudget }: Moment) =>
  async (delivery: Delivery): Promise<RulesDecision> => {
    const rules = await cache.current();
    if (rules === undefined) return { reply: null, isUndecided: true };
    const { rule, reply, over_budget_at } = decideByRules(rules, delivery, { now: now(), random });
    if (over_budget_at) overBudget(over_budget_at);
    return { reply, ...(rule && { answered_by: `rule:${rule.id}` }) };
  };
