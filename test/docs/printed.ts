/**
 * Compares what a command printed with what a page says it prints. What differs from run to run counts as the same: times,
 * ids, ports' owners, durations. `…` in a text stands for anything, as the last entry of a list for any more entries, as a
 * field for any more fields.
 */

/** Where the printed values differ from the expected ones, in words. */
export function differences(language: string, expected: string, printed: string): readonly string[] {
  return language === 'json' ? differencesOfJson(expected, printed) : differencesOfLines(expected, printed);
}

function differencesOfJson(expected: string, printed: string): readonly string[] {
  const [wanted, got] = [jsonValuesIn(expected), jsonValuesIn(printed)];
  if (wanted.length !== got.length) return [`${got.length} answers, not ${wanted.length}: ${printed}`];
  return wanted.flatMap((value, at) => differencesOfValues(value, got[at], `[${at}]`));
}

function differencesOfValues(expected: unknown, got: unknown, place: string): readonly string[] {
  const different = [`${place} is ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`];
  if (typeof expected === 'string') return typeof got === 'string' && isAlike(expected, got) ? [] : different;
  if (typeof expected === 'number' && /_(ms|seconds)$/.test(place)) return typeof got === 'number' ? [] : different;
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, got) ? [] : different;
  if (typeof got !== 'object' || got === null || Array.isArray(expected) !== Array.isArray(got)) return different;
  return Array.isArray(expected)
    ? differencesOfLists(expected, got as unknown[], place)
    : differencesOfFields(expected as Fields, got as Fields, place);
}

type Fields = Readonly<Record<string, unknown>>;

function differencesOfLists(expected: unknown[], got: unknown[], place: string): readonly string[] {
  const isOpen = expected.at(-1) === '…';
  const wanted = isOpen ? expected.slice(0, -1) : expected;
  if (got.length < wanted.length || (!isOpen && got.length > wanted.length)) {
    return [`${place} has ${got.length} entries, not ${wanted.length}`];
  }
  return wanted.flatMap((value, at) => differencesOfValues(value, got[at], `${place}[${at}]`));
}

function differencesOfFields({ '…': rest, ...expected }: Fields, got: Fields, place: string): readonly string[] {
  const unknown = rest === undefined ? Object.keys(got).filter((name) => !(name in expected)) : [];
  return [
    ...unknown.map((name) => `${place}.${name} is not on the page`),
    ...Object.entries(expected).flatMap(([name, value]) => differencesOfValues(value, got[name], `${place}.${name}`)),
  ];
}

/** Every line of the page must be among the printed ones, in its order. */
function differencesOfLines(expected: string, printed: string): readonly string[] {
  let rest = printed.split('\n');
  for (const line of expected.split('\n').filter((each) => each.trim() !== '')) {
    const at = rest.findIndex((each) => isAlike(line.trim(), each.trim()));
    if (at === -1) return [`nothing like "${line}" in:\n${printed}`];
    rest = rest.slice(at + 1);
  }
  return [];
}

const VARYING: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, '(time)'],
  [/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, '(uuid)'],
  [/[\da-f]{32}/g, '(hex)'],
  [/\d{10,}/g, '(number)'],
  [/\d+ (ms|minutes)/g, '(duration)'],
  [/Password +\S+/g, '(password)'],
];

function isAlike(expected: string, got: string): boolean {
  const parts = constant(expected).split('…').map(escaped);
  return new RegExp(`^${parts.join('[^]*')}$`).test(constant(got));
}

const constant = (text: string): string =>
  VARYING.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), text);

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** JSON values one after the other, with or without blanks between them. */
export function jsonValuesIn(text: string): readonly unknown[] {
  const values: unknown[] = [];
  let [depth, start, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      if (character === '\\') at += 1;
      isText = character !== '"';
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth > 0) continue;
      values.push(JSON.parse(text.slice(start, at + 1)));
      start = at + 1;
    }
  }
  return values;
}
