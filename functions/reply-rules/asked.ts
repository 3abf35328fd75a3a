import * as v from 'valibot';
import { badParameter } from '../../lib/http/error.ts';
import { type Input, json } from '../../lib/http/input.ts';
import { type NewRule, readDraft } from '../../lib/reply-rules/draft.ts';
import type { Read } from '../../lib/reply-rules/reading.ts';
import { readTrial, type Tried } from '../../lib/reply-rules/trial.ts';

/** What the routes take from a request. */

export const newRule: Input<NewRule> = taking(readDraft);

export const trial = (now: () => number): Input<Tried> => taking((body) => readTrial(body, now()));

function taking<T>(read: (body: unknown) => Read<T> | Promise<Read<T>>): Input<T> {
  const body = json(v.unknown());
  return async (request) => {
    const taken = await read(await body(request));
    if ('problem' in taken) throw badParameter(taken.problem);
    return taken.value;
  };
}
