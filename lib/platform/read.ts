/**
 * Readers of stored values, for what the webhook loads: a schema library would add to its cold start. Each gives what this
 * version knows of a value, or undefined for one that it cannot read.
 */
export type Reader<T> = (value: unknown) => T | undefined;

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<R extends Readers> = { readonly [K in keyof R]: Exclude<ReturnType<R[K]>, undefined> };

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);

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
