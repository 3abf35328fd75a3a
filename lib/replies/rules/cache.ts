import type { Reply } from '../../wechat/callback/passive-reply.ts';
import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import { type CompiledRule, ruleCompiler } from './compile.ts';
import { decideByRules } from './decide.ts';
import type { Named, ReplyRule } from './rule.ts';

type Ports = {
  /**
   * A small item that is another one before and after each change of the rules; undefined while there was none. Many
   * read it, so it may be a moment old.
   */
  readonly version: (signal: AbortSignal) => Promise<string | undefined>;
  /** Every rule in order, as they are now. */
  readonly list: (signal: AbortSignal) => Promise<readonly ReplyRule[]>;
  readonly now: () => number;
  /** Told why the rules could not be read, and whether the last known ones serve. */
  readonly failed: (error: unknown, isServed: boolean) => void;
  readonly random?: () => number;
  /** Ends the time that reading may take; the rest of WeChat's five seconds belongs to the record. */
  readonly limit?: () => AbortSignal;
};

/** `current`: the rules; undefined when they could not be read and none are known that may serve. */
export type RulesCache = { readonly current: () => Promise<readonly CompiledRule[] | undefined> };

/** All in milliseconds. Intervals are up to a third shorter, so that many processes do not read at the same moment. */
const VERSION_EVERY_MS = 30_000;
const LIST_EVERY_MS = 300_000;
const RETRY_MS = 5_000;
/** Rules that nobody could confirm for so long serve no more. */
const MOST_STALE_MS = 600_000;
const READ_MS = 1_000;

type Known = {
  readonly rules: readonly CompiledRule[];
  readonly version: string | undefined;
  /** When they were last known to be the newest, by the beginning of reading. */
  readonly confirmedAt: number;
  readonly readListAfter: number;
};

/**
 * The rules of one process. Their version is read when the first delivery asks for them and then every 30 s at most,
 * once for all who ask meanwhile; the list only when the version is another, and every five minutes in any case: whoever
 * changes a rule may die before the version says so. When they cannot be read in 1 s the last known ones serve, for ten
 * minutes at most. Never rejects.
 */
export function rulesCache(ports: Ports): RulesCache {
  const { version, list, now, failed, random = Math.random, limit = () => AbortSignal.timeout(READ_MS) } = ports;
  const compile = ruleCompiler();
  let known: Known | undefined;
  let askAfter = Number.NEGATIVE_INFINITY;
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
      known = await within(limit(), read);
      askAfter = known.confirmedAt + jittered(VERSION_EVERY_MS);
    } catch (error) {
      failed(error, serving() !== undefined);
      askAfter = now() + jittered(RETRY_MS);
    }
  }

  function serving(): readonly CompiledRule[] | undefined {
    return known !== undefined && now() - known.confirmedAt < MOST_STALE_MS ? known.rules : undefined;
  }

  return {
    async current() {
      if (serving() !== undefined && now() < askAfter) return serving();
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
      return serving();
    },
  };
}

/** What the rules say to a delivery: a reply and which rule (`rule:<id>`), or that they could not be read. */
export type RulesDecision = {
  readonly reply: Reply | null;
  readonly answered_by?: string;
  readonly isUndecided?: boolean;
};

type Moment = {
  readonly now: () => number;
  readonly random?: () => number;
  /** Told at which rule deciding took more steps than it may. */
  readonly overBudget: (rule: Named) => void;
};

/** What the webhook asks. Never rejects. */
export const decideFromRules =
  (cache: RulesCache, { now, random = Math.random, overBudget }: Moment) =>
  async (delivery: Delivery): Promise<RulesDecision> => {
    const rules = await cache.current();
    if (rules === undefined) return { reply: null, isUndecided: true };
    const { rule, reply, over_budget_at } = decideByRules(rules, delivery, { now: now(), random });
    if (over_budget_at) overBudget(over_budget_at);
    return { reply, ...(rule && { answered_by: `rule:${rule.id}` }) };
  };

/** Also when the work does not heed the signal. */
function within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(signal), aborted]);
}
