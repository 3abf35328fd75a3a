import { randomUUID } from 'node:crypto';
import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import { retry, type Sleep } from '../platform/retry.ts';
import { type Handlers, HandlerTimeout, handlerFor, isSlow } from '../replies/handlers.ts';
import { logFailedReply, preparedReply } from '../replies/prepared.ts';
import type { Recorder } from '../tables/interactions/record.ts';
import type { Place, SlowRepliesTable } from '../tables/slow-replies.ts';
import { boundedBy, type WeChatClient } from '../wechat/api/client.ts';
import { sendCustomMessage } from '../wechat/api/customer-service-message.ts';
import { isWeChatError } from '../wechat/api/error.ts';
import { InvalidReply, type Reply } from '../wechat/callback/passive-reply.ts';
import { messagesFrom } from './messages.ts';
import { partsOf } from './parts-of.ts';
import {
  ATTEMPTS_OVER_MS,
  KILLED_AFTER_MS,
  MOST_BYTES,
  MOST_MESSAGES,
  MOST_RUNS,
  type PendingReply,
  type SlowReplyRequest,
} from './protocol.ts';
import { referenceOf } from './tap-link.ts';
import { keepWaiting, stopWaiting } from './waiting.ts';

type Ports = {
  readonly handlers: Handlers;
  readonly table: SlowRepliesTable;
  readonly record: Recorder;
  readonly wechat: WeChatClient;
  readonly now: () => number;
  readonly sleep: Sleep;
};

/** Deadlines in the function's 60 s: of a handler, and of the last retry, so that all ends by 58 s. */
const HANDLER_MS = 45_000;
const TRIES_MS = 54_000;

/** Pauses before retries. */
const PAUSES_MS = [500, 2_000, 4_000] as const;

/** The longest wait until an earlier run counts as killed: Lambda retries after a minute, a run counts as killed after 70 s. */
const LONGEST_WAIT_MS = 15_000;

/** The polling interval while a long reply waits for an attempt to take its first part. */
const POLL_MS = 1_000;

/** WeChat's errcode for an account type that may not send messages. */
const NOT_PERMITTED = 48001;

type Job = SlowReplyRequest & { readonly place: Place; readonly run: string; readonly begun: number };

/**
 * Runs a slow handler once for a delivery, however often it is invoked. A reply that no attempt of WeChat's took is sent
 * as messages, or waits. Never throws.
 */
export function slowReplyRun({ handlers, table, record, wechat, now, sleep }: Ports) {
  return async (request: SlowReplyRequest): Promise<void> => {
    const { delivery, sortKey, kind } = request;
    const place = { openid: delivery.from, reference: referenceOf(sortKey) };
    const job = { ...request, place, run: randomUUID(), begun: now() };
    try {
      if ((await retryStep(job, () => table.read(place)))?.parts === undefined && !(await make(job))) return;
      await handOut(job);
    } catch (error) {
      lost(kind, (error as Error).name);
    }
  };

  /** Retries a step; every step is idempotent. */
  function retryStep<T>({ begun }: Job, step: () => Promise<T>): Promise<T> {
    return retry(step, {
      pauses: PAUSES_MS,
      sleep,
      deadline: { at: begun + TRIES_MS, now },
      retrying: (error) => log.warn('a step of a slow reply is tried again', { error: (error as Error).name }),
    });
  }

  /** Runs the handler and stores its reply in parts. False if another run does so, or the item has expired. */
  async function make(job: Job): Promise<boolean> {
    if (!(await started(job)) && !(await takenOver(job))) return false;
    const parts = await runHandler(job);
    return retryStep(job, () => table.store(job.place, job.run, parts));
  }

  async function started(job: Job): Promise<boolean> {
    const { runs = 0 } = (await retryStep(job, () => table.read(job.place))) ?? {};
    const maySend = await retryStep(job, () => table.maySend());
    return retryStep(job, () => table.start(job.place, { run: job.run, runs: runs + 1, maySend }));
  }

  async function takenOver(job: Job): Promise<boolean> {
    const { started_at, runs = 1, parts } = (await retryStep(job, () => table.read(job.place))) ?? {};
    if (started_at === undefined || runs >= MOST_RUNS || parts !== undefined) return false;
    const wait = started_at + KILLED_AFTER_MS + 1 - now();
    if (wait > LONGEST_WAIT_MS) return false;
    await sleep(wait);
    return started(job);
  }

  async function runHandler({ delivery, kind, begun }: Job): Promise<readonly Reply[]> {
    const found = handlerFor(handlers, kind);
    if (found === undefined || !isSlow(found.handler)) return [];
    try {
      const reply = preparedReply(await Promise.race([found.handler.slow(delivery), tooLate(begun)]), delivery);
      if (reply === null) return [];
      const { parts, isCutOff } = partsOf(reply);
      if (isCutOff)
        logFailedReply(kind, new InvalidReply('content', `is longer than ${MOST_BYTES} bytes: cut off there`));
      return parts;
    } catch (error) {
      logFailedReply(kind, error);
      return [];
    }
  }

  async function tooLate(begun: number): Promise<never> {
    await sleep(begun + HANDLER_MS - now());
    throw new HandlerTimeout(`a slow handler has ${HANDLER_MS / 1_000} s`);
  }

  async function handOut(job: Job): Promise<void> {
    const pending = await attemptsOver(job);
    const { parts = [], taken_by, sent_at } = pending ?? {};
    if (pending === undefined || parts.length === 0) return;
    const maySend = await retryStep(job, () => table.maySend());
    if (await retryStep(job, () => table.takeByMessage(job.place, job.run))) return send(job, pending, 0, maySend);
    if (parts.length > 1 && (await retryStep(job, () => table.takeRest(job.place, job.run))))
      return send(job, pending, 1, maySend);
    if (taken_by === 'message' && sent_at === undefined) lost(job.kind, 'a run was killed while it sent');
  }

  /** Waits until an attempt has taken the reply, or none can any more. */
  async function attemptsOver(job: Job): Promise<PendingReply | undefined> {
    for (;;) {
      const pending = await retryStep(job, () => table.read(job.place));
      if (pending === undefined || pending.taken_by !== undefined || pending.linked_at !== undefined) return pending;
      const left = pending.claimed_at + ATTEMPTS_OVER_MS - now();
      if (left <= 0) return pending;
      await sleep((pending.parts?.length ?? 0) > 1 ? Math.min(left, POLL_MS) : left);
    }
  }

  /** Sends the parts from `from` on as messages. Parts that the account may not send wait. */
  async function send(job: Job, pending: PendingReply, from: number, maySend: boolean | undefined): Promise<void> {
    const part = maySend === false ? from : await sendFrom(job, pending, { from, isKnown: maySend === true });
    if (part > from) await retryStep(job, () => stopWaiting(table, job.place));
    if (part < (pending.parts?.length ?? 0)) {
      log.info('a slow reply waits', { kind: job.kind });
      const isLinked = part === from + MOST_MESSAGES;
      await retryStep(job, () => keepWaiting(table, job.place, { part, ...(isLinked && { is_linked: true }) }));
    }
    await retryStep(job, () => table.markSent(job.place));
  }

  /** Sends messages; returns the first part that is left. */
  async function sendFrom(job: Job, pending: PendingReply, { from, isKnown }: { from: number; isKnown: boolean }) {
    const { place, sortKey, kind } = job;
    for (const { message, reply, part, isLink } of messagesFrom(pending, from)) {
      try {
        await sendCustomMessage(boundedBy(job.begun + TRIES_MS, wechat), place.openid, message);
      } catch (error) {
        const why = isWeChatError(error) ? { errcode: error.errcode } : { error: error as Error };
        log.warn('a message of a slow reply was not sent', { kind, ...why });
        if (why.errcode === NOT_PERMITTED) await remember(false);
        return part;
      }
      if (!isKnown) await remember(true);
      const sent = { openid: place.openid, answers: sortKey, sentAt: now(), reply, answered_by: pending.answered_by };
      await retryStep(job, () => record.lateReply(sent, part));
      if (isLink) return part;
    }
    return from + MOST_MESSAGES;
  }

  /** Remembers whether the account may send; best effort. */
  async function remember(maySend: boolean): Promise<void> {
    await table.rememberMaySend(maySend).catch(() => undefined);
  }
}

function lost(kind: string, error: string): void {
  const metric = metrics({ name: 'slow_replies_lost', value: 1, unit: 'Count' });
  log.error('a slow reply was lost', { kind, error, ...metric });
}
