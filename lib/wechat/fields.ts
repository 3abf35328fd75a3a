import type { XmlFields, XmlValue } from './xml.ts';

/** Reads one fact out of a delivery's elements; undefined when the fact is not there. */
export type Reader<Value> = (fields: XmlFields) => Value;

/** What is read from a kind of delivery: the name we give each fact, and its reader. */
export type Shape = Readonly<Record<string, Reader<unknown>>>;

type Optional<S extends Shape> = { [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never }[keyof S];

/** The facts a shape reads. One that may be missing is an optional property, never an undefined one. */
export type Facts<S extends Shape> = { readonly [K in Exclude<keyof S, Optional<S>>]: ReturnType<S[K]> } & {
  readonly [K in Optional<S>]?: Exclude<ReturnType<S[K]>, undefined>;
};

type Path = readonly [string, ...string[]];

/** The text at a path of element names; empty when it is missing. */
export function text(...path: Path): Reader<string> {
  return (fields) => textAt(fields, path) ?? '';
}

/** The text at a path of element names, if it is there and not empty. */
export function optional(...path: Path): Reader<string | undefined> {
  return (fields) => textAt(fields, path) || undefined;
}

/** The text of the first of several elements that is there: WeChat spells some names in two ways. */
export function either(...names: Path): Reader<string | undefined> {
  return (fields) => names.map((name) => textAt(fields, [name])).find(Boolean);
}

/** What follows a prefix in an element's text, if it begins with it. */
export function after(prefix: string, ...path: Path): Reader<string | undefined> {
  return (fields) => {
    const whole = textAt(fields, path) ?? '';
    return whole.startsWith(prefix) ? whole.slice(prefix.length) : undefined;
  };
}

/** The facts inside an element, if it is there. */
export function nested<S extends Shape>(path: Path, shape: S): Reader<Facts<S> | undefined> {
  return (fields) => fieldsAt(fields, path).map((inner) => readFacts(shape, inner))[0];
}

/** The facts of every element at a path: a list also for one, and when an element on the way is itself repeated. */
export function list<S extends Shape>(path: Path, shape: S): Reader<readonly Facts<S>[]> {
  return (fields) => fieldsAt(fields, path).map((inner) => readFacts(shape, inner));
}

/** The texts of every element at a path. */
export function texts(...path: Path): Reader<readonly string[]> {
  return (fields) => valuesAt(fields, path).filter((value) => typeof value === 'string');
}

/** All elements as they came, where WeChat has not said what there is. */
export function everything(): Reader<XmlFields> {
  return (fields) => fields;
}

export function readFacts<S extends Shape>(shape: S, fields: XmlFields): Facts<S> {
  const facts: Record<string, unknown> = {};
  for (const name in shape) {
    const value = shape[name]?.(fields);
    if (value !== undefined) facts[name] = value;
  }
  return facts as Facts<S>;
}

function textAt(fields: XmlFields, path: Path): string | undefined {
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
