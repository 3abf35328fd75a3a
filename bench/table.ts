import type { Row } from './section.ts';

/** Rows under the columns of all of them, numbers to the right. */
export function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => shown(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]))));
  const isNumber = columns.map((column) => rows.some((row) => typeof row[column] === 'number'));
  return lines
    .map((line) => line.map((cell, at) => padded(cell, widths[at] ?? 0, isNumber[at] ?? false)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

const shown = (value: string | number | undefined): string =>
  typeof value === 'number' ? rounded(value).toLocaleString('en') : (value ?? '');

/** Three significant digits, and never fewer than the whole number has. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

const padded = (cell: string, width: number, right: boolean): string => {
  const blanks = ' '.repeat(width - widthOf(cell));
  return right ? blanks + cell : cell + blanks;
};

const widthOf = (cell = ''): number => [...cell].length;
