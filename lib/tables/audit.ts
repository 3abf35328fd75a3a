import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { isDone } from './client.ts';

/** One call by an operator that changed something, or was refused. Holds no secret and no text of a message. */
export type AuditEntry = {
  /** When it came, in milliseconds. */
  readonly at: number;
  readonly operator: string;
  /** The route as API Gateway spells it, without the base path: `PUT /cgi-bin/user/remark`. */
  readonly action: string;
  /** Whom or what it concerned: an openid, the id of a tag, a username. */
  readonly target?: string;
  /** How it was answered. */
  readonly status: number;
  readonly errcode: number;
  readonly request_id: string;
  readonly address: string;
};

export type AuditQuestion = {
  /** The first moment, in milliseconds. */
  readonly from: number;
  /** Entries before this moment or, to read on, behind the place where a page ended. */
  readonly before: number | string;
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly limit: number;
};

/** `before` is where to read on, absent at the end; until then a page may be short or empty. */
export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly before?: string };

export type AuditTable = ReturnType<typeof auditTable>;

/** What one call reads at most; after that it answers what it has. */
const MOST_ITEMS = 2_000;
const MOST_QUERIES = 200;

const isNew = 'attribute_not_exists(#at)';

type Item = Readonly<Record<string, unknown>> & { readonly at: string };

/** Entries are appended and read, never changed: each Put asks that there be none, which IAM cannot. */
export function auditTable(db: DynamoDBDocumentClient, table: string, newId: () => string = randomUUID) {
  return {
    /** A key that exists is this very entry, sent again by the SDK after an answer was lost. */
    async append({ at, ...entry }: AuditEntry): Promise<void> {
      const instant = instantOf(at);
      const put = new PutCommand({
        TableName: table,
        Item: { ...entry, month: instant.slice(0, 7), at: `${instant}#${newId()}` },
        ConditionExpression: isNew,
        ExpressionAttributeNames: { '#at': 'at' },
      });
      await isDone(db.send(put));
    },

    /** The entries between two times, newest first, across months. */
    async newestFirst({ from, before, limit, ...asked }: AuditQuestion): Promise<AuditPage> {
      const first = instantOf(from);
      const entries: AuditEntry[] = [];
      let place = typeof before === 'number' ? instantOf(before) : before;
      let unread = MOST_ITEMS;
      for (let queries = 0; queries < MOST_QUERIES && unread > 0 && entries.length < limit; queries++) {
        if (place <= first) return { entries };
        const wanted = limit - entries.length;
        const read = await readMonth(first, place, hasFilter(asked) ? unread : wanted);
        const found = read.items.filter((item) => isAsked(item, asked)).slice(0, wanted);
        entries.push(...found.map(entryIn));
        unread -= read.items.length;
        place = (found.length === wanted && found.at(-1)?.at) || read.place;
      }
      return { entries, before: place };
    },
  };

  /** What lies between two places, newest first, in the month of the later one, and the place down to which it was read. */
  async function readMonth(first: string, place: string, Limit: number): Promise<{ items: Item[]; place: string }> {
    const month = monthBefore(place);
    const { Items = [], LastEvaluatedKey } = await db.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: '#month = :month AND #at BETWEEN :first AND :place',
        ExpressionAttributeNames: { '#month': 'month', '#at': 'at' },
        ExpressionAttributeValues: { ':month': month, ':first': first, ':place': place },
        ScanIndexForward: false,
        Limit,
        ...(isKey(place) && { ExclusiveStartKey: { month, at: place } }),
      }),
    );
    return {
      items: Items as Item[],
      place: LastEvaluatedKey ? String(LastEvaluatedKey.at) : `${month}-01T00:00:00.000Z`,
    };
  }
}

const instantOf = (ms: number): string => new Date(ms).toISOString();

/** A place is a moment, or the key of an entry: its moment, `#`, its id. Nothing has the key of a bare moment. */
const isKey = (place: string): boolean => place.includes('#');

const monthBefore = (place: string): string =>
  (isKey(place) ? place : instantOf(Date.parse(place) - 1)).slice(0, 'yyyy-mm'.length);

type Filter = Pick<AuditQuestion, 'operator' | 'action'>;

const hasFilter = ({ operator, action }: Filter): boolean => operator !== undefined || action !== undefined;

const isAsked = (item: Item, { operator, action }: Filter): boolean =>
  (operator === undefined || item.operator === operator) && (action === undefined || item.action === action);

function entryIn({ month: _month, at, ...entry }: Item): AuditEntry {
  return { ...entry, at: Date.parse(at.split('#')[0] ?? '') } as unknown as AuditEntry;
}
