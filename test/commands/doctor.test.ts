import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Env } from '../../commands/command.ts';
import { callbackIn, deployedStage } from '../../commands/doctor/deployed-stage.ts';
import { type CheckName, type Diagnosis, diagnose, lineOf } from '../../commands/doctor/diagnose.ts';
import { addressOfFunction, addressOfThisComputer } from '../../commands/doctor/our-address.ts';
import { refusalIn } from '../../commands/doctor/refusal.ts';
import type { Setup } from '../../commands/doctor/setup.ts';
import { runDoctor } from '../../commands/doctor.ts';
import { refresher } from '../../functions/access-token/refresh.ts';
import { lambda } from '../../lib/aws/invoke.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { fetchToken } from '../../lib/wechat/api/token.ts';
import { readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import { listen } from '../../local/simulator/listen.ts';
import type { AccountState } from '../../local/simulator/state.ts';
import { tableDefinitions } from '../../local/tables.ts';
import { startLambda } from '../support/account.ts';
import { event } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

const MINUTE = 60_000;
const { appSecret, token, encodingAesKey } = SIMULATED_ACCOUNT;
const SESSION_SECRET = 'another secret of the tests, 32 bytes and more';

type Answer = { status: number; headers: Record<string, string>; body: string };
/** What stands between the webhook and whoever calls it. */
type Between = (answer: Answer, request: { url: string }) => Answer;

/** How a set-up is broken; nothing of it, and everything is right. */
type Broken = {
  between?: Between;
  token?: string;
  key?: string;
  callbackAppId?: string;
  appSecret?: string;
  allowed?: string[];
  /** How far the callback's clock is ahead. */
  ahead?: number;
  /** How far this computer's clock is ahead. */
  ourAhead?: number;
  /** How long the first answer takes. */
  takes?: number;
  noRightTo?: string[];
  setup?: Partial<Setup>;
  env?: Env;
};

const closing: (() => Promise<unknown>)[] = [];
let accounts = 0;

beforeAll(makeTables);
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The real webhook, the access-token function, the tables and the simulated WeChat, each behind its own HTTP server. */
async function aStage(broken: Broken = {}): Promise<Setup> {
  const appId = `wx${String(++accounts).padStart(16, '0')}`;
  const clock = { shift: broken.ourAhead ?? 0 };
  let { takes = 0 } = broken;
  const simulated = createSimulatedWeChat({ accounts: [{ ...SIMULATED_ACCOUNT, appId }] });
  const state = simulated.state.accounts[appId] as AccountState;
  state.allowed_ips = broken.allowed ?? null;
  for (const path of broken.noRightTo ?? []) {
    simulated.faults.push({ path, times: 9, fault: { kind: 'errcode', errcode: 48001 } });
  }
  const wechat = await listen(simulated, 0);
  const functions = await startLambda(accessTokenFunction(appId, wechat.url, broken.appSecret ?? appSecret));
  const codes: string[] = [];
  const callback = await serveCallback(appId, broken, codes, () => {
    clock.shift += takes;
    takes = 0;
  });
  closing.push(wechat.close, functions.close);
  const names = Object.keys(tableDefinitions());
  return {
    stage: 'local',
    url: callback,
    env: {
      WECHAT_APP_ID: appId,
      WECHAT_APP_SECRET: appSecret,
      WECHAT_TOKEN: token,
      WECHAT_ENCODING_AES_KEY: encodingAesKey,
      WECHAT_API_ORIGIN: wechat.url,
      SESSION_SECRET,
      ...broken.env,
    },
    refusalOf: async (requestId) => (requestId === 'request-1' ? codes.at(-1) : undefined),
    ourAddress: async () => addressOfThisComputer({}, wechat.url, fetch),
    invoke: lambda({ LAMBDA_ENDPOINT: functions.url }, 11_000),
    accessTokenFunction: 'wechat-server-local-access-token',
    db: database(),
    tables: Object.fromEntries(names.map((name) => [name, tableNamed(name)])),
    fetch: withinThisComputer,
    now: () => Date.now() + clock.shift,
    ...broken.setup,
  };
}

/** No test asks the world. */
const withinThisComputer: typeof fetch = (input, init) => {
  const { hostname } = new URL(String(input));
  if (hostname === '127.0.0.1' || hostname === 'localhost') return fetch(input, init);
  return Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENETUNREACH' } }));
};

function accessTokenFunction(appId: string, origin: string, secret: string) {
  const run = refresher({
    credentials: credentialsTable(database(), tableNamed('credentials'), appId),
    fetchToken: () => fetchToken({ appId, appSecret: secret, endpoint: 'stable_token', origin }),
    endpoint: 'stable_token',
  });
  return async (asked: unknown) => run(asked as object);
}

function serveCallback(appId: string, broken: Broken, codes: string[], onRequest: () => void): Promise<string> {
  const { between = (answer) => answer, ahead = 0, key = encodingAesKey } = broken;
  const keys = [readEncodingAesKey(key)];
  const now = () => Date.now() + ahead;
  const account = { appId: broken.callbackAppId ?? appId, token: broken.token ?? token, keys, mode: 'safe' as const };
  const handler = instance('safe', { account, now });
  return serve(async ({ url = '', method = 'GET' }, response) => {
    onRequest();
    const [path = '', query = ''] = url.split('?');
    const log = logged();
    const made = (await handler(event(`${method} ${path}`, { query }))) as APIGatewayProxyStructuredResultV2;
    log.stop();
    codes.push(...log.lines.flatMap((line) => JSON.parse(line).code ?? []));
    const { statusCode: status = 200, headers = {}, body: text = '' } = made;
    const identified = { 'apigw-requestid': 'request-1', ...(headers as Record<string, string>) };
    const answer = between({ status, headers: identified, body: text }, { url });
    response.writeHead(answer.status, { date: new Date(now()).toUTCString(), ...answer.headers }).end(answer.body);
  });
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
}

async function closedPort(): Promise<string> {
  const { port } = new URL(await serve(() => undefined));
  await closing.pop()?.();
  return port;
}

type Examined = Record<CheckName, Diagnosis>;

/** Every diagnosis by its name. Whatever is wrong, no secret may be in a line, and nothing may be two lines. */
async function examine(setup: Setup): Promise<Examined> {
  const found: Diagnosis[] = [];
  for await (const diagnosis of diagnose(async () => setup)) found.push(diagnosis);
  const lines = found.map(lineOf).join('\n');
  expect(lines.split('\n')).toHaveLength(9);
  for (const secret of [appSecret, token, encodingAesKey, SESSION_SECRET, 'signature=', 'access_token=']) {
    expect(lines).not.toContain(secret);
  }
  return Object.fromEntries(found.map((diagnosis) => [diagnosis.name, diagnosis])) as Examined;
}

const wrongIn = (found: Examined): string[] =>
  Object.values(found).flatMap(({ name, found }) => (found === 'wrong' ? [name] : []));

const changing =
  (change: (body: string) => string): Between =>
  (answer) => ({ ...answer, body: answer.status === 200 ? change(answer.body) : answer.body });

it('finds nothing wrong where nothing is, and records nothing', async () => {
  const found = await examine(await aStage());
  expect(Object.values(found).filter(({ found }) => found !== 'right')).toEqual([]);
  expect(found.callback.message).toContain('echoes byte for byte');
  expect(await everyInteraction()).toEqual([]);
});

describe('eight broken set-ups', () => {
  it.each<[string, Broken, CheckName, RegExp]>([
    [
      'a wrong Token',
      { token: 'OtherTok3n2026' },
      'signature',
      /it has another Token → .*Token of mp\.weixin\.qq\.com/,
    ],
    [
      'quotes around the echo',
      { between: changing(JSON.stringify) },
      'callback',
      /puts quotes around the echo → .*JSON/,
    ],
    [
      'a redirect',
      {
        between: (answer, { url }) => ({ ...answer, status: 301, headers: { location: url.replace('?', '/?') } }),
      },
      'callback',
      /redirects \(HTTP 301\) to http:\/\/127\.0\.0\.1:\d+\/webhook\/, .*→ enter the final address/,
    ],
    [
      'a BOM',
      { between: changing((body) => `\uFEFF${body}`) },
      'callback',
      /byte order mark \(BOM\) before the echo →/,
    ],
    ['a slow callback', { takes: 4_000 }, 'callback', /took \d{4} ms to respond; WeChat hangs up after 5000 →/],
    [
      'a wrong AppSecret',
      { appSecret: '00000000000000000000000000000000' },
      'access_token',
      /40125 bad AppSecret AppSecret 无效 → Set WECHAT_APP_SECRET/,
    ],
    [
      'an address that is not allowed',
      { allowed: ['203.0.113.9'] },
      'access_token',
      /40164 .*不在白名单中; WeChat saw 127\.0\.0\.1; ours: 127\.0\.0\.1, this computer → enter 127\.0\.0\.1 at mp\.weixin\.qq\.com → 设置与开发 → 基本配置 → IP白名单/,
    ],
    [
      'a clock ten minutes off',
      { ahead: 10 * MINUTE },
      'clock',
      /the callback's clock is 10 min ahead of WeChat's; .*→ .*NTP/,
    ],
  ])('%s is told, and nothing else', async (_, broken, name, says) => {
    const found = await examine(await aStage(broken));
    expect(wrongIn(found)).toEqual([name]);
    expect(found[name].message).toMatch(says);
  });
});

describe('the callback', () => {
  it.each<[string, Between, RegExp]>([
    ['a line break', changing((body) => `${body}\n`), /adds a line break or white space/],
    ['nothing', changing(() => ''), /responds with nothing/],
    ['a page', changing(() => '<!doctype html><title>Just a moment</title>'), /a page instead of the echo/],
    ['a number', changing((body) => String(Number(body))), /as a number and spoils its last digits/],
    ['success', changing(() => 'success'), /7 other bytes came for 19/],
    ['404', (answer) => ({ ...answer, status: 404 }), /HTTP 404 → the address must end in \/webhook/],
    ['a firewall', () => ({ status: 403, headers: {}, body: 'Forbidden' }), /HTTP 403 → .*firewall/],
    ['a login', () => ({ status: 401, headers: {}, body: 'Sign in' }), /HTTP 401 → .*login/],
    ['429', () => ({ status: 429, headers: {}, body: '' }), /HTTP 429 → it is throttled/],
    ['500', () => ({ status: 500, headers: {}, body: '' }), /HTTP 500 → the server fails: see the terminal/],
    ['a redirect to nowhere', () => ({ status: 302, headers: {}, body: '' }), /redirects \(HTTP 302\) to nowhere/],
  ])('is wrong when it answers %s', async (_, between, says) => {
    const found = await examine(await aStage({ between }));
    expect(wrongIn(found)).toEqual(['callback']);
    expect(found.callback.message).toMatch(says);
    expect(found.signature.message).toBe('skipped: needs callback');
    expect(found.encryption.message).toBe('skipped: needs signature');
    expect(found.access_token.found).toBe('right');
  });

  it.each<[string, string | undefined, RegExp]>([
    ['nobody knows where it is', undefined, /give it: --url/],
    ['its address is none', 'webhook', /--url is not an http\(s\) URL/],
    ['WeChat does not call its port', 'https://example.com:8443/webhook', /no port but 80 and 443, not 8443/],
  ])('is wrong when %s', async (_, url, says) => {
    const found = await examine(await aStage({ setup: { url } }));
    expect(found.callback.message).toMatch(says);
    expect(found.clock.found).toBe('right');
  });

  it('is wrong when it does not run', async () => {
    const found = await examine(await aStage({ setup: { url: `http://127.0.0.1:${await closedPort()}/webhook` } }));
    expect(found.callback.message).toMatch(
      /cannot be reached \(ECONNREFUSED\) → start it in another terminal: npm start/,
    );
  });

  it.each([
    ['TimeoutError', undefined, /does not respond/],
    ['TypeError', 'CERT_HAS_EXPIRED', /the certificate of https:\/\/example\.com\/webhook is not valid/],
    ['TypeError', 'ENOTFOUND', /the name in https:\/\/example\.com\/webhook is not known/],
    ['TypeError', 'ECONNRESET', /cannot be reached \(ECONNRESET\) → see that the server runs/],
  ])('tells a failure of the network: %s %s', async (name, code, says) => {
    const failing: typeof fetch = async () => {
      throw Object.assign(new Error('fetch failed', { cause: { code } }), { name });
    };
    const setup = await aStage({ setup: { url: 'https://example.com/webhook', fetch: failing } });
    expect((await examine(setup)).callback.message).toMatch(says);
  });
});

describe('signature and encryption', () => {
  it('are wrong where every signature is accepted', async () => {
    const echoing: Between = (_, { url }) => {
      return { status: 200, headers: {}, body: new URL(url, 'http://localhost').searchParams.get('echostr') ?? '' };
    };
    const found = await examine(await aStage({ between: echoing }));
    expect(wrongIn(found)).toEqual(['signature']);
    expect(found.signature.message).toContain('accepts a wrong signature, too');
  });

  it.each<[string, Broken, RegExp]>([
    ['EncodingAESKey', { key: `B${encodingAesKey.slice(1)}` }, /cannot decrypt with WECHAT_ENCODING_AES_KEY/],
    ['AppID', { callbackAppId: 'wxother0000000000' }, /the callback has another WECHAT_APP_ID/],
  ])('tell another %s at the callback', async (_, broken, says) => {
    const found = await examine(await aStage(broken));
    expect(wrongIn(found)).toEqual(['encryption']);
    expect(found.encryption.message).toMatch(says);
  });

  it.each<[string, Broken]>([
    ['cannot be read', { setup: { refusalOf: async () => undefined } }],
    ['is not known, as behind a proxy', { between: (answer) => ({ ...answer, headers: {} }) }],
  ])('tell of both where the reason in the log %s', async (_, broken) => {
    const found = await examine(await aStage({ callbackAppId: 'wxother0000000000', ...broken }));
    expect(wrongIn(found)).toEqual(['encryption']);
    expect(found.encryption.message).toContain('another WECHAT_ENCODING_AES_KEY or WECHAT_APP_ID');
  });

  it('need no EncodingAESKey in plain mode', async () => {
    const found = await examine(await aStage({ env: { WECHAT_ENCODING_AES_KEY: '' } }));
    expect(wrongIn(found)).toEqual([]);
    expect(found.configuration.message).toContain('plain mode');
    expect(found.encryption.message).toBe('skipped: in plain mode there is no EncodingAESKey');
  });

  it("do not blame the Token for this computer's clock", async () => {
    const found = await examine(await aStage({ ourAhead: -10 * MINUTE }));
    expect(wrongIn(found)).toEqual(['clock']);
    expect(found.signature.message).toContain('skipped: needs a correct clock');
    expect(found.clock.message).toContain("this computer's clock is 10 min behind WeChat's");
  });

  it('blame the Token where the clock is wrong, too', async () => {
    const found = await examine(await aStage({ ahead: 10 * MINUTE, token: 'OtherTok3n2026' }));
    expect(wrongIn(found)).toEqual(['signature', 'clock']);
  });
});

describe('configuration and secrets', () => {
  it.each<[string, Env, CheckName, RegExp]>([
    ['a setting', { WECHAT_MESSAGE_MODE: 'secure' }, 'configuration', /WECHAT_MESSAGE_MODE must be one of/],
    ['an AppID', { WECHAT_APP_ID: 'gh_0123456789ab' }, 'configuration', /WECHAT_APP_ID is not wx and 16 characters/],
    ['a missing secret', { WECHAT_APP_SECRET: '' }, 'secrets', /WECHAT_APP_SECRET is not set → set it in \.env/],
    [
      'an unresolved secret',
      { WECHAT_TOKEN: '{{resolve:secretsmanager:x}}' },
      'secrets',
      /WECHAT_TOKEN is a reference/,
    ],
    ['a short key', { WECHAT_ENCODING_AES_KEY: 'abc' }, 'secrets', /WECHAT_ENCODING_AES_KEY must be the 43 characters/],
    [
      'a mode without its key',
      { WECHAT_MESSAGE_MODE: 'safe', WECHAT_ENCODING_AES_KEY: '' },
      'secrets',
      /safe mode has no WECHAT_ENCODING_AES_KEY/,
    ],
  ])('tell %s', async (_, env, name, says) => {
    const found = await examine(await aStage({ env }));
    expect(wrongIn(found)).toEqual([name]);
    expect(found[name].message).toMatch(says);
    expect(found.callback.message).toBe(`skipped: needs ${name}`);
  });
});

describe('the access_token', () => {
  it('is asked of WeChat although a good one is kept', async () => {
    const setup = await aStage();
    expect((await examine(setup)).access_token.message).toMatch(/^WeChat issues it, 1\d\d minutes left$/);
    const { WECHAT_APP_ID: appId = '', WECHAT_API_ORIGIN: origin = '' } = setup.env;
    const functions = await startLambda(accessTokenFunction(appId, origin, 'reset'));
    closing.push(functions.close);
    const item = { TableName: tableNamed('credentials'), Key: { pk: `access-token#${appId}` } };
    await database().send(new UpdateCommand({ ...item, UpdateExpression: 'REMOVE refused_until' }));
    const found = await examine({ ...setup, invoke: lambda({ LAMBDA_ENDPOINT: functions.url }, 11_000) });
    expect(wrongIn(found)).toEqual(['access_token']);
    expect(found.access_token.message).toContain('40125');
  });

  it('is left as it is where asking would make another', async () => {
    const found = await examine(await aStage({ env: { WECHAT_TOKEN_ENDPOINT: 'token' } }));
    expect(found.access_token.message).toMatch(/^stored, 1\d\d minutes left$/);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'does not know its configuration',
      async () => Promise.reject(new Error('Configuration: WECHAT_APP_SECRET is not set')),
      /no token: Configuration: WECHAT_APP_SECRET is not set →/,
    ],
    ['fails', async () => Promise.reject(new Error('secret=hush')), /no token: it ended with Unhandled →/],
    ['answers nothing', async () => ({}), /no token: it ended with no token →/],
    [
      'does not reach WeChat',
      async () => ({ error: { reason: 'too_slow', errcode: 504, errmsg: 'WeChat is too slow', detail: '4 s.' } }),
      /WeChat is too slow\. 4 s\. → see that this computer reaches it/,
    ],
  ])('is not to be had when the function %s', async (_, run, says) => {
    const functions = await startLambda(run);
    closing.push(functions.close);
    const setup = await aStage({ setup: { invoke: lambda({ LAMBDA_ENDPOINT: functions.url }, 1_000) } });
    const found = await examine(setup);
    expect(wrongIn(found)).toEqual(['access_token']);
    expect(found.access_token.message).toMatch(says);
    expect(found.rights.message).toBe('skipped: needs access_token');
  });
});

it('lists each API that the account has no right to', async () => {
  const found = await examine(await aStage({ noRightTo: ['/cgi-bin/menu/get', '/cgi-bin/user/get'] }));
  expect(wrongIn(found)).toEqual(['rights']);
  expect(found.rights.message).toMatch(
    /menu \(\/cgi-bin\/menu\/get\): 48001 .*接口未授权 · followers.*user\/get\): 48001/,
  );
  expect(found.rights.message).toContain('微信认证');
  expect(found.rights.message).not.toContain('tags/get');
});

it('tells tables that are missing', async () => {
  const found = await examine(await aStage({ setup: { tables: { audit: tableNamed('audit'), pending: 'no-such' } } }));
  expect(wrongIn(found)).toEqual(['tables']);
  expect(found.tables.message).toBe('no-such: missing → restart npm start, which creates them');
});

describe('our address', () => {
  it.each<[string, Env, { SubnetIds?: string[] }, string]>([
    ['directly', {}, {}, "Lambda's own changes"],
    ['by a NAT gateway', { HTTPS_PROXY: '' }, { SubnetIds: ['subnet-1', 'subnet-2'] }, 'subnet-1, subnet-2'],
    ['by a proxy', { HTTPS_PROXY: 'http://me:hush@198.51.100.7:3128' }, {}, 'the proxy 198.51.100.7:3128'],
  ])('of a function that goes out %s', (_, env, network, says) => {
    expect(addressOfFunction(env, network)).toContain(says);
    expect(addressOfFunction(env, network)).not.toContain('hush');
  });

  it('of this computer is what others see', async () => {
    const mirror =
      (text: string): typeof fetch =>
      async () =>
        new Response(text);
    const origin = 'https://api.weixin.qq.com';
    expect(await addressOfThisComputer({}, origin, mirror('198.51.100.7\n'))).toContain('198.51.100.7,');
    expect(await addressOfThisComputer({}, origin, mirror('<html>'))).toBe("this computer's");
  });
});

describe('npm run doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function run(args: string[], env: Env = {}) {
    const lines: string[] = [];
    const code = await runDoctor(args, { env, print: (line) => void lines.push(line) });
    return { code, printed: lines.join('\n') };
  }

  it('says how it is used', async () => {
    expect(await run(['--help'])).toEqual({
      code: 0,
      printed: expect.stringMatching(/^npm run doctor -- --stage prod/),
    });
    for (const [args, problem] of [
      [[], '--stage is missing'],
      [['--stag', 'local'], "Unknown option '--stag'"],
      [['--stage'], "Option '--stage <value>' argument missing"],
      [['--stage', 'local', 'now'], 'Unexpected argument'],
    ] as const) {
      const { code, printed } = await run([...args]);
      expect(code).toBe(2);
      expect(printed).toContain(problem);
      expect(printed).toContain('npm run doctor -- --stage prod');
    }
  });

  it('says that npm start never ran, and makes up no secrets', async () => {
    const { code, printed } = await run(['--stage', 'local'], { LOCAL_DATA_DIR: folder });
    expect(code).toBe(1);
    expect(printed).toMatch(/^✗ configuration npm start is not running: it has never run here/);
    expect(printed).toMatch(/– tables {8}skipped: needs configuration\n1 wrong\.$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says that npm start does not run', async () => {
    const kept = { session_secret: SESSION_SECRET, admin_password: 'none' };
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify(kept));
    const PORT = await closedPort();
    const { printed } = await run(['--stage', 'local'], { LOCAL_DATA_DIR: folder, PORT });
    expect(printed).toContain(`✗ configuration npm start is not running: nothing responds at http://localhost:${PORT}`);
    expect((await run(['--stage', 'local'], { LOCAL_DATA_DIR: folder, PORT: 'x' })).printed).toContain('PORT must be');
  });

  it('runs from the command line', async () => {
    const args = ['--import', 'tsx', join(process.cwd(), 'commands/doctor.ts'), '--stage', 'local'];
    const env = { ...process.env, LOCAL_DATA_DIR: join(folder, 'none') };
    const { code, stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
    expect(code).toBe(1);
    expect(stdout).toContain('npm start is not running');
  });
});

describe('a deployed stage', () => {
  /** Lambda's API as far as the doctor asks it: every function's configuration, and the webhook's policy. */
  async function aws(answers: Record<string, { status?: number; body: object }>) {
    const url = await serve(({ url = '' }, response) => {
      const [, name = ''] = /functions\/wechat-server-prod-([\w-]+\/\w+)/.exec(url) ?? [];
      const { status = 404, body } = answers[name] ? { status: 200, ...answers[name] } : { body: {} };
      const error =
        status === 200
          ? {}
          : { 'x-amzn-errortype': status === 404 ? 'ResourceNotFoundException' : 'AccessDeniedException' };
      response.writeHead(status, { 'content-type': 'application/json', ...error }).end(JSON.stringify(body));
    });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return new LambdaClient({ endpoint: new URL(url).origin, region: 'local', credentials, maxAttempts: 1 });
  }

  const POLICY = JSON.stringify({
    Statement: [{ Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:execute-api:eu-west-1:000000000000:abc123/*' } } }],
  });
  const variables = (Variables: Env, more: object = {}) => ({ body: { Environment: { Variables }, ...more } });
  const WHOLE = {
    'webhook/configuration': variables({ WECHAT_TOKEN: token }),
    'access-token/configuration': variables(
      { WECHAT_APP_SECRET: appSecret },
      { VpcConfig: { SubnetIds: ['subnet-1'] } },
    ),
    'operators/configuration': variables({ SESSION_SECRET }),
    'webhook/policy': { body: { Policy: POLICY } },
  };
  const read = async (answers: Parameters<typeof aws>[0], url?: string) => {
    const client = await aws(answers);
    return deployedStage({ stage: 'prod', url, region: 'eu-west-1', fetch, now: Date.now, client });
  };

  it("is read from its functions' configuration, and the address from the webhook's policy", async () => {
    const setup = await read(WHOLE);
    expect(setup.env).toEqual({ WECHAT_TOKEN: token, WECHAT_APP_SECRET: appSecret, SESSION_SECRET });
    expect(setup.url).toBe('https://abc123.execute-api.eu-west-1.amazonaws.com/webhook');
    expect(setup.tables['reply-rules']).toBe('wechat-server-prod-reply-rules');
    expect(await setup.ourAddress()).toContain('subnet-1');
    expect((await read(WHOLE, 'https://example.com/webhook')).url).toBe('https://example.com/webhook');
  });

  it.each<[string, unknown[], string | undefined]>([
    ['at once', [{ events: [{ message: '{"code":"appid"}' }] }], 'appid'],
    ['late', [{ events: [] }, { events: [{ message: 'START' }, { message: '{"code":"padding"}' }] }], 'padding'],
    ['never', [], undefined],
    ['not to us', Array.from({ length: 8 }, () => new Error('AccessDeniedException')), undefined],
  ])('tells %s in its log why it refused', async (_, answers, code) => {
    const asked: unknown[] = [];
    const slept: number[] = [];
    const client = {
      send: async ({ input }: { input: unknown }) => {
        asked.push(input);
        const answer = answers.shift() ?? {};
        if (answer instanceof Error) throw answer;
        return answer;
      },
    } as never;
    const ports = { region: 'r', now: () => 90_000, sleep: async (ms: number) => slept.push(ms), client };
    expect(await refusalIn('/aws/lambda/wechat-server-prod-webhook', 'Ab-1=', ports)).toBe(code);
    expect(asked[0]).toEqual({
      logGroupName: '/aws/lambda/wechat-server-prod-webhook',
      filterPattern: '{ $.request_id = "Ab-1=" }',
      startTime: 30_000,
    });
    expect(slept).toHaveLength(asked.length - 1);
  });

  it('says that its variables are encrypted, when the key of the stack may not be used', async () => {
    const Environment = { Error: { ErrorCode: 'AccessDeniedException', Message: 'kms:Decrypt' } };
    const { value } = await diagnose(() =>
      read({ ...WHOLE, 'operators/configuration': { body: { Environment } } }),
    ).next();
    expect(lineOf(value as Diagnosis)).toMatch(
      /AWS does not show you the variables of wechat-server-prod-operators .* → you need kms:Decrypt on EnvironmentKey/,
    );
  });

  it('has an unknown address when its policy may not be read', async () => {
    expect((await read({ ...WHOLE, 'webhook/policy': { status: 403, body: {} } })).url).toBeUndefined();
  });

  it.each<[string, number, RegExp]>([
    ['is not deployed', 404, /there is no function wechat-server-prod-webhook in eu-west-1 → npx serverless deploy/],
    ['may not be read', 403, /your AWS credentials may not read wechat-server-prod-webhook → you need lambda:Get/],
  ])('that %s is said so', async (_, status, says) => {
    const answers = { ...WHOLE, 'webhook/configuration': { status, body: {} } };
    const { value } = await diagnose(() => read(answers)).next();
    expect(lineOf(value as Diagnosis)).toMatch(says);
  });

  it.each([
    [
      'in China',
      'arn:aws-cn:execute-api:cn-north-1:000000000000:abc/*',
      'https://abc.execute-api.r.amazonaws.com.cn/webhook',
    ],
    ['of two APIs', 'arn:aws:execute-api:r:0:abc/* arn:aws:execute-api:r:0:def/*', undefined],
    ['of no API', 'arn:aws:events:r:0:rule/x', undefined],
  ])('has the address %s that its policy names', (_, policy, url) => {
    expect(callbackIn(policy, 'r')).toBe(url);
  });
});
