import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deliveryXml } from '../../commands/follower/delivery.ts';
import { push } from '../../commands/follower/push.ts';
import { readPages } from '../../docs/generate/page.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { differences } from '../docs/printed.ts';
import { environmentOfAUser, freePorts, type Started, startAsAUser, tidyUp } from './started.ts';

const blocks = readPages('README.md').flatMap((page) => page.blocks);
const tried = blocks.filter(({ isTried }) => isTried);
const greeting = blocks.find(({ code }) => code.includes('WeChatServer is ready.'))?.code ?? '';

/** Between the outputs of two examples. */
const BORDER = '\u001e';

const run = promisify(execFile);

let port: number;
let folder: string;
let service: Started;
let printed: readonly string[];

/** The documentation's ports and folder are the default ones; here others are free. */
const here = (text: string): string =>
  text
    .replaceAll(/\b(localhost|127\.0\.0\.1):300(\d)/g, (_, host, last) => `${host}:${port + Number(last)}`)
    .replaceAll(/(?<=^|[\s'])(\.\/)?\.local\//gm, `${folder}/`);

/** All examples in one shell, as a reader has one; without curl, by what stands in for it. */
async function tryAll(): Promise<readonly string[]> {
  const script = [
    'command -v curl >/dev/null || curl() { node test/docs/curl.js "$@"; }',
    ...tried.map(
      ({ code, printed }) => `${printed?.language === 'text' ? together(here(code)) : here(code)}\nprintf '${BORDER}'`,
    ),
  ];
  const file = join(folder, 'examples.sh');
  await writeFile(file, script.join('\n'));
  const { stdout } = await run('sh', [file], { env: environmentOfAUser(port, folder), maxBuffer: 2 ** 24 });
  return stdout.split(BORDER);
}

/** What people are told beside the result counts as printed. */
const together = (code: string): string => `{\n${code}\n} 2>&1`;

async function follower(...args: string[]): Promise<string> {
  const { stdout } = await run('npm', ['run', '--silent', 'follower', '--', ...args], {
    env: environmentOfAUser(port, folder),
  });
  return stdout;
}

/** Delivers a text as WeChat does: five seconds for an answer, three attempts in all. No rule answers it. */
const say = (openid: string) =>
  push({
    url: `http://localhost:${port}/webhook`,
    account: SIMULATED_ACCOUNT,
    mode: 'safe',
    xml: deliveryXml({ openid, originalId: SIMULATED_ACCOUNT.originalId, type: 'text', text: '早' }, Date.now()),
  });

/** The history of a follower, by the administrator whose password was kept at the first start. */
async function historyOf(openid: string) {
  const { admin_password: password } = JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8'));
  const api = `http://localhost:${port}/api/v0.1`;
  const body = JSON.stringify({ username: 'admin', password });
  const signedIn = await fetch(`${api}/login`, { method: 'POST', body });
  const { token } = (await signedIn.json()) as { token: string };
  const answer = await fetch(`${api}/interactions/${openid}`, { headers: { Authorization: `Bearer ${token}` } });
  return (await answer.json()) as { interactions: object[] };
}

beforeAll(async () => {
  port = await freePorts();
  folder = await mkdtemp(join(tmpdir(), 'wechat-server-'));
  service = await startAsAUser(port, folder);
  printed = await tryAll();
});
afterAll(() => tidyUp(port, folder, service));

describe('npm start', () => {
  it('says where everything is, as the documentation shows it', () => {
    expect(differences('text', here(greeting), service.output())).toEqual([]);
  });

  it.each(tried.map((block, at) => [block.code.split('\n')[0], at] as const))(
    'answers the example as the documentation prints it: %s (%i)',
    (_, at) => {
      const { language = 'text', code = '' } = tried[at]?.printed ?? {};
      expect(differences(language, here(code), printed[at] ?? '')).toEqual([]);
    },
  );

  it('takes a delivery three times at once and keeps it once, ends within seconds, and still has it when it starts again', async () => {
    const openid = 'oComesBack000000000000000001';
    expect(await follower('你好', '--openid', openid, '--repeat', '3')).toContain('all 3 responses are the same');
    const kept = await historyOf(openid);
    expect(kept.interactions).toMatchObject([{ openid, kind: 'text', details: { content: '你好' } }]);

    expect(await service.interrupt()).toBeLessThan(15_000);
    service = await startAsAUser(port, folder);
    expect(service.output()).not.toMatch(/Password +\S+ +\(kept/);
    expect(await historyOf(openid)).toEqual(kept);
  });

  it('tells no page that it may read what is answered', async () => {
    const asked = ['/webhook', '/api/v0.1/login', '/nowhere'].flatMap((path) =>
      [`http://localhost:${port}`, 'https://evil.example', 'null'].flatMap((origin) =>
        ['GET', 'OPTIONS'].map((method) => fetch(`http://localhost:${port}${path}`, { method, headers: { origin } })),
      ),
    );
    const headers = (await Promise.all(asked)).flatMap((response) => [...response.headers.keys()]);
    expect(headers).toContain('content-type');
    expect(headers.filter((name) => name.startsWith('access-control-allow-'))).toEqual([]);
  });

  it('answers forty followers who write in the same second, when it has just started', async () => {
    await service.interrupt();
    service = await startAsAUser(port, folder);
    const pushes = await Promise.all(
      Array.from({ length: 40 }, (_, at) => say(`oBurst${String(at).padStart(22, '0')}`)),
    );
    expect(pushes.filter(({ shown }) => shown !== '')).toEqual([]);
    expect(pushes.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'unreadable')).toEqual([]);
  });
});
