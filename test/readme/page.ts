import { readFileSync } from 'node:fs';

/** One fenced block of a page; `isTried` if a user of the page is to run it, `printed` what it then prints. */
export type Block = {
  readonly language: string;
  readonly code: string;
  readonly isTried: boolean;
  readonly printed: { readonly language: string; readonly code: string } | undefined;
};

const FENCE = /(<!-- try -->\n)?^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;

export type Page = ReturnType<typeof readPage>;

/** A README as the tests look at it. */
export function readPage(file: string) {
  const text = readFileSync(file, 'utf8');
  const blocks = blocksIn(text);
  return { text, blocks, tried: blocks.filter(({ isTried }) => isTried), links: linksIn(text), tables: tablesIn(text) };
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

/** The rows of each table, cells as they are written; the first row is the head. */
function tablesIn(text: string): readonly (readonly (readonly string[])[])[] {
  return [...text.matchAll(/(?:^ *\|.*\|\n)+/gm)].map(([table]) =>
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
      ),
  );
}

const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);

/** What stands in backticks. */
export const codesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);

/** The places a page's headings can be linked to by, as GitHub makes them. */
export const anchorsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^#{1,4} (.+)$/gm)].map(
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-')}`,
  );
