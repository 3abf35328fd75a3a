import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { cost } from '../bench/cost.ts';
import { chineseOf, generate } from '../docs/generate/generate.ts';
import { codesIn, type Page, readPage, readPages, targetOf } from '../docs/generate/page.ts';
import { PERMISSIONS } from '../lib/auth/permissions.ts';
import { VARIABLES } from '../lib/config.ts';
import type { Access } from '../lib/http/guard.ts';
import { differences } from './docs/printed.ts';
import { startAccount } from './support/account.ts';
import { makeTables } from './support/tables.ts';

const { scripts, dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const english = readPages('README.md');
const chinese = readPages('README.zh-CN.md');

/** How the tables of routes name those who need no permission by name. */
const WORDS: Record<string, string> = {
  anyone: 'public',
  'signed in': 'session',
  administrators: 'administrator',
  任何人: 'public',
  已登录: 'session',
  管理员: 'administrator',
};

/** The rows of the tables whose first column is called one of these. */
const rowsBelow = (pages: readonly Page[], ...heads: string[]): (readonly string[])[] =>
  pages
    .flatMap(({ tables }) => tables)
    .filter(([head]) => heads.includes(head?.[0] ?? ''))
    .flatMap(([, ...rows]) => rows);

/** The codes in the first column of these tables. */
const namesBelow = (pages: readonly Page[], ...heads: string[]): string[] =>
  rowsBelow(pages, ...heads).flatMap(([name = '']) => codesIn(name));

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

const routesOn = (pages: readonly Page[]): Record<string, string> =>
  Object.fromEntries(
    rowsBelow(pages, 'Route', '路由').map(([route = '', needs = '']) => [
      codesIn(route)[0],
      codesIn(needs)[0] ?? WORDS[needs] ?? needs,
    ]),
  );

describe.each([
  ['README.md', english],
  ['README.zh-CN.md', chinese],
])('the pages of %s', (_, pages) => {
  const text = pages.map((page) => page.text).join('\n');
  const blocks = pages.flatMap((page) => page.blocks);

  it('name every route and who may call it', async () => {
    const { 'GET /webhook': get, 'POST /webhook': post, ...routes } = routesOn(pages);
    expect(routes).toEqual(await routesOfHandlers());
    expect([get, post]).toEqual(Array(2).fill(expect.stringMatching(/^(WeChat's signature|微信签名)$/)));
  }, 60_000);

  it('name every permission, in its order', () => {
    expect(namesBelow(pages, 'Permission', '权限')).toEqual(Object.keys(PERMISSIONS));
  });

  it('name every variable, in its order', () => {
    expect(namesBelow(pages, 'Variable', '变量')).toEqual(Object.keys(VARIABLES));
  });

  it('name every parameter of a deployment, and no other', () => {
    const { params } = parse(readFileSync('serverless.yml', 'utf8'));
    /** Made of the secret, by the stack, or for the local run. */
    const made =
      /^(wechat(AppId|AppSecret|Token|EncodingAesKey|PreviousEncodingAesKey)|sessionSecret|recoveryKey|endpoints)$/;
    const told = Object.keys(params.default).filter((name) => !made.test(name));
    expect(namesBelow(pages, 'Parameter', '参数').sort()).toEqual(told.sort());
    const used = [...text.matchAll(/--param (\w+)=/g)].map(([, name]) => name);
    expect(used.filter((name) => !told.includes(name ?? ''))).toEqual([]);
  });

  it('name every dependency, with a reason', () => {
    expect(namesBelow(pages, 'At run time', '运行时').sort()).toEqual(Object.keys(dependencies).sort());
    expect(namesBelow(pages, 'For development', '开发').sort()).toEqual(Object.keys(devDependencies).sort());
  });

  it('name no npm script that is not there, and leave none out', () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].flatMap(([, name]) => name ?? []);
    const known = [...new Set([...named, 'start', 'test'])];
    expect(known.sort()).toEqual(Object.keys(scripts).sort());
  });

  it('name every alarm, and every metric', () => {
    const alarms = [...readFileSync('stack/alarms.yml', 'utf8').matchAll(/AlarmName: .*\}-([\w-]+)$/gm)].map(
      ([, name]) => name,
    );
    expect(namesBelow(pages, 'Alarm', '告警').sort()).toEqual(alarms.sort());
    const metrics = sources().flatMap((source) =>
      [...source.matchAll(/name: '(\w+)', value/g)].map(([, name]) => name),
    );
    expect(namesBelow(pages, 'Metric', '指标').sort()).toEqual([...new Set(metrics)].sort());
  });

  it('begin with the two commands, each alone on a line of a block', () => {
    const commands = (pages[0]?.blocks ?? []).filter(({ language }) => language === 'bash');
    const lines = commands.flatMap(({ code }) => code.split('\n'));
    expect(lines).toEqual(expect.arrayContaining(['npm ci && npm start', 'npm ci && npm test']));
  });

  it('begin with figures that the commands beside them show', async () => {
    const commands = rowsBelow(pages.slice(0, 1), 'Figure', '数字').map(([, , command = '']) => codesIn(command)[0]);
    const tests = commands.flatMap((command = '') => [...command.matchAll(/^npx jest (\S+) -t '(.+)'$/g)]);
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' });
    const shown = tests.map(([, pattern = '', title = '']) =>
      files
        .filter((name) => name.includes(pattern) && /\.test\.ts$/.test(name))
        .some((name) => readFileSync(`test/${name}`, 'utf8').includes(title)),
    );
    expect(shown).toEqual([true, true, true]);
    const [million] = await cost.measure('smoke');
    expect(rowsBelow(pages.slice(0, 1), 'Figure', '数字')[3]?.[0]).toMatch(
      new RegExp(`\\b${Number(million?.['us-east-1']).toFixed(2)}\\b`),
    );
    expect(commands[3]).toBe('npm run bench -- cost');
  });

  it('name every folder', () => {
    const layout = blocks.find(({ code }) => code.startsWith('functions/'))?.code ?? '';
    const named = [...layout.matchAll(/(?<=^|\s)([\w-]+)\//gm)].flatMap(([, name]) => name ?? []);
    const folders = ['functions', 'lib', 'local'].flatMap((parent) => [
      parent,
      ...readdirSync(parent, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? each.name : [])),
    ]);
    expect(named.filter((name) => !existsSync(name)).sort()).toEqual(
      folders.filter((name) => !existsSync(name)).sort(),
    );
  });

  it('link to places that are there', () => {
    const anchors = Object.fromEntries(pages.map(({ file, anchors }) => [file, anchors]));
    const broken = pages.flatMap((page) =>
      page.links.filter((link) => {
        const { file, anchor } = targetOf(page, link) ?? {};
        if (file === undefined || !existsSync(file)) return file !== undefined;
        return anchor !== '' && !(anchors[file] ?? readPage(file).anchors).includes(anchor ?? '');
      }),
    );
    expect(broken).toEqual([]);
  });
});

describe('both languages', () => {
  it('have the same pages, each of which the first screen links to', () => {
    const written = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.md'));
    expect(
      english
        .slice(1)
        .map(({ file }) => file.slice('docs/'.length))
        .sort(),
    ).toEqual(written('docs').sort());
    expect(chinese.map(({ file }) => file)).toEqual(english.map(({ file }) => chineseOf(file)));
    expect(written('docs/zh').sort()).toEqual(written('docs').sort());
  });

  it('have the parts that `npm run docs` generates as it would write them now', () => {
    const stale = [...generate()].filter(([file, text]) => readFileSync(file, 'utf8') !== text);
    expect(stale.map(([file]) => file)).toEqual([]);
  });

  it('say the same of each permission as the API', () => {
    const described = rowsBelow(english, 'Permission').map(([name = '', text = '']) => [codesIn(name)[0], text]);
    expect(Object.fromEntries(described)).toEqual(PERMISSIONS);
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
