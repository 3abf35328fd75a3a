import { createHash, randomUUID } from 'node:crypto';
import { HttpError } from '../../lib/http/error.ts';
import { log } from '../../lib/platform/log.ts';
import { retry, type Sleep } from '../../lib/platform/retry.ts';
import type { History, Sent } from '../../lib/tables/interactions/history.ts';
import type { Claim, PendingTable, SendResult } from '../../lib/tables/pending.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { type CustomMessage, SEND_PATH, sendCustomMessage } from '../../lib/wechat/api/customer-service-message.ts';
import { meaningOf } from '../../lib/wechat/api/errcodes.ts';
import { isWeChatError, WeChatError } from '../../lib/wechat/api/error.ts';
import { writeJson } from '../../lib/wechat/api/json.ts';

export type SendPorts = {
  readonly wechat: WeChat;
  readonly history: History;
  readonly pending: PendingTable;
  readonly now: () => number;
  readonly sleep: Sleep;
};

/** A message that an operator sends; `key` is the Idempotency-Key. */
export type SendRequest = {
  readonly openid: string;
  readonly message: CustomMessage;
  readonly operator: string;
  readonly key: string | undefined;
};

/** Of the request's 25 s: for WeChat to take the message, and for the history after that. */
export const SENDING_MS = 17_000;
const RECORDING_MS = 8_000;

/** Pauses before the retries of appending, in milliseconds. */
const PAUSES_MS = [100, 300, 1_000, 2_000] as const;

const SEE_FIRST = 'Look at the history, or ask the follower, before you send it again (with another Idempotency-Key).';

/**
 * Sends a message to a follower and appends it to the history; with a key, once in 24 hours. A refusal gives the key
 * back, for nothing was sent: the same request may succeed later. When it cannot be known whether WeChat took the
 * message, the key stays taken.
 * @throws WeChatError, its `detail` saying what it means
 * @throws HttpError 409 when the key stands for another message, or for a request without a result
 */
export async function sendToFollower(ports: SendPorts, request: SendRequest): Promise<SendResult> {
  const { operator, key, openid } = request;
  if (key === undefined) return sendAndRecord(ports, request);
  const claimed = await ports.pending.claimSend({ operator, key, openid, digest: digestOf(request) });
  switch (claimed.state) {
    case 'claimed':
      return sendOnce(ports, request, claimed.claim);
    case 'answered':
      return claimed.result;
    case 'unanswered':
      throw new HttpError(409, 'unknown whether sent', {
        detail: `A request with this Idempotency-Key is under way or ended without a result. ${SEE_FIRST}`,
      });
    case 'different':
      throw new HttpError(409, 'Idempotency-Key is in use', {
        detail: 'This Idempotency-Key was used for another message or follower; use a new one for each message.',
      });
  }
}

/** The order of fields in the request does not matter. */
const digestOf = ({ openid, message }: SendRequest): string =>
  createHash('sha256')
    .update(writeJson(inOrder([openid, message])))
    .digest('base64url');

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, each]) => [name, inOrder(each)]));
}

async function sendOnce(ports: SendPorts, request: SendRequest, claim: Claim): Promise<SendResult> {
  const { pending } = ports;
  try {
    const result = await sendAndRecord(ports, request);
    await settled(pending.storeSendResult(claim, result));
    return result;
  } catch (error) {
    if (!isUnknownWhetherSent(error)) await settled(pending.releaseSend(claim));
    throw error;
  }
}

/** Waits for the claim to be settled. If it cannot be, a repetition gets 409, which is safe. */
async function settled(writing: Promise<boolean>): Promise<void> {
  await writing.catch((error: Error) => log.error('an Idempotency-Key was left without its result', { error }));
}

async function sendAndRecord(ports: SendPorts, request: SendRequest): Promise<SendResult> {
  const { openid, message, operator } = request;
  const result = await sendCustomMessage(ports.wechat, openid, message).catch(explain);
  const sentAt = ports.now();
  const identity = randomUUID().replaceAll('-', '');
  const sent = { openid, kind: message.msgtype, details: detailsOf(message), operator, sentAt, identity };
  const isRecorded = await recorded(ports, sent);
  return {
    errcode: 0,
    errmsg: 'ok',
    ...result,
    recorded: isRecorded,
    ...(!isRecorded && {
      detail: `WeChat took the message at ${new Date(sentAt).toISOString()}, but it could not be written to the history. Do not send it again.`,
    }),
  };
}

/** The fields of the message as those of a follower's messages are stored, with the fields beside its content. */
function detailsOf(message: CustomMessage): Sent['details'] {
  const { msgtype, customservice, ...fields } = message;
  const { [msgtype]: content, ...others } = fields;
  const isFields = typeof content === 'object' && content !== null && !Array.isArray(content);
  const details = { ...others, ...(isFields ? content : { [msgtype]: content }), ...Object(customservice) };
  return storable(details) as Sent['details'];
}

/** The value with numbers that a table cannot hold exactly as strings, as WeChat's ids are stored. */
function storable(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isSafeInteger(value))) return String(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, storable(each)]));
}

function recorded({ history, now, sleep }: SendPorts, sent: Sent): Promise<boolean> {
  const { operator, identity } = sent;
  const deadline = { at: sent.sentAt + RECORDING_MS, now };
  const append = () =>
    history.append(sent).catch((error: Error) => {
      log.error('a message that was sent could not be recorded', { operator, identity, error });
      throw error;
    });
  return retry(append, { pauses: PAUSES_MS, sleep, deadline }).then(
    () => true,
    () => false,
  );
}

/** True if WeChat may have sent the message without a result. Without a token it was not called. */
const isUnknownWhetherSent = (error: unknown): boolean =>
  isWeChatError(error) && error.code !== 'WECHAT_REFUSED' && error.path === SEND_PATH;

/** @throws WeChatError with the meaning of a refusal, or that it is unknown whether the message was sent */
function explain(error: unknown): never {
  if (!isWeChatError(error)) throw error;
  if (isUnknownWhetherSent(error)) {
    throw new WeChatError({
      ...error,
      detail: `${error.detail} It is unknown whether the message was sent. ${SEE_FIRST}`,
    });
  }
  throw new WeChatError({ ...error, detail: error.detail ?? meaningInWords(error.errcode) });
}

function meaningInWords(errcode: number): string {
  const { en, zh, advice } = meaningOf(errcode);
  return `${en}. ${advice.en} ${zh}。${advice.zh}`;
}
