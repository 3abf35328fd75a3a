import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../../lib/tables/client.ts';
import { slowRepliesTable, type WaitingReply } from '../../../lib/tables/slow-replies.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

beforeAll(makeTables);

const waiting = (id: string): WaitingReply => ({ id, answer: { type: 'text', content: id } });
const answers = (db: DynamoDBDocumentClient = database()) => slowRepliesTable(db, tableNamed('pending'));

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
  it('is given with what came to it at the last moment', async () => {
    await answers().keepWaiting('o-late', [waiting('one')]);
    const db = interrupted('UpdateCommand', () => answers().keepWaiting('o-late', [waiting('two')]));

    expect(await answers(db).giveWaiting('o-late', 'next')).toEqual([waiting('one'), waiting('two')]);
  });

  it('is given in its order and each answer once, to one delivery as often as it asks', async () => {
    await answers().keepWaiting('o-order', [waiting('one'), waiting('two')]);
    await answers().keepWaiting('o-order', [waiting('two'), waiting('three')]);

    for (const _ of [1, 2]) {
      expect(await answers().giveWaiting('o-order', 'next')).toEqual(['one', 'two', 'three'].map(waiting));
    }
    expect(await answers().giveWaiting('o-order', 'another')).toEqual([]);
  });

  it('is waited for a second, so that there is time to record the delivery', async () => {
    let requests = 0;
    const silent = createServer(() => requests++).listen(0);
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const db = documentClient({ DYNAMODB_ENDPOINT: `http://localhost:${port}` });

    await expect(answers(db).giveWaiting('o-silent', 'next')).rejects.toThrow();
    silent.closeAllConnections();
    silent.close();

    expect(requests).toBeLessThan(3);
  });
});
