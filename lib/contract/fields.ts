import * as v from 'valibot';

/** Shapes of the fields that several routes take. Forms carry text, JSON may carry numbers: both are read. */

/** A field that GET returns; a PUT may repeat it, and it is ignored. */
export const returned = v.optional(v.unknown());

/** A moment in ISO 8601, UTC. */
export const time = v.pipe(v.string(), v.isoTimestamp());

export const openid = v.pipe(
  v.string('must be an openid'),
  v.regex(/^[\w-]{1,128}$/, 'must be an openid: letters, digits, - and _, at most 128'),
);

export const tagId = v.pipe(
  v.union([v.string(), v.number()], 'must be the number of a tag'),
  v.transform(String),
  v.regex(/^\d{1,15}$/, 'must be the number of a tag'),
  v.transform(Number),
);

/** A repeated field, a JSON array (also as text), or text with commas between the openids. */
export const openidList = v.pipe(
  v.union([v.string(), v.array(v.unknown())], 'must be a list of openids'),
  v.transform(asList),
  v.array(openid),
  v.minLength(1, 'must name at least one openid'),
);

function asList(value: string | unknown[]): unknown[] {
  if (typeof value !== 'string') return value;
  const trimmed = value.trim();
  if (!trimmed.startsWith('[')) return trimmed.split(',').map((part) => part.trim());
  try {
    const list: unknown = JSON.parse(trimmed);
    return Array.isArray(list) ? list : [value];
  } catch {
    return [value];
  }
}
