import * as v from 'valibot';
import { AppError } from './error.ts';

/** A cursor that its list has not issued, or not for this query. */
export class WrongCursor extends AppError<'WRONG_CURSOR'> {
  override readonly name = 'WrongCursor';

  constructor(message: string) {
    super('WRONG_CURSOR', message);
  }
}

const LONGEST_CURSOR = 4_096;

/** A cursor, opaque to clients: JSON in base64url. */
export const writeCursor = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');

/** @throws WrongCursor if the content has not the shape of this list's cursors */
export function readCursor<S extends v.GenericSchema>(shape: S, cursor: string): v.InferOutput<S> {
  const bytes = Buffer.from(cursor.slice(0, LONGEST_CURSOR), 'base64url');
  const result = v.safeParse(shape, bytes.toString('base64url') === cursor ? jsonIn(bytes) : undefined);
  if (!result.success) throw new WrongCursor('is not a cursor of this list');
  return result.output;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/**
 * The query of a cursor. What a request asks besides must be what was asked for the first page.
 * @throws WrongCursor
 */
export function mustContinue<Q extends object>(query: Q, asked: { readonly [K in keyof Q]?: unknown }): Q {
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined && value !== query[name as keyof Q]) throw new WrongCursor(`belongs to another ${name}`);
  }
  return query;
}
