import { badParameter } from '../../lib/http/error.ts';
import { type NewRule, readDraft } from '../../lib/reply-rules/draft.ts';
import type { Read } from '../../lib/reply-rules/reading.ts';
import type { Draft, Trial } from '../../lib/reply-rules/shape.ts';
import { readTrial, type Tried } from '../../lib/reply-rules/trial.ts';

/** What the routes take from a request. */

export const newRule = async (draft: Draft): Promise<NewRule> => valueIn(await readDraft(draft));

export const trial = (asked: Trial, now: number): Tried => valueIn(readTrial(asked, now));

function valueIn<T>(read: Read<T>): T {
  if ('problem' in read) throw badParameter('', read.problem);
  return read.value;
}
