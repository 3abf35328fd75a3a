import type { XmlFields, XmlValue } from '../callback/xml.ts';

/** A reader of one fact in a delivery's elements; undefined if it is absent. */
export type Reader<Value> = {
  (fields: XmlFields): Value;
  /** The elements that it reads; undefined for all. */
  readonly paths: readonly Path[] | undefined;
};

/** The facts of a kind of delivery: our name for each, and its reader. */
export type Shape = Readonly<Record<string, Reader<unknown>>>;

type Optional<S extends Shape> = { [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never }[keyof S];

/** The facts that a shape reads. One that may be absent is an optional property, never an undefined one. */
export type Facts<S extends Shape> = { readonly [K in Exclude<keyof S, Optional<S>>]: ReturnType<S[K]> } & {
  readonly [K in Optional<S>]?: Exclude<ReturnType<S[K]>, undefined>;
};

type Path = readonly [string, ...string[]];

/** A reader, and the elements it reads. */
export const reader = <Value>(paths: readonly Path[] | undefined, read: (fields: XmlFields) => Value): Reader<Value> =>
  Object.assign(read, { paths });

/** The text at a path of element names; empty when it is missing. */
export const text = (...path: Path): Reader<string> => reader([path], (fields) => textAt(fields, path) ?? '');

/** The text at a path of element names, if it is there and not empty. */
export const optional = (...path: Path): Reader<string | undefined> =>
  reader([path], (fields) => textAt(fields, path) || undefined);

/** The text of the first of several elements that is there: WeChat spells some names in two ways. */
export function either(...names: Path): Reader<string | undefined> {
  const paths = names.map((name) => [name] as const);
  return reader(paths, (fields) => paths.map((path) => textAt(fields, path)).find(Boolean));
}

/** The text after a prefix in an element, if the text begins with it. */
export const after = (prefix: string, ...path: Path): Reader<string | undefined> =>
  reader([path], (fields) => {
    const whole = textAt(fields, path) ?? '';
    return whole.startsWith(prefix) ? whole.slice(prefix.length) : undefined;
  });

/** The facts inside an element, if it is there. */
export const nested = <S extends Shape>(path: Path, shape: S): Reader<Facts<S> | undefined> =>
  reader(inside(path, shape), (fields) => fieldsAt(fields, path).map((inner) => readFacts(shape, inner))[0]);

/** The facts of every element at a path: a list also for one, and when an element on the way is itself repeated. */
export const list = <S extends Shape>(path: Path, shape: S): Reader<readonly Facts<S>[]> =>
  reader(inside(path, shape), (fields) => fieldsAt(fields, path).map((inner) => readFacts(shape, inner)));

/** The texts of every element at a path. */
export const texts = (...path: Path): Reader<readonly string[]> =>
  reader([path], (fields) => valuesAt(fields, path).filter((value) => typeof value === 'string'));

/** All elements as they came, for kinds that WeChat has not documented. */
export const everything = (): Reader<XmlFields> => reader(undefined, (fields) => fields);

/** The elements that some readers read; undefined when one of them reads all there are. */
export function pathsOf(readers: readonly Reader<unknown>[]): readonly Path[] | undefined {
  const paths = readers.map(({ paths }) => paths);
  return paths.includes(undefined) ? undefined : paths.flatMap((some) => some ?? []);
}

const inside = (path: Path, shape: Shape): readonly Path[] | undefined =>
  pathsOf(Object.values(shape))?.map((inner) => [...path, ...inner]);

export function readFacts<S extends Shape>(shape: S, fields: XmlFields): Facts<S> {
  const facts: Record<string, unknown> = {};
  for (const name in shape) {
    const value = shape[name]?.(fields);
    if (value !== undefined) facts[name] = value;
  }
  return facts as Facts<S>;
}

/** The elements that are read at each name; at the end of a path there are none. */
export interface Known extends ReadonlyMap<string, Known> {}

export function knownOf(paths: readonly Path[]): Known {
  const known = new Map<string, Known>();
  for (const name of new Set(paths.map(([first]) => first))) {
    const rest = paths.flatMap(([first, ...path]) => (first === name && isPath(path) ? [path] : []));
    known.set(name, knownOf(rest));
  }
  return known;
}

const isPath = (names: readonly string[]): names is Path => names.length > 0;

/** The elements that no reader reads; undefined if there are none. */
export function unread(fields: XmlFields, known: Known): XmlFields | undefined {
  let left: Record<string, XmlValue> | undefined;
  for (const name in fields) {
    const value = leftOf(fields[name] ?? '', known.get(name));
    if (value === undefined) continue;
    left ??= Object.create(null) as Record<string, XmlValue>;
    left[name] = value;
  }
  return left;
}

/** A field of text ignores elements; a field of elements ignores text. */
function leftOf(value: XmlValue, known: Known | undefined): XmlValue | undefined {
  if (known === undefined) return value;
  if (typeof value === 'string') return known.size === 0 || value.trim() === '' ? undefined : value;
  if (!Array.isArray(value)) return unread(value, known);
  const left = value.map((each) => leftOf(each, known));
  return left.some((each) => each !== undefined) ? left.map((each) => each ?? '') : undefined;
}

function textAt(fields: XmlFields, path: Path): string | undefined {
  const value = fields[path[0]];
  if (path.length === 1 && (value === undefined || typeof value === 'string')) return value;
  return valuesAt(fields, path).find((value) => typeof value === 'string');
}

function fieldsAt(fields: XmlFields, path: Path): XmlFields[] {
  return valuesAt(fields, path).filter((value) => typeof value === 'object');
}

function valuesAt(fields: XmlFields, path: Path): (string | XmlFields)[] {
  let found: (string | XmlFields)[] = [fields];
  for (const name of path) {
    found = found.flatMap((parent) => (typeof parent === 'string' ? [] : valuesOf(parent[name])));
  }
  return found;
}

function valuesOf(value: XmlValue | undefined): (string | XmlFields)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.flatMap(valuesOf) : [value];
}
