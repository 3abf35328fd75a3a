import { mkdtemp, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { closed, listening, portOf } from '../../local/listening.ts';
import { localDatabase } from '../../local/settings.ts';
import { environmentOfAUser, freePorts, type Started, startAsAUser, tidyUp } from '../local/started.ts';
import { launchChromium } from './chromium.ts';

/** Of the page (`evil.js`). */
declare const window: { tryEverything: (urls: readonly string[]) => Promise<string[]> };

let port: number;
let folder: string;
let service: Started;
let browser: Browser;
let evil: Server;
let context: BrowserContext;
/** What the service's ports answered to pages, as `status address`. */
let answered: string[];

/** What is served of a running `npm start`, beside the port of its API. */
const PATHS: readonly (readonly [number, string])[] = [
  [0, '/'],
  [0, '/console'],
  [0, '/api/v0.1/login'],
  [0, '/api/v0.1/operators/register'],
  [1, '/simulator/state'],
  [1, '/simulator/faults'],
  [1, '/simulator/followers'],
  [1, '/cgi-bin/stable_token'],
  [2, '/'],
  [3, '/2015-03-31/functions/wechat-server-local-access-token/invocations'],
];

const addresses = (host: string) => PATHS.map(([at, path]) => `http://${host}:${port + at}${path}`);

const script = () => readFile('test/browser/evil.js', 'utf8');
const pageOf = async () => `<!doctype html><meta charset="utf-8"><body><script>${await script()}</script>`;

/** All that a page could change: what the tables hold, and the simulated WeChat. */
async function everything(): Promise<unknown> {
  const db = documentClient({ DYNAMODB_ENDPOINT: localDatabase(environmentOfAUser(port, folder)) });
  const tables = ['operators', 'interactions', 'audit', 'reply-rules', 'pending'];
  const held = tables.map(async (table) => {
    const { Items = [] } = await db.send(new ScanCommand({ TableName: `wechat-server-local-${table}` }));
    return [table, Items];
  });
  const simulator = (path: string) => fetch(`http://localhost:${port + 1}/simulator/${path}`).then((it) => it.json());
  const { accounts } = (await simulator('state')) as { accounts: Record<string, { tokens: unknown; usage: unknown }> };
  const states = Object.values(accounts).map(({ tokens, usage, ...rest }) => rest);
  return [Object.fromEntries(await Promise.all(held)), states, await simulator('faults')];
}

async function open(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const tryAll = (page: Page | Frame, urls: readonly string[]): Promise<string[]> =>
  page.evaluate((all) => window.tryEverything(all), urls);

beforeAll(async () => {
  browser = await launchChromium();
  port = await freePorts();
  folder = await mkdtemp(join(tmpdir(), 'wechat-server-'));
  const page = await pageOf();
  evil = await listening((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  }, 0);
  service = await startAsAUser(port, folder);
}, 150_000);
afterAll(async () => {
  await browser?.close();
  if (evil) await closed(evil);
  await tidyUp(port, folder, service);
}, 60_000);

/** Its user is signed in, so that its cookies go wherever a browser lets them. */
beforeEach(async () => {
  context = await browser.newContext();
  const own = await open(`http://localhost:${port}/api/v0.1/login`);
  const { admin_password } = JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8'));
  const signedIn = await own.evaluate(async (password) => {
    const body = JSON.stringify({ username: 'admin', password });
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch('/api/v0.1/login', { method: 'POST', headers, body });
    return [status, (await fetch('/api/v0.1/operators')).status];
  }, admin_password);
  expect(signedIn).toEqual([200, 200]);
  await own.close();
  answered = [];
  context.on('response', (response) => {
    const at = Number(new URL(response.url()).port) - port;
    if (at >= 0 && at <= 3 && !response.url().includes('/evil.html')) {
      answered.push(`${response.status()} ${response.request().resourceType()} ${response.url()}`);
    }
  });
});
afterEach(() => context.close());

const refused = () => answered.filter((line) => line.startsWith('403 '));
/** A link from elsewhere may open the console: nobody but its user sees it. */
const others = () =>
  answered.filter((line) => !/^403 /.test(line) && !/^404 document \S+(:\d+\/|\/console)$/.test(line));

describe('a page of another origin, in a browser whose user is signed in', () => {
  it.each(['evil.example', 'localhost', '127.0.0.1'])(
    'reads and changes nothing of a running npm start: %s',
    async (host) => {
      const before = await everything();
      const page = await open(`http://${host}:${portOf(evil)}/`);
      expect(await tryAll(page, [...addresses('localhost'), ...addresses('127.0.0.1')])).toEqual([]);
      expect(others()).toEqual([]);
      expect(refused().length).toBeGreaterThan(20 * PATHS.length);
      expect(await everything()).toEqual(before);
    },
    120_000,
  );

  it('reads and changes nothing when its name is bound to this computer after it was loaded', async () => {
    const before = await everything();
    for (const at of [0, 1, 2, 3]) {
      const origin = `http://rebound.example:${port + at}`;
      await context.route(`${origin}/evil.html`, async (route) =>
        route.fulfill({ contentType: 'text/html', body: await pageOf() }),
      );
      const page = await open(`${origin}/evil.html`);
      const urls = addresses('rebound.example').filter((url) => url.startsWith(`${origin}/`));
      const read = await tryAll(page, urls);
      expect(read.length).toBeGreaterThan(0);
      expect(read.filter((line) => !/^(403 )?($|.*only requests to localhost are accepted)/.test(line))).toEqual([]);
    }
    expect(answered.filter((line) => !line.startsWith('403 '))).toEqual([]);
    expect(refused().length).toBeGreaterThan(20 * PATHS.length);
    expect(await everything()).toEqual(before);
  }, 120_000);

  it('reads nothing when it hides where it comes from', async () => {
    const page = await open(`http://evil.example:${portOf(evil)}/`);
    await page.setContent('<iframe sandbox="allow-scripts"></iframe>');
    await page.locator('iframe').evaluate((frame, html) => frame.setAttribute('srcdoc', html), await pageOf());
    await page.frameLocator('iframe').locator('script').waitFor({ state: 'attached' });
    const frame = page.frames().at(-1);
    expect(frame && (await tryAll(frame, addresses('localhost')))).toEqual([]);
    expect(refused().length).toBeGreaterThan(5 * PATHS.length);
    expect(others()).toEqual([]);
  }, 120_000);
});
