import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { PERMISSIONS } from '../lib/auth/permissions.ts';
import { VARIABLES } from '../lib/config.ts';
import type { Access } from '../lib/http/guard.ts';
import { anchorsIn, codesIn, type Page, readPage } from './readme/page.ts';
import { differences } from './readme/printed.ts';
import { startAccount } from './support/account.ts';
import { makeTables } from './support/tables.ts';

const { scripts, dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const english = readPage('README.md');
const chinese = readPage('README.zh-CN.md');

/** How the tables of routes name those who need no permission by name. */
const WORDS: Record<string, string> = {
  anyone: 'public',
  'signed in': 'session',
  administrators: 'administrator',
  任何人: 'public',
  已登录: 'session',
  管理员: 'administrator',
};

/** The first codes of the rows of the tables whose first row begins with one of these. */
const namesBelow = ({ tables }: Page, ...heads: string[]): string[] =>
  tables
    .filter(([head]) => heads.includes(head?.[0] ?? ''))
    .flatMap(([, ...rows]) => rows.flatMap(([name = '']) => codesIn(name)));

/** Every route with who may call it, as the handlers know it. */
async function routesOfHandlers(): Promise<Record<string, Access | string>> {
  await makeTables();
  const account = await startAccount();
  try {
    const handlers = await Promise.all(readdirSync('functions').map((name) => account.handler(name)));
    const routes = handlers.flatMap((handler) => handler.routes ?? []).map(({ key, access }) => [key, access]);
    return Object.fromEntries(routes);
  } finally {
    await account.stop();
  }
}

/** The code that runs on AWS. */
const sources = (): string[] =>
  ['functions', 'lib'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
  );

/** What the failure suite has found, as `README.md` shows it. */
function outcomes(): string {
  const found = readFileSync('test/failures/outcomes.md', 'utf8')
    .trim()
    .replaceAll(/ +(?=\|)/g, ' ')
    .replaceAll(/-{3,}/g, '---');
  const [, ...sections] = found.split(/^### /m);
  const shown = sections.map((section) => section.replace(/^.*/, (title) => `**${title}**`)).join('');
  return `\n<details>\n<summary>Every fault and what became of it</summary>\n\n${shown}\n\n</details>\n`;
}

const routesOnPage = ({ tables }: Page): Record<string, string> =>
  Object.fromEntries(
    tables
      .filter(([head]) => ['Route', '路由'].includes(head?.[0] ?? ''))
      .flatMap(([, ...rows]) => rows)
      .map(([route = '', needs = '']) => [codesIn(route)[0], codesIn(needs)[0] ?? WORDS[needs] ?? needs]),
  );

describe.each([
  ['README.md', english],
  ['README.zh-CN.md', chinese],
])('%s', (_, page) => {
  it('names every route and who may call it', async () => {
    const { 'GET /webhook': get, 'POST /webhook': post, ...routes } = routesOnPage(page);
    expect(routes).toEqual(await routesOfHandlers());
    expect([get, post]).toEqual(Array(2).fill(expect.stringMatching(/^(WeChat's signature|微信签名)$/)));
  }, 60_000);

  it('names every permission, in its order', () => {
    expect(namesBelow(page, 'Permission', '权限')).toEqual(Object.keys(PERMISSIONS));
  });

  it('names every variable, in its order', () => {
    expect(namesBelow(page, 'Variable', '变量')).toEqual(Object.keys(VARIABLES));
  });

  it('names every parameter of a deployment, and no other', () => {
    const { params } = parse(readFileSync('serverless.yml', 'utf8'));
    /** Made of the secret, by the stack, or for the local run. */
    const made =
      /^(wechat(AppId|AppSecret|Token|EncodingAesKey|PreviousEncodingAesKey)|sessionSecret|recoveryKey|endpoints)$/;
    const told = Object.keys(params.default).filter((name) => !made.test(name));
    expect(namesBelow(page, 'Parameter', '参数').sort()).toEqual(told.sort());
    const used = [...page.text.matchAll(/--param (\w+)=/g)].map(([, name]) => name);
    expect(used.filter((name) => !told.includes(name ?? ''))).toEqual([]);
  });

  it('names every dependency, with a reason', () => {
    expect(namesBelow(page, 'At run time', '运行时').sort()).toEqual(Object.keys(dependencies).sort());
    expect(namesBelow(page, 'For development', '开发').sort()).toEqual(Object.keys(devDependencies).sort());
  });

  it('names no npm script that is not there, and leaves none out', () => {
    const named = [...page.text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].flatMap(([, name]) => name ?? []);
    const known = [...new Set([...named, 'start', 'test'])];
    expect(known.sort()).toEqual(Object.keys(scripts).sort());
  });

  it('names every alarm, and every metric', () => {
    const alarms = [...readFileSync('alarms.yml', 'utf8').matchAll(/AlarmName: .*\}-([\w-]+)$/gm)].map(
      ([, name]) => name,
    );
    expect(namesBelow(page, 'Alarm', '告警').sort()).toEqual(alarms.sort());
    const metrics = sources().flatMap((source) =>
      [...source.matchAll(/name: '(\w+)', value/g)].map(([, name]) => name),
    );
    expect(namesBelow(page, 'Metric', '指标').sort()).toEqual([...new Set(metrics)].sort());
  });

  it('has the two commands alone on a line, in a block of code', () => {
    const lines = page.blocks.filter(({ language }) => language === 'bash').flatMap(({ code }) => code.split('\n'));
    expect(lines).toEqual(expect.arrayContaining(['npm ci && npm start', 'npm ci && npm test']));
  });

  it('names every folder', () => {
    const layout = page.blocks.find(({ code }) => code.startsWith('functions/'))?.code ?? '';
    const named = [...layout.matchAll(/(?<=^|\s)([\w-]+)\//gm)].flatMap(([, name]) => name ?? []);
    const folders = ['functions', 'lib', 'local'].flatMap((parent) => [
      parent,
      ...readdirSync(parent, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? each.name : [])),
    ]);
    expect(named.filter((name) => !existsSync(name)).sort()).toEqual(
      folders.filter((name) => !existsSync(name)).sort(),
    );
  });

  it('links to places that are there', () => {
    const places = page.links.filter((link) => !link.startsWith('http'));
    const anchors = anchorsIn(page.text);
    expect(places.filter((link) => (link.startsWith('#') ? !anchors.includes(link) : !existsSync(link)))).toEqual([]);
    expect(places.length).toBeGreaterThan(10);
  });

  it('shows own code that compiles', () => {
    const files = ['fast', 'dialogue', 'llm'].map((name) => readFileSync(`test/readme/${name}.ts`, 'utf8'));
    expect(page.blocks.filter(({ language }) => language === 'ts').map(({ code }) => code)).toEqual(files);
  });
});

describe('both pages', () => {
  /** `UPDATE_README=1 npx jest test/readme.test.ts` copies them. */
  it('show what the failure suite has found', () => {
    const found = /(?<=<!-- failures -->)[\s\S]*(?=<!-- \/failures -->)/;
    if (process.env.UPDATE_README) writeFileSync('README.md', english.text.replace(found, outcomes));
    expect(found.exec(readFileSync('README.md', 'utf8'))?.[0]).toBe(outcomes());
    expect(chinese.links).toContain('test/failures/outcomes.md');
  });

  it('say the same of each permission as the API', () => {
    const [[, ...rows] = []] = english.tables.filter(([head]) => head?.[0] === 'Permission');
    const described = rows.map(([name = '', description = '']) => [codesIn(name)[0], description]);
    expect(Object.fromEntries(described)).toEqual(PERMISSIONS);
  });

  it('show the same commands, code and answers', () => {
    const shown = ({ blocks }: Page) =>
      blocks.flatMap(({ language, code, isTried }) => (language === '' ? [] : [{ language, code, isTried }]));
    expect(shown(chinese)).toEqual(shown(english));
  });
});

describe('what the page says is printed', () => {
  it.each([
    ['another number', '{"a":1}', '{"a":2}'],
    ['another text', '{"a":"x…"}', '{"a":"yx"}'],
    ['a field more', '{"a":1}', '{"a":1,"b":2}'],
    ['a field less', '{"a":1,"b":2,"…":"…"}', '{"a":1}'],
    ['an entry more', '{"a":[1]}', '{"a":[1,2]}'],
    ['an answer more', '{"a":1}', '{"a":1}{"a":1}'],
    ['no time where one should be', '{"at":"2026-11-22T08:00:00.000Z"}', '{"at":"today"}'],
  ])('is compared so that it differs by %s', (_, expected, printed) => {
    expect(differences('json', expected, printed)).toHaveLength(1);
  });

  it.each([
    ['{"a":"x…","…":"…"}', '{"a":"xyz","b":2}'],
    ['{"a":[1,"…"]}', '{"a":[1,2,3]}'],
    ['{"at":"2026-11-22T08:00:00.000Z"}', '{"at":"2027-01-01T00:00:00.001Z"}'],
    ['{"decided_in_ms":1} [2]', '{"decided_in_ms":12}[2]'],
  ])('may differ where it always does: %s', (expected, printed) => {
    expect(differences('json', expected, printed)).toEqual([]);
  });

  it('is compared line by line, in order', () => {
    expect(differences('text', 'one\ntwo 12 ms', 'zero\none\n\ntwo 7 ms')).toEqual([]);
    expect(differences('text', 'two\none', 'one\ntwo')).toHaveLength(1);
  });
});
