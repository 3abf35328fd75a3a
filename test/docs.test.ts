import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cost } from '../bench/cost.ts';
import { chineseOf, generate, withBlocksOf } from '../docs/generate/generate.ts';
import { codesIn, type Page, readPage, readPages, rowsIn, targetOf } from '../docs/generate/page.ts';
import { routes, withTables } from '../docs/generate/tables.ts';
import { differences } from './docs/printed.ts';

const { scripts, dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const english = readPages('README.md');
const chinese = readPages('README.zh-CN.md');

/** The rows of the tables whose first column is called one of these. */
const rowsBelow = (pages: readonly Page[], ...heads: string[]): (readonly string[])[] =>
  pages
    .flatMap(({ tables }) => tables)
    .filter(([head]) => heads.includes(head?.[0] ?? ''))
    .flatMap(([, ...rows]) => rows);

/** The codes in the first column of these tables. */
const namesBelow = (pages: readonly Page[], ...heads: string[]): string[] =>
  rowsBelow(pages, ...heads).flatMap(([name = '']) => codesIn(name));

describe.each([
  ['README.md', english],
  ['README.zh-CN.md', chinese],
])('the pages of %s', (_, pages) => {
  const text = pages.map((page) => page.text).join('\n');
  const blocks = pages.flatMap((page) => page.blocks);

  it('explain every row of a generated table', () => {
    const generated = pages.flatMap((page) => [...page.text.matchAll(/<!-- table: \w+ -->\n((?:\|.*\|\n)+)/g)]);
    const rows = generated.flatMap(([, table = '']) => rowsIn(table));
    expect(rows.filter((cells) => cells.at(-1) === '')).toEqual([]);
    expect(generated).toHaveLength(7);
  });

  it('use parameters of a deployment that are there', () => {
    const used = [...text.matchAll(/--param (\w+)=/g)].flatMap(([, name]) => name ?? []);
    const known = namesBelow(pages, 'Parameter', '参数');
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
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

  it('begin with a first screen of at most 220 lines', () => {
    expect(pages[0]?.text.split('\n').length).toBeLessThanOrEqual(220);
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
    const layout = blocks.find(({ code }) => code.startsWith('functions/<name>/'))?.code ?? '';
    const named = [...layout.matchAll(/(?<=^|\s)([\w-]+)\//gm)].flatMap(([, name]) => name ?? []);
    const folders = ['lib', 'local', 'commands', 'stack', 'docs'].flatMap((parent) => [
      parent,
      ...readdirSync(parent, { withFileTypes: true, recursive: true }).flatMap((each) =>
        each.isDirectory() ? each.name : [],
      ),
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

  it('have the parts that `npm run docs` generates as it would write them now', async () => {
    const stale = [...(await generate())].filter(([file, text]) => readFileSync(file, 'utf8') !== text);
    expect(stale.map(([file]) => file)).toEqual([]);
  });
});

describe('a Chinese page', () => {
  const english = '<!-- try -->\n```bash\nnpm start\n```\n\n```\ntree/\n```\n\n```json\n{ "$1": 1 }\n```\n';

  it('has the blocks of the English one, but for those that are translated, and is not tried', () => {
    const chinese = '启动：\n\n```bash\nold\n```\n\n```\n树/\n```\n\n```json\n```\n';
    expect(withBlocksOf(english, chinese, 'x.md')).toBe(
      '启动：\n\n```bash\nnpm start\n```\n\n```\n树/\n```\n\n```json\n{ "$1": 1 }\n```\n',
    );
  });

  it.each([
    ['a block less', '```bash\n```\n'],
    ['a block more', '```bash\n```\n```json\n```\n```json\n```\n'],
    ['blocks in another order', '```json\n```\n```bash\n```\n'],
  ])('is refused with %s', (_, chinese) => {
    expect(() => withBlocksOf(english, chinese, 'x.md')).toThrow(/^x\.md has the blocks of code/);
  });
});

describe('a generated table', () => {
  const table = (...rows: string[]) => [
    '<!-- table: alarms -->',
    '| Alarm | A | B |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ];
  const written = async (language: 'en' | 'zh', ...rows: string[]) =>
    rowsIn((await withTables(table(...rows).join('\n'), language)).split('\n').slice(1).join('\n'));

  it('keeps the order and the texts of the page, drops what is gone and adds what is new', async () => {
    const [, first, second, third, ...more] = await written('zh', '| `no-token` | 甲 | 乙 |', '| `gone` | 丙 | 丁 |');
    expect([first, second?.slice(1), third?.slice(1)]).toEqual([
      ['`no-token`', '甲', '乙'],
      ['', ''],
      ['', ''],
    ]);
    expect(more.length).toBeGreaterThan(3);
  });

  it('replaces texts that the code has', async () => {
    const [, [name, ...texts] = []] = await written('en', '| `no-token` | stale | stale |');
    expect(name).toBe('`no-token`');
    expect(texts).toEqual([expect.stringContaining('access_token'), expect.stringContaining('`npm run doctor`')]);
  });

  it('has a name that is known', async () => {
    await expect(withTables('<!-- table: nonsense -->\n| A |\n| --- |\n', 'en')).rejects.toThrow('no table nonsense');
  });

  it('of routes has who may call each, as its handler says, and those that WeChat calls', async () => {
    expect(await routes()).toEqual(
      expect.arrayContaining([
        { key: 'POST /webhook', access: 'wechat' },
        expect.objectContaining({ key: 'PUT /cgi-bin/tags', access: 'tags:write' }),
      ]),
    );
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
