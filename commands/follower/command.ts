import { readFileSync } from 'node:fs';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Account, SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { command, type Terminal, UsageError } from '../command.ts';
import { type Doing, deliveryXml, eventKeyOf } from './delivery.ts';
import { type Attempt, MODES, type Mode, type Pushed, push } from './push.ts';

const USAGE = `npm run follower -- "你好"                          a text message
npm run follower -- --event subscribe               --scene shop-42 when a QR code led there
npm run follower -- --event CLICK --key V1001_GOOD  a tap on the menu
npm run follower -- --event SCAN --scene shop-42    a scan by a follower
npm run follower -- --type image                    voice, video, shortvideo, location, link
npm run follower -- --tap ID 看回答                  a tap on a link or choice that the account sent
npm run follower -- --xml delivery.xml              a delivery of your own

--openid ID   who follows           --mode safe|plain|compatible   as set at mp.weixin.qq.com
--repeat 3    the same, at once     --url URL                      the callback, default http://localhost:3000/webhook
--wait 5      seconds to wait for what the account sends besides the reply
--try 1       how often WeChat tries, 3 unless said   --patience 2     seconds before it hangs up, 5 unless said`;

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

type Surroundings = Terminal & { now?: () => number; fetch?: typeof fetch };

type Told = Surroundings & { simulator: string; fetch: typeof fetch };

const act = command(
  { usage: USAGE, options: OPTIONS, hasWords: true },
  async ({ values, words }, surroundings: Surroundings) => {
    const { env, print, now = Date.now, fetch = globalThis.fetch } = surroundings;
    const account = accountFrom(env);
    const mode = modeFrom(values.mode ?? env.WECHAT_MESSAGE_MODE, env);
    const port = Number(env.PORT || 3000);
    const url = values.url ?? `http://localhost:${port}/webhook`;
    const told = { ...surroundings, fetch, simulator: env.WECHAT_API_ORIGIN || `http://localhost:${port + 1}` };

    const doing: Doing = { ...values, originalId: account.originalId, text: words.join(' ') };
    const xml = values.xml === undefined ? deliveryXml(doing, now()) : readFileSync(values.xml, 'utf8').trim();
    if (values.xml === undefined) await tell(told, doing);
    const before = (await sentTo(told, doing.openid)).length;

    print(`→ ${url} (${mode} mode)\n${xml}\n`);
    const patience = { attempts: count(values.try, '--try'), timeoutMs: 1_000 * count(values.patience, '--patience') };
    const delivery = { url, account, mode, xml, now, fetch, ...patience };
    const all = await Promise.all(Array.from({ length: count(values.repeat, '--repeat') }, () => push(delivery)));
    all.forEach((pushed, index) => {
      describe(pushed, all.length > 1 ? `delivery ${index + 1}, ` : '', print);
    });
    if (all.length > 1) print(alike(all) ? `all ${all.length} answers are the same` : 'THE ANSWERS DIFFER');
    await showSent(told, doing.openid, before, count(values.wait, '--wait'));
    return all.every(isAccepted) ? 0 : 1;
  },
);

/** What `npm run follower` does; 1 if a delivery was not accepted. */
export const runFollower = (args: readonly string[], surroundings: Surroundings): Promise<number> =>
  act(args.length === 0 ? ['--help'] : args, surroundings);

/** The account that `.env` describes; what it leaves out is the simulated account's. */
function accountFrom(env: Surroundings['env']): Account {
  return {
    ...SIMULATED_ACCOUNT,
    appId: env.WECHAT_APP_ID || SIMULATED_ACCOUNT.appId,
    token: env.WECHAT_TOKEN || SIMULATED_ACCOUNT.token,
    encodingAesKey: env.WECHAT_ENCODING_AES_KEY || SIMULATED_ACCOUNT.encodingAesKey,
  };
}

/** Without a key of its own, an account of one's own is in plain mode. */
function modeFrom(asked: string | undefined, env: Surroundings['env']): Mode {
  const otherwise = env.WECHAT_APP_ID && !env.WECHAT_ENCODING_AES_KEY ? 'plain' : 'safe';
  const mode = MODES.find((known) => known === (asked || otherwise));
  if (!mode) throw new UsageError(`--mode must be one of ${MODES.join(', ')}`);
  return mode;
}

function count(text: string, name: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`${name} must be a whole number`);
  return Number(text);
}

function describe({ attempts, shown }: Pushed, prefix: string, print: Surroundings['print']): void {
  attempts.forEach((attempt, index) => {
    print(`← ${prefix}attempt ${index + 1}, ${attempt.latencyMs} ms: ${summaryOf(attempt)}`);
  });
  print(shown === '' ? '   the follower sees nothing' : `   the follower sees: ${shown}`);
  showTaps(shown, print);
}

/** How to tap what can be tapped. */
function showTaps(text: string, print: Surroundings['print']): void {
  for (const [, content, id] of text.matchAll(/weixin:\/\/bizmsgmenu\?msgmenucontent=([^&"']*)&msgmenuid=([\w-]+)/g))
    print(`   to tap it: npm run follower -- --tap ${id} ${content}`);
}

function summaryOf({ status, answer, why }: Attempt): string {
  const received = answer === '' ? 'an empty answer' : answer;
  if (why === '') return `HTTP ${status} ${received}`;
  return answer === '' ? why : `${why}: ${answer}`;
}

function alike(all: readonly Pushed[]): boolean {
  return new Set(all.map(({ attempts }) => attempts.at(-1)?.answer)).size === 1;
}

function isAccepted({ attempts }: Pushed): boolean {
  return attempts.at(-1)?.outcome === 'accepted';
}

/** Lets the simulated WeChat know, if it runs, that the follower acted, so that the account may write to them. */
async function tell(told: Told, doing: Doing): Promise<void> {
  const { openid, type, event } = doing;
  const msgtype = event === undefined ? type : 'event';
  await askSimulator(told, '/simulator/followers', { openid, msgtype, event, eventkey: eventKeyOf(doing) });
}

async function sentTo(told: Told, openid: string): Promise<unknown[]> {
  const answer = await askSimulator(told, `/simulator/sent?openid=${encodeURIComponent(openid)}`);
  return Array.isArray(answer?.sent) ? answer.sent : [];
}

async function showSent(told: Told, openid: string, before: number, seconds: number): Promise<void> {
  if (seconds > 0) await sleepFor(seconds * 1000);
  const arrived = (await sentTo(told, openid)).slice(before) as { message: unknown }[];
  for (const { message } of arrived) {
    told.print(`   the account sent: ${JSON.stringify(message)}`);
    showTaps(String(Object(Object(message).text).content ?? ''), told.print);
  }
}

/** A real WeChat is never asked, and no simulator is no trouble. */
async function askSimulator({ simulator, fetch }: Told, path: string, body?: object) {
  if (new URL(simulator).hostname.endsWith('weixin.qq.com')) return undefined;
  const post = body && { method: 'POST', body: JSON.stringify(body) };
  try {
    const response = await fetch(simulator + path, { ...post, signal: AbortSignal.timeout(500) });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
