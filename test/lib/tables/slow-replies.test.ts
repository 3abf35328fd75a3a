import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../../lib/aws/dynamodb.ts';
import { withTimeLimit } from '../../../lib/platform/time-limit.ts';
import {
  givableTo,
  given,
  MOST_WAITING,
  takenBack,
  type WaitingList,
  withWaiting,
} from '../../../lib/slow-replies/waiting-list.ts';
import { inFlightTable } from '../../../lib/tables/in-flight.ts';
import { slowRepliesTable } from '../../../lib/tables/slow-replies.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

beforeAll(makeTables);

const account = 'wxTables';
const part = (reference: string) => ({ reference, part: 0 });
const replies = (db: DynamoDBDocumentClient = database()) => slowRepliesTable(db, tableNamed('pending'), { account });
const adding = (reference: string) => (list: WaitingList) => withWaiting(list, part(reference)).list;

/** A database that does something else between any call of this kind and the one before. */
function interrupted(command: string, before: () => Promise<unknown>): DynamoDBDocumentClient {
  const db = database();
  const send = async (sent: Parameters<typeof db.send>[0], ...rest: []) => {
    if (sent.constructor.name === command) await before();
    return db.send(sent, ...rest);
  };
  return new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
}

describe('what waits for a follower', () => {
  it('keeps what comes to it between reading and writing', async () => {
    await replies().changeWaiting('o-late', adding('one'));
    let isFirst = true;
    const db = interrupted('PutCommand', async () => {
      if (!isFirst) return;
      isFirst = false;
      await replies().changeWaiting('o-late', adding('two'));
    });

    await replies(db).changeWaiting('o-late', adding('three'));

    expect(await replies().readWaiting('o-late')).toEqual(['one', 'two', 'three'].map(part));
  });

  it('is the same after any number of additions of the same, at once', async () => {
    await Promise.all(['one', 'two', 'one', 'two'].map((name) => replies().changeWaiting('o-once', adding(name))));
    expect((await replies().readWaiting('o-once')).map(({ reference }) => reference).sort()).toEqual(['one', 'two']);
  });

  it('of an earlier version counts as nothing, and does not stop what comes to it', async () => {
    const Item = { pk: 'waiting#o-earlier', answers: [{ id: 'x' }], expires_at: 9_999_999_999 };
    await database().send(new PutCommand({ TableName: tableNamed('pending'), Item }));
    expect(await replies().readWaiting('o-earlier')).toEqual([]);
    await replies().changeWaiting('o-earlier', adding('one'));
    expect(await replies().readWaiting('o-earlier')).toEqual([part('one')]);
  });

  it('is waited for no longer than its time limit, so that there is time to record the delivery', async () => {
    let requests = 0;
    const silent = createServer(() => requests++).listen(0);
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const db = documentClient({ DYNAMODB_ENDPOINT: `http://localhost:${port}` });

    await expect(withTimeLimit(1_000, (signal) => replies(db).readWaiting('o-silent', signal))).rejects.toThrow();
    silent.closeAllConnections();
    silent.close();

    expect(requests).toBeLessThan(3);
  });
});

describe('the list of what waits', () => {
  const list: WaitingList = ['one', 'two'].map(part);

  it('gives a delivery again what it was given, and others what is left', () => {
    const marked = given(list, [{ ...part('one'), hasNext: false }], 'a delivery', 0);
    expect(givableTo(marked, 'a delivery').map(({ reference }) => reference)).toEqual(['one']);
    expect(givableTo(marked, 'another')).toEqual([part('two')]);
    expect(takenBack(marked, 'a delivery')).toEqual(list);
  });

  it('puts the next part where the one before was', () => {
    const marked = given(list, [{ ...part('one'), hasNext: true }], 'a delivery', 0);
    expect(givableTo(marked, 'another')).toEqual([{ reference: 'one', part: 1, is_linked: true }, part('two')]);
  });

  it('forgets what was given a minute ago, and drops the oldest of too many', () => {
    const marked = given(list, [{ ...part('one'), hasNext: false }], 'a delivery', 0);
    expect(given(marked, [], 'another', 60_000)).toEqual([part('two')]);
    const full = Array.from({ length: MOST_WAITING }, (_, at) => part(`${at}`));
    expect(withWaiting(full, part('new'))).toMatchObject({ dropped: 1, list: [...full.slice(1), part('new')] });
  });
});

describe('the deliveries in flight', () => {
  const inFlight = (most: number, now: () => number) =>
    inFlightTable(database(), tableNamed('pending'), { account: `wx${most}`, most, now });

  it.each([1, 3, 12])('are never more than %i, and leave room when they end, or are over', async (most) => {
    let time = 1_000;
    const table = inFlight(most, () => time);
    const tried = Array.from({ length: 2 * most }, (_, at) => table.enter(`a${at}`, 17_000));
    const leases = (await Promise.all(tried)).filter((lease) => lease !== undefined);
    for (let at = 0; at < 6 * most; at++) leases.push(...[(await table.enter(`b${at}`, 17_000)) ?? []].flat());
    expect(leases).toHaveLength(most);

    const [first] = leases;
    if (first !== undefined) await table.leave(first);
    const again = [];
    for (let at = 0; at < 3 * most; at++) again.push(...[(await table.enter(`c${at}`, 17_000)) ?? []].flat());
    expect(again).toHaveLength(1);

    time = 17_000;
    expect(await table.enter('after that', 33_000)).toBeDefined();
  });
});
