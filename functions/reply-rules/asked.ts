import { badParameter } from '../../lib/http/error.ts';
import { type Input, json, refine } from '../../lib/http/input.ts';
import { type NewRule, readDraft } from '../../lib/reply-rules/draft.ts';
import type { Read } from '../../lib/reply-rules/reading.ts';
import { Draft, Trial } from '../../lib/reply-rules/shape.ts';
import { readTrial, type Tried } from '../../lib/reply-rules/trial.ts';

/** What the routes take from a request. */

export const newRule: Input<NewRule> = refine(json(Draft), async (draft) => valueIn(await readDraft(draft)));

export const trial = (now: () => number): Input<Tried> =>
  refine(json(Trial), (asked) => valueIn(readTrial(asked, now())));

function valueIn<T>(read: Read<T>): T {
  if ('problem' in read) throw badParameter('', read.problem);
  return read.value;
}
