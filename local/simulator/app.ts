import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Context, Hono, type HonoRequest } from 'hono';
import { type Account, SIMULATED_ACCOUNT } from './account.ts';
import { follow } from './actions.ts';
import { addressApis } from './addresses.ts';
import { blacklistApis } from './blacklist.ts';
import type { Apis, Fields } from './call.ts';
import { conditionalMenuApis } from './conditional-menus.ts';
import { type Fault, type PlannedFault, takeFault } from './faults.ts';
import { menuApis } from './menus.ts';
import { messageApis } from './messages.ts';
import { countCall, quotaApis } from './quotas.ts';
import { Refusal } from './refusal.ts';
import { refusalOf, responseOf, responseToError } from './responses.ts';
import { type SimulatorControls, simulatorRoutes } from './simulator-routes.ts';
import { type AccountState, newAccountState, type State } from './state.ts';
import { readStateFile, writeStateFile } from './state-file.ts';
import { tagMemberApis } from './tag-members.ts';
import { tagApis } from './tags.ts';
import { tokenApis } from './token-apis.ts';
import { accountOf, expireToken } from './tokens.ts';
import { userApis } from './users.ts';

const APIS: Apis = {
  ...menuApis,
  ...conditionalMenuApis,
  ...tagApis,
  ...tagMemberApis,
  ...userApis,
  ...blacklistApis,
  ...messageApis,
  ...quotaApis,
  ...addressApis,
};

/** The client: its address, and a function that cuts the connection. */
export type Peer = { ip: string; cut: () => void };

export type SimulatedWeChat = SimulatorControls & {
  /** A replacement of the global fetch: every host is the simulator. A cut connection rejects. */
  fetch: typeof fetch;
  handle: (request: Request, peer: Peer) => Promise<Response>;
};

export type Options = {
  accounts?: readonly Account[];
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
  /** The file that stores the state across restarts. */
  stateFile?: string;
};

/** A simulation of WeChat's API host, with its limits, errcodes, token life cycle and page sizes. */
export function createSimulatedWeChat(options: Options = {}): SimulatedWeChat {
  const { accounts = [SIMULATED_ACCOUNT], now = Date.now, sleep = sleepFor, stateFile } = options;
  const state = openState(accounts, stateFile, now());
  const faults: PlannedFault[] = [];
  const save = () => stateFile !== undefined && writeStateFile(stateFile, state);
  const act: SimulatedWeChat['act'] = (action, appId = accounts[0]?.appId ?? '') => {
    const follower = follow(stateOf(state, appId), action, now());
    save();
    return follower;
  };
  const sent = (openid?: string) =>
    Object.values(state.accounts).flatMap((account) =>
      account.sent.filter((each) => !openid || each.openid === openid),
    );

  const app = new Hono<{ Bindings: Peer }>();
  app.route('/simulator', simulatorRoutes({ faults, state, act, sent }));
  app.use('/cgi-bin/*', async ({ req, env }, next) => {
    const fault = takeFault(faults, req.path);
    if (fault?.kind === 'expire-token') expireToken(state, req.query('access_token'), now());
    if (fault?.kind === 'slow') await sleep(fault.ms);
    const response = fault && faultResponse(fault, env, now());
    if (response) return response;
    await next();
    save();
  });
  const accountWith = (appid: string) => {
    const account = accounts.find(({ appId }) => appId === appid);
    return account && { state: stateOf(state, appid), appSecret: account.appSecret };
  };
  routeAll(app, tokenApis, async ({ req, env }) => ({
    ...(await readCall(req)),
    accountOf: accountWith,
    ip: env.ip,
    now: now(),
  }));
  routeAll(app, APIS, async ({ req }) => {
    const account = accountOf(state, req.query('access_token'), now());
    countCall(account, req.path, now());
    return { ...(await readCall(req)), account, now: now() };
  });
  app.all('*', () => refusalOf(40066, now()));
  app.onError((error) => responseToError(error, now()));

  const handle = async (request: Request, peer: Peer) => app.fetch(request, peer);
  return { fetch: fetchOf(handle), handle, state, faults, act, sent };
}

type Routed = Context<{ Bindings: Peer }>;

/** Registers a family of APIs. The wrong method of a path is refused with 43001 (GET required) or 43002 (POST required). */
function routeAll<Input>(
  app: Hono<{ Bindings: Peer }>,
  apis: Record<string, (input: Input) => Fields>,
  read: (context: Routed) => Promise<Input>,
): void {
  for (const [route, api] of Object.entries(apis)) {
    const [method = '', path = ''] = route.split(' ');
    const contentType = method === 'POST' ? 'text/plain' : 'application/json; encoding=utf-8';
    app.on(method, path, async (context) => responseOf(api(await read(context)), contentType));
    app.all(path, () => {
      throw new Refusal(method === 'GET' ? 43001 : 43002);
    });
  }
}

/** Query and body, with a byte order mark, which WeChat refuses. */
async function readCall(req: HonoRequest) {
  const bytes = await req.arrayBuffer();
  return { query: (name: string) => req.query(name), raw: Buffer.from(bytes).toString('utf8') };
}

function faultResponse(fault: Fault, peer: Peer, now: number): Response | undefined {
  switch (fault.kind) {
    case 'errcode':
      return refusalOf(fault.errcode, now);
    case 'html':
      return new Response('<html><body><h1>502 Bad Gateway</h1></body></html>', {
        status: 502,
        headers: { 'content-type': 'text/html' },
      });
    case 'empty':
      return new Response('');
    case 'cut':
      peer.cut();
      throw new TypeError('fetch failed', { cause: new Error('the connection was cut') });
    default:
      return undefined;
  }
}

function fetchOf(handle: SimulatedWeChat['handle']): typeof fetch {
  return async (input, init) => handle(new Request(input, init), { ip: '127.0.0.1', cut: () => undefined });
}

function openState(accounts: readonly Account[], stateFile: string | undefined, now: number): State {
  const stored = stateFile === undefined ? undefined : readStateFile(stateFile);
  const states = accounts.map(({ appId }) => [appId, stored?.accounts[appId] ?? newAccountState(appId, now)] as const);
  return { accounts: Object.fromEntries(states) };
}

function stateOf(state: State, appId: string): AccountState {
  const account = state.accounts[appId];
  if (!account) throw new TypeError(`the simulator has no account ${appId}`);
  return account;
}
