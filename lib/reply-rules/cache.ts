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

export type RulesCache = { readonly current: () => Promise<readonly CompiledRule[]> };

const TTL_MS = 30_000;
const RETRY_MS = 5_000;
const READ_MS = 1_000;

/**
 * The rules, read when the first delivery asks for them and again when they are 30 s old, once for all who ask
 * meanwhile. When they cannot be read in 1 s the last known ones serve, else none, and 5 s pass before the next attempt.
 * Never rejects.
 */
export function rulesCache(ports: Ports): RulesCache {
  const { read, now, failed, ttlMs = TTL_MS, retryMs = RETRY_MS, limit = () => AbortSignal.timeout(READ_MS) } = ports;
  const compile = ruleCompiler();
  let known: readonly CompiledRule[] = [];
  let freshUntil = Number.NEGATIVE_INFINITY;
  let reading: Promise<readonly CompiledRule[]> | undefined;

  async function renew(): Promise<readonly CompiledRule[]> {
    const start = now();
    try {
      known = await compile(await within(limit(), read));
      freshUntil = start + ttlMs;
    } catch (error) {
      failed(error);
      freshUntil = now() + retryMs;
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

/** What the webhook asks: the reply and, if a rule answered, which (`rule:<id>`). Never rejects. */
export const decideFromRules =
  (cache: RulesCache, { now, random = Math.random }: { now: () => number; random?: () => number }) =>
  async (delivery: Delivery): Promise<{ readonly reply: Reply | null; readonly answered_by?: string }> => {
    const { rule, reply } = decideByRules(await cache.current(), delivery, { now: now(), random });
    return { reply, ...(rule && { answered_by: `rule:${rule.id}` }) };
  };

/** Also when the work does not heed the signal. */
function within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(signal), aborted]);
}
