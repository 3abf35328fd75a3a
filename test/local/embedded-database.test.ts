import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { embeddedDatabase } from '../../local/embedded-database.ts';
import { closed, listen, portOf } from '../../local/listening.ts';

const HEAD =
  'POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 1000\r\n\r\n';

it.each([
  ['in the middle of a body', `${HEAD}{"TableName":`],
  ['before the body', HEAD],
  ['in the middle of the head', HEAD.slice(0, 40)],
])('the embedded DynamoDB goes on when a caller hangs up %s', async (_, sent) => {
  const database = embeddedDatabase();
  await listen(database, 0);
  const gone = once(database, 'connection').then(([socket]) => once(socket, 'close').catch(() => undefined));
  const caller = connect(portOf(database), '127.0.0.1');
  await new Promise((done) => caller.write(sent, done));
  if (sent.length > HEAD.length - 1) await once(database, 'request');
  caller.destroy();
  await gone;
  await turn();

  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${portOf(database)}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  expect((await client.send(new ListTablesCommand())).TableNames).toEqual([]);
  client.destroy();
  await closed(database);
});
