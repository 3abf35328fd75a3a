import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { get } from '../aws/dynamodb.ts';
import { pseudonyms } from '../platform/pseudonym.ts';

/** When a follower was last erased (milliseconds), and what took the place of their openid where it was replaced. */
export type Erasure = { readonly erasedAt: number; readonly name: string };

/** How long a log is kept (serverless.yml). What was received before cannot come back, and need not be remembered. */
export const LOG_DAYS = 90;
export const DAY_MS = 86_400_000;

/** `pseudonymKey`, and its predecessor for as long as somebody may have been erased under it. */
export type PseudonymKeys = { readonly current: string | undefined; readonly previous?: string | undefined };

const Stored = v.object({ erased_at: v.number(), name: v.string(), expires_at: v.number() });
type Stored = v.InferOutput<typeof Stored>;

/** Who was erased, as keyed hashes, until the last log that could bring them back has expired. */
export function erasuresTable(db: DynamoDBDocumentClient, table: string, { current, previous }: PseudonymKeys) {
  const namers = [current, ...(previous === undefined ? [] : [previous])].map((key) => pseudonyms(key, 'erasures'));
  const keysOf = (openid: string): string[] => namers.map((pseudonym) => pseudonym(openid).toString('base64url'));

  return {
    /** From now on what was received up to `at` is not recorded again. An erasing that is done again keeps the name. */
    async remember(openid: string, at: number): Promise<Erasure> {
      const { Attributes } = await db.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: keysOf(openid)[0] },
          UpdateExpression: 'SET erased_at = :at, expires_at = :until, #name = if_not_exists(#name, :name)',
          ExpressionAttributeNames: { '#name': 'name' },
          ExpressionAttributeValues: {
            ':at': at,
            ':until': Math.ceil((at + LOG_DAYS * DAY_MS) / 1000),
            ':name': `erased-${randomUUID()}`,
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return erasureOf(v.parse(Stored, Attributes));
    },

    /** The last erasure that is remembered, under either key. */
    async find(openid: string, now: number): Promise<Erasure | undefined> {
      const found = await Promise.all(keysOf(openid).map(read));
      return found
        .flatMap((item) => (item !== undefined && item.expires_at * 1000 > now ? [erasureOf(item)] : []))
        .sort((one, other) => other.erasedAt - one.erasedAt)[0];
    },
  };

  /** An erasure that cannot be read must not pass for none. @throws ValiError */
  async function read(pk: string): Promise<Stored | undefined> {
    const item = await get({ db, name: table }, { pk });
    return item && v.parse(Stored, item);
  }
}

const erasureOf = ({ erased_at, name }: Stored): Erasure => ({ erasedAt: erased_at, name });
