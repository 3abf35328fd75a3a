import { readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';

/** A fenced block of a page; `isTried` if the reader is to run it, `printed` is what it then prints. */
export type Block = {
  readonly language: string;
  readonly code: string;
  readonly isTried: boolean;
  readonly printed: { readonly language: string; readonly code: string } | undefined;
};

/** A fenced block: the mark that the tests run it, indentation, language, code. */
export const FENCE = /(<!-- try -->\n)?^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;

export type Page = ReturnType<typeof readPage>;

/** A page of the documentation, taken apart. */
export function readPage(file: string) {
  const text = readFileSync(file, 'utf8');
  const blocks = blocksIn(text);
  return { file, text, blocks, links: linksIn(text), tables: tablesIn(text), anchors: anchorsIn(text) };
}

/**
 * The first screen and the pages it links to, in the order of its links: the order in which the tests run their examples.
 * @param readme `README.md` or `README.zh-CN.md`
 */
export function readPages(readme: string): readonly Page[] {
  const first = readPage(readme);
  const linked = first.links.map((link) => link.replace(/#.*/, '')).filter((link) => /^docs\/.*\.md$/.test(link));
  return [first, ...[...new Set(linked)].map(readPage)];
}

/** The file a link of a page leads to, and the place in it; no file for an address on the web. */
export function targetOf({ file }: Page, link: string): { file: string; anchor: string } | undefined {
  if (/^https?:/.test(link)) return undefined;
  const [path = '', anchor = ''] = link.split('#');
  return { file: path === '' ? file : normalize(`${dirname(file)}/${path}`), anchor };
}

/** What a tried block prints is the next block, if only a blank line is between them. */
function blocksIn(text: string): readonly Block[] {
  const found = [...text.matchAll(FENCE)];
  return found.map(({ 0: whole, 1: mark, 2: indent = '', 3: language = '', 4: code = '', index }, at) => {
    const next = found[at + 1];
    const isNext = next?.index === index + whole.length + 2 && ['json', 'text'].includes(next[3] ?? '');
    return {
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      isTried: mark !== undefined,
      printed: isNext ? { language: next[3] ?? '', code: next[4] ?? '' } : undefined,
    };
  });
}

/** The rows of each table. */
const tablesIn = (text: string): readonly (readonly (readonly string[])[])[] =>
  [...text.matchAll(/(?:^ *\|.*\|\n)+/gm)].map(([table]) => rowsIn(table));

/** The rows of a table, cells as they are written; the first row is the head. */
export const rowsIn = (table: string): readonly (readonly string[])[] =>
  table
    .trimEnd()
    .split('\n')
    .filter((_, row) => row !== 1)
    .map((row) =>
      row
        .trim()
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );

const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);

/** The texts in backticks. */
export const codesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
