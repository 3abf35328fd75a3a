import type { Delivery } from '../wechat/delivery.ts';
import type { Reply } from '../wechat/reply.ts';
import { type CompiledRule, ruleCompiler } from './compile.ts';
import { decideByRules } from './decide.ts';
import type { ReplyRule } from './rule.ts';

type Ports = {
  /** Reads all rules in order; gives up when the signal says so. */
  readonly read: (signal: AbortSignal) => Promise<readonly ReplyRule[]>;
  readonly now: () => number;
  /** Told why the rules could not be read. */
  readonly failed: (error: unknown) => void;
  readonly ttlMs?: number;
  readonly retryMs?: number;
  /** Ends the time that reading may take; the rest of WeChat's five seconds belongs to the record. */
  readonly limit?: () => AbortSignal;
};

/** `current`: the rules; undefined when they could not be read and none are known. */
export type RulesCache = { readonly current: () => Promise<readonly CompiledRule[] | undefined> };

const TTL_MS = 30_000;
const RETRY_MS = 5_000;
const READ_MS = 1_000;

/**
 * The rules, read when the first delivery asks for them and again when they are 30 s old, once for all who ask
 * meanwhile. When they cannot be read in 1 s the last known ones serve for 5 s before the next attempt; where none are
 * known the next delivery tries again.
 * Never rejects.
 */
export function rulesCache(ports: Ports): RulesCache {
  const { read, now, failed, ttlMs = TTL_MS, retryMs = RETRY_MS, limit = () => AbortSignal.timeout(READ_MS) } = ports;
  const compile = ruleCompiler();
  let known: readonly CompiledRule[] | undefined;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let reading: Promise<readonly CompiledRule[] | undefined> | undefined;

  async function renew(): Promise<readonly CompiledRule[] | undefined> {
    const start = now();
    try {
      known = await compile(await within(limit(), read));
      freshUntil = start + ttlMs;
    } catch (error) {
      failed(error);
      if (known !== undefined) freshUntil = now() + retryMs;
    }
    return known;
  }

  return {
    async current() {
      if (now() < freshUntil) return known;
      reading ??= renew().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

/** What the rules say to a delivery: a reply and which rule (`rule:<id>`), or that they could not be read. */
export type RulesDecision = {
  readonly reply: Reply | null;
  readonly answered_by?: string;
  readonly isUndecided?: boolean;
};

/** What the webhook asks. Never rejects. */
export const decideFromRules =
  (cache: RulesCache, { now, random = Math.random }: { now: () => number; random?: () => number }) =>
  async (delivery: Delivery): Promise<RulesDecision> => {
    const rules = await cache.current();
    if (rules === undefined) return { reply: null, isUndecided: true };
    const { rule, reply } = decideByRules(rules, delivery, { now: now(), random });
    return { reply, ...(rule && { answered_by: `rule:${rule.id}` }) };
  };

/** Also when the work does not heed the signal. */
function within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(signal), aborted]);
}
