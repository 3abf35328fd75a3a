import { readdirSync, readFileSync } from 'node:fs';
import { openApi } from './openapi.ts';
import { FENCE } from './page.ts';
import { withTables } from './tables.ts';

/** What `npm run docs` writes: the text of each file that has generated parts. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const file of englishPages()) {
    const english = await withTables(withSources(readFileSync(file, 'utf8')), 'en');
    const chinese = withBlocksOf(english, readFileSync(chineseOf(file), 'utf8'), chineseOf(file));
    files.set(file, english).set(chineseOf(file), await withTables(chinese, 'zh'));
  }
  return files.set('docs/openapi.json', await openApi());
}

const englishPages = (): readonly string[] => [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The Chinese page of an English one. */
export const chineseOf = (file: string): string =>
  file === 'README.md' ? 'README.zh-CN.md' : file.replace('docs/', 'docs/zh/');

/** A page with the blocks of code after `<!-- source: path -->` replaced by the files they show. */
const withSources = (page: string): string =>
  page.replaceAll(
    /(<!-- source: (\S+) -->\n```\w+\n)[\s\S]*?(?=^```$)/gm,
    (_, head: string, path: string) => head + readFileSync(path, 'utf8'),
  );

/**
 * A Chinese page with the code of the English one: its n-th block with a language is the n-th there. Blocks without a
 * language (trees of folders) are translated by hand.
 * @throws if the pages differ in the number or the languages of their blocks
 */
export function withBlocksOf(english: string, chinese: string, file: string): string {
  const blocks = [...english.matchAll(FENCE)].filter(([, , , language]) => language !== '');
  const languages = (page: string) => [...page.matchAll(FENCE)].flatMap(([, , , language]) => language || []).join(' ');
  if (languages(english) !== languages(chinese)) {
    throw new Error(`${file} has the blocks of code "${languages(chinese)}", its English page "${languages(english)}"`);
  }
  let at = 0;
  return chinese.replaceAll(FENCE, (block, mark = '', _indent, language) =>
    language === '' ? block : mark + (blocks[at++]?.[0] ?? '').replace(/^<!-- try -->\n/, ''),
  );
}
