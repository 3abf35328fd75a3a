import type { Checked } from '../../lib/contract/issues.ts';
import { badInput, badParameter } from '../../lib/http/error.ts';
import { type NewRule, readDraft } from '../../lib/replies/rules/draft.ts';
import type { Draft, Trial } from '../../lib/replies/rules/shape.ts';
import { readTrial, type TestInput } from '../../lib/replies/rules/trial.ts';

/** What the routes take from a request. */

export const newRule = async (draft: object): Promise<NewRule> => valueIn(await readDraft(draft));

/** A rule that takes the place of another, whose id it may bring. */
export async function replacement(draft: Draft, id: string | undefined): Promise<NewRule> {
  if (draft.id !== undefined && draft.id !== id) throw badParameter('id', 'must be equal to that in the path');
  return newRule(draft);
}

export const trial = (asked: Trial, now: number): TestInput => valueIn(readTrial(asked, now));

function valueIn<T>(read: Checked<T>): T {
  if (read.ok) return read.value;
  throw badInput(read.issues, read.count);
}
