import * as v from 'valibot';
import { Reply } from '../replies/rules/shape.ts';
import type { Contracts } from './contract.ts';
import { time } from './fields.ts';
import { NO_OBJECT } from './issues.ts';
import { instant, limit } from './paging.ts';
import { wechatResult } from './wechat.ts';

const page = {
  from: v.optional(instant),
  to: v.optional(instant),
  cursor: v.optional(v.string()),
  limit,
};

/** Far above any message that WeChat takes, and no more than the history keeps. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;

/**
 * One delivery with what it was replied with (null for nothing), or one message that was sent. `details` are the fields
 * of it, in WeChat's spelling.
 */
export const Interaction = v.strictObject({
  id: v.string(),
  openid: v.string(),
  created_at: time,
  received_at: time,
  direction: v.picklist(['in', 'out']),
  kind: v.string(),
  details: v.record(v.string(), v.unknown()),
  reply: v.exactOptional(v.nullable(Reply)),
  answered_by: v.exactOptional(v.string()),
  decided_in_ms: v.exactOptional(v.number()),
  pending: v.exactOptional(v.literal(true)),
  operator: v.exactOptional(v.string()),
});

/** The window for customer-service messages. `unknown`: the follower's last 48 hours have too much to read. */
const Window = v.variant('state', [
  v.strictObject({ state: v.literal('open'), until: time }),
  v.strictObject({ state: v.literal('closed') }),
  v.strictObject({ state: v.literal('unknown') }),
]);

/** Checked as WeChat does, which has errcodes of its own for them. */
const msgtype = v.pipe(
  v.unknown(),
  v.description("text, image, …: as WeChat's message/custom/send takes it, with the field it names"),
);
const touser = v.pipe(v.unknown(), v.description('The follower of the path, if anything'));

/** Sends a message once in 24 hours, however often the request is repeated. */
export const IdempotencyKey = v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,64}$/, 'must be 1–64 printable characters'));

const Page = v.strictObject({ interactions: v.array(Interaction), next_cursor: v.optional(v.string()) });

export const INTERACTIONS = {
  'GET /interactions': {
    query: v.strictObject({
      ...page,
      kind: v.optional(
        v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxBytes(256, 'must be at most 256 bytes')),
      ),
      direction: v.optional(v.picklist(['in', 'out'], 'must be in or out')),
    }),
    response: Page,
  },
  'GET /interactions/{openid}': {
    query: v.strictObject(page),
    response: v.strictObject({ openid: v.string(), window: Window, ...Page.entries }),
  },
  'POST /interactions/{openid}': {
    json: v.looseObject({ msgtype: v.optional(msgtype), touser: v.optional(touser) }, NO_OBJECT),
    largest: LARGEST_MESSAGE_BYTES,
    headers: v.object({ 'Idempotency-Key': v.optional(IdempotencyKey) }),
    response: wechatResult({
      errcode: v.literal(0),
      errmsg: v.string(),
      recorded: v.boolean(),
      detail: v.exactOptional(v.string()),
    }),
  },
} as const satisfies Contracts;
