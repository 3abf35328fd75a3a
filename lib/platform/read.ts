/**
 * Readers of stored values, for what the webhook loads: a schema library would add to its cold start. Each gives what this
 * version knows of a value, or undefined for one that it cannot read.
 */
export type Reader<T> = (value: unknown) => T | undefined;

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<R extends Readers> = { readonly [K in keyof R]: Exclude<ReturnType<R[K]>, undefined> };

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);

export const number: Reader<number> = (value) => (typeof value === 'number' ? value : undefined);
export const boolean: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

export const oneOf =
  <const T>(...values: readonly T[]): Reader<T> =>
  (value) =>
    values.find((each) => each === value);

/** Every entry, or nothing. */
export const listOf =
  <T>(each: Reader<T>): Reader<T[]> =>
  (value) => {
    if (!Array.isArray(value)) return undefined;
    const read = value.flatMap((entry) => each(entry) ?? []);
    return read.length === value.length ? read : undefined;
  };

/** Every value by its name, or nothing. */
export const mapOf =
  <T>(each: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value) => {
    if (!hasFields(value)) return undefined;
    const read = Object.entries(value).map(([name, one]) => [name, each(one)] as const);
    const known = read.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const]));
    return known.length === read.length ? Object.fromEntries(known) : undefined;
  };

/** The first that can read it. */
export const either =
  <R extends readonly Reader<unknown>[]>(...readers: R): Reader<Exclude<ReturnType<R[number]>, undefined>> =>
  (value) => {
    for (const read of readers) {
      const found = read(value);
      if (found !== undefined) return found as Exclude<ReturnType<R[number]>, undefined>;
    }
    return undefined;
  };

/** A record in which nothing else stands: where what this version does not know would change what the rest means. */
export const exactly =
  <T extends object>(read: Reader<T>): Reader<T> =>
  (value) => {
    const known = read(value);
    return known !== undefined && Object.keys(Object(value)).every((name) => Object.hasOwn(known, name))
      ? known
      : undefined;
  };

/** Whether a value has named fields: no list, and nothing simple. */
export const hasFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is named, and nothing else. What is optional may be absent, but not be of another kind. */
export function record<R extends Readers, O extends Readers = Record<never, never>>(
  required: R,
  optional?: O,
): Reader<Read<R> & Partial<Read<O>>> {
  const readers = Object.entries({ ...optional, ...required });
  return (value) => {
    if (!hasFields(value)) return undefined;
    const read: Record<string, unknown> = {};
    for (const [name, reader] of readers) {
      if (value[name] === undefined && !Object.hasOwn(required, name)) continue;
      const field = reader(value[name]);
      if (field === undefined) return undefined;
      read[name] = field;
    }
    return read as Read<R> & Partial<Read<O>>;
  };
}
