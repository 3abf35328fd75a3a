import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type Interaction, placed } from '../lib/interactions/interaction.ts';
import { sortKeyOf } from '../lib/interactions/keys.ts';
import { database, tableNamed } from '../test/support/tables.ts';

/** The number of followers, all equally active. */
const FOLLOWERS = 20;

export const followerAt = (index: number): string => `oBench${String(index % FOLLOWERS).padStart(6, '0')}`;

const PLACEMENT = { shards: 2, retentionDays: undefined };
const WORDS = ['你好', '今天营业到几点？', '请问有货吗', '谢谢'];
const BATCH = 25;
const AT_ONCE = 8;

type Span = { readonly count: number; readonly from: number; readonly to: number };

/** Text messages evenly spread over a time (milliseconds). */
export async function loadInteractions(span: Span): Promise<void> {
  const db = database();
  const batches = inBatches(span);
  const write = async () => {
    for (const items of batches) {
      const puts = items.map((Item) => ({ PutRequest: { Item } }));
      await db.send(new BatchWriteCommand({ RequestItems: { [tableNamed('interactions')]: puts } }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
}

function* inBatches({ count, ...span }: Span): Generator<Interaction[]> {
  for (let first = 0; first < count; first += BATCH) {
    const length = Math.min(BATCH, count - first);
    yield Array.from({ length }, (_, at) => interactionAt(first + at, { count, ...span }));
  }
}

function interactionAt(index: number, { count, from, to }: Span): Interaction {
  const receivedAt = Math.floor(from + ((to - from) * index) / count);
  const msg_id = String(24_300_000_000_000_000n + BigInt(from) * 1_000n + BigInt(index));
  return {
    openid: followerAt(index),
    created: sortKeyOf(Math.floor(receivedAt / 1000), msg_id),
    ...placed(PLACEMENT, receivedAt, msg_id),
    direction: 'in',
    kind: 'text',
    details: { msg_id, type: 'text', content: WORDS[index % WORDS.length] ?? '' },
    reply: null,
  };
}
