import { readFileSync } from 'node:fs';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Account, SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { command, type Terminal, UsageError } from '../command.ts';
import { deliveryXml, eventKeyOf, type SimulatedAction } from './delivery.ts';
import { type Attempt, MODES, type Mode, type PushResult, push } from './push.ts';

const USAGE = `npm run follower -- "你好"                          a text message
npm run follower -- --event subscribe               --scene shop-42 when a QR code led there
npm run follower -- --event CLICK --key V1001_GOOD  a tap on the menu
npm run follower -- --event SCAN --scene shop-42    a scan by a follower
npm run follower -- --type image                    voice, video, shortvideo, location, link
npm run follower -- --tap ID 看回答                  a tap on a link or choice that the account sent
npm run follower -- --xml delivery.xml              a delivery of your own

--openid ID   the follower          --mode safe|plain|compatible   as set at mp.weixin.qq.com
--repeat 3    copies sent at once   --url URL                      the callback, default http://localhost:3000/webhook
--wait 5      seconds to wait for messages of the account besides the reply
--try 1       WeChat's attempts, default 3   --patience 2     seconds before it hangs up, default 5`;

const OPTIONS = {
  event: { type: 'string' },
  key: { type: 'string' },
  scene: { type: 'string' },
  type: { type: 'string', default: 'text' },
  tap: { type: 'string' },
  xml: { type: 'string' },
  openid: { type: 'string', default: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M' },
  mode: { type: 'string' },
  repeat: { type: 'string', default: '1' },
  wait: { type: 'string', default: '0' },
  try: { type: 'string', default: '3' },
  patience: { type: 'string', default: '5' },
  url: { type: 'string' },
} as const;

type CliContext = Terminal & { now?: () => number; fetch?: typeof fetch };

type PushContext = CliContext & { simulator: string; fetch: typeof fetch };

const act = command({ usage: USAGE, options: OPTIONS, hasWords: true }, async ({ values, words }, cli: CliContext) => {
  const { env, print, now = Date.now, fetch = globalThis.fetch } = cli;
  const account = accountFrom(env);
  const mode = modeFrom(values.mode ?? env.WECHAT_MESSAGE_MODE, env);
  const port = Number(env.PORT || 3000);
  const url = values.url ?? `http://localhost:${port}/webhook`;
  const context = { ...cli, fetch, simulator: env.WECHAT_API_ORIGIN || `http://localhost:${port + 1}` };

  const action: SimulatedAction = { ...values, originalId: account.originalId, text: words.join(' ') };
  const xml = values.xml === undefined ? deliveryXml(action, now()) : readFileSync(values.xml, 'utf8').trim();
  if (values.xml === undefined) await reportAction(context, action);
  const before = (await sentTo(context, action.openid)).length;

  print(`→ ${url} (${mode} mode)\n${xml}\n`);
  const patience = { attempts: count(values.try, '--try'), timeoutMs: 1_000 * count(values.patience, '--patience') };
  const delivery = { url, account, mode, xml, now, fetch, ...patience };
  const all = await Promise.all(Array.from({ length: count(values.repeat, '--repeat') }, () => push(delivery)));
  all.forEach((pushed, index) => {
    describe(pushed, all.length > 1 ? `delivery ${index + 1}, ` : '', print);
  });
  if (all.length > 1) print(areEqual(all) ? `all ${all.length} responses are the same` : 'THE RESPONSES DIFFER');
  await showSent(context, action.openid, before, count(values.wait, '--wait'));
  return all.every(isAccepted) ? 0 : 1;
});

/** Runs `npm run follower`. Exit code 1 if a delivery was not accepted. */
export const runFollower = (args: readonly string[], cli: CliContext): Promise<number> =>
  act(args.length === 0 ? ['--help'] : args, cli);

/** The account in `.env`; missing values are those of the simulated account. */
function accountFrom(env: CliContext['env']): Account {
  return {
    ...SIMULATED_ACCOUNT,
    appId: env.WECHAT_APP_ID || SIMULATED_ACCOUNT.appId,
    token: env.WECHAT_TOKEN || SIMULATED_ACCOUNT.token,
    encodingAesKey: env.WECHAT_ENCODING_AES_KEY || SIMULATED_ACCOUNT.encodingAesKey,
  };
}

/** The mode: by default safe, but plain for an account in `.env` without a key. */
function modeFrom(option: string | undefined, env: CliContext['env']): Mode {
  const otherwise = env.WECHAT_APP_ID && !env.WECHAT_ENCODING_AES_KEY ? 'plain' : 'safe';
  const mode = MODES.find((known) => known === (option || otherwise));
  if (!mode) throw new UsageError(`--mode must be one of ${MODES.join(', ')}`);
  return mode;
}

function count(text: string, name: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`${name} must be a whole number`);
  return Number(text);
}

function describe({ attempts, shown }: PushResult, prefix: string, print: CliContext['print']): void {
  attempts.forEach((attempt, index) => {
    print(`← ${prefix}attempt ${index + 1}, ${attempt.latencyMs} ms: ${summaryOf(attempt)}`);
  });
  print(shown === '' ? '   the follower sees nothing' : `   the follower sees: ${shown}`);
  showTaps(shown, print);
}

/** Prints the commands to tap the links in a text. */
function showTaps(text: string, print: CliContext['print']): void {
  for (const [, content, id] of text.matchAll(/weixin:\/\/bizmsgmenu\?msgmenucontent=([^&"']*)&msgmenuid=([\w-]+)/g))
    print(`   to tap it: npm run follower -- --tap ${id} ${content}`);
}

function summaryOf({ status, body, why }: Attempt): string {
  const received = body === '' ? 'an empty response' : body;
  if (why === '') return `HTTP ${status} ${received}`;
  return body === '' ? why : `${why}: ${body}`;
}

function areEqual(all: readonly PushResult[]): boolean {
  return new Set(all.map(({ attempts }) => attempts.at(-1)?.body)).size === 1;
}

function isAccepted({ attempts }: PushResult): boolean {
  return attempts.at(-1)?.outcome === 'accepted';
}

/** Reports the follower's action to the simulated WeChat, if it runs, so that the account may send messages. */
async function reportAction(context: PushContext, action: SimulatedAction): Promise<void> {
  const { openid, type, event } = action;
  const msgtype = event === undefined ? type : 'event';
  await callSimulator(context, '/simulator/followers', { openid, msgtype, event, eventkey: eventKeyOf(action) });
}

async function sentTo(context: PushContext, openid: string): Promise<unknown[]> {
  const body = await callSimulator(context, `/simulator/sent?openid=${encodeURIComponent(openid)}`);
  return Array.isArray(body?.sent) ? body.sent : [];
}

async function showSent(context: PushContext, openid: string, before: number, seconds: number): Promise<void> {
  if (seconds > 0) await sleepFor(seconds * 1000);
  const arrived = (await sentTo(context, openid)).slice(before) as { message: unknown }[];
  for (const { message } of arrived) {
    context.print(`   the account sent: ${JSON.stringify(message)}`);
    showTaps(String(Object(Object(message).text).content ?? ''), context.print);
  }
}

/** Calls the simulator, if it runs; never a real WeChat. */
async function callSimulator({ simulator, fetch }: PushContext, path: string, body?: object) {
  if (new URL(simulator).hostname.endsWith('weixin.qq.com')) return undefined;
  const post = body && { method: 'POST', body: JSON.stringify(body) };
  try {
    const response = await fetch(simulator + path, { ...post, signal: AbortSignal.timeout(500) });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
