import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { backOffice } from '../../lib/http/back-office.ts';
import type { Endpoint } from '../../lib/http/endpoint.ts';
import type { Permission } from '../../lib/operators/permissions.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import { listen } from '../../local/simulator/listen.ts';
import type { AccountState } from '../../local/simulator/state.ts';
import { anOperator } from './operators.ts';

const { WECHAT_APP_ID: appId = '', WECHAT_APP_SECRET: appSecret = '' } = process.env;

/**
 * The environment of a handler that calls WeChat: a simulated WeChat and Lambda's Invoke API, both over HTTP. Call it in
 * `beforeAll`, after `makeTables` and before the handler is imported (`account.handler('remark')` does that).
 */
export async function startAccount() {
  const simulated = createSimulatedWeChat({ accounts: [{ ...SIMULATED_ACCOUNT, appId, appSecret }] });
  const wechat = await listen(simulated, 0);
  const lambda = await startLambda(async (asked) => {
    const { handler } = await import('../../functions/access-token/handler.ts');
    return handler(asked as object);
  });
  Object.assign(process.env, { WECHAT_API_ORIGIN: wechat.url, LAMBDA_ENDPOINT: lambda.url });
  return {
    /** The simulated WeChat, to plan faults and to look at. */
    simulated,
    state: simulated.state.accounts[appId] as AccountState,
    /** What functions were invoked with, in order. */
    invocations: lambda.invocations,
    /** The deployed handler of a function, made for this environment. */
    handler: async (name: string): Promise<Endpoint> => (await import(`../../functions/${name}/handler.ts`)).handler,
    stop: async () => {
      await Promise.all([wechat.close(), lambda.close()]);
    },
  };
}

type Invocation = { name: string; payload: unknown };

/** Lambda's Invoke API with one function behind every name. What it throws becomes `FunctionError`, as on AWS. */
export async function startLambda(run: (payload: unknown) => Promise<unknown>) {
  const invocations: Invocation[] = [];
  const server = createServer(async (request, response) => {
    const invocation = { name: functionIn(request), payload: await json(request) };
    invocations.push(invocation);
    const { result, headers } = await run(invocation.payload).then(
      (result) => ({ result, headers: {} }),
      (error: Error) => ({ result: { errorMessage: error.message }, headers: { 'x-amz-function-error': 'Unhandled' } }),
    );
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(result));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
}

const functionIn = ({ url = '' }: IncomingMessage): string => {
  const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url) ?? [];
  return decodeURIComponent(name);
};

/** A document client without the service's time limits: here one process plays two hundred machines. */
export const patientDatabase = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: process.env.DYNAMODB_ENDPOINT ?? '',
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: { httpsAgent: { maxSockets: 250 }, httpAgent: { maxSockets: 250 } },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );

/** The token that signing in now would give. */
export async function tokenOf(username: string, office = backOffice()): Promise<string> {
  const found = await office.operators.byUsername(username);
  return office.sessions.issue({ username, session: found?.operator.session ?? 0 });
}

let operators = 0;

/** The Bearer token of a new operator: one who holds these permissions or, if none are named, an administrator. */
export async function signedIn(permissions?: readonly Permission[], now: () => number = Date.now): Promise<string> {
  const office = backOffice({ now });
  const username = `operator-${++operators}`;
  const created_at = new Date(now()).toISOString();
  await office.operators.create(anOperator(username, { permissions: permissions ?? [], created_at }));
  if (permissions === undefined) await office.operators.makeAdministrator(username);
  return tokenOf(username, office);
}
