import { badParameter, HttpError } from '../../lib/http/error.ts';
import { checkBudget } from '../../lib/replies/rules/budget.ts';
import type { NewRule } from '../../lib/replies/rules/draft.ts';
import { LIMITS } from '../../lib/replies/rules/limits.ts';
import { type Place, positionAt } from '../../lib/replies/rules/place.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import type { ReplyRule } from '../../lib/replies/rules/rule.ts';
import type { ReplyRulesTable } from '../../lib/tables/reply-rules.ts';

/** DynamoDB's limit for a sort key. */
const MAX_ID_BYTES = 1_024;

/** The ordered list of rules. An unknown id is 404, or 400 in `after` and `before`. */
export function ruleList(rules: ReplyRulesTable, newId: () => string) {
  const inOrder = async (): Promise<ReplyRule[]> => (await rules.all()).sort(byPosition);

  const one = async (id = ''): Promise<ReplyRule> => (isId(id) && (await rules.byId(id))) || notFound(id);

  return {
    inOrder,
    one,

    /** Adds a rule after or before another, else at the end. @throws HttpError 409 if the list is full or over a budget */
    async add({ rule, place }: NewRule, now: number): Promise<ReplyRule> {
      const others = await inOrder();
      if (others.length >= LIMITS.rules) {
        throw new HttpError(409, 'too many rules', { detail: `there are ${others.length}, at most ${LIMITS.rules}` });
      }
      const at = new Date(now).toISOString();
      const added = { ...rule, id: newId(), position: positionOf(others, place), created_at: at, updated_at: at };
      await refuseOverBudget(others, [...others, added]);
      await rules.create(added);
      return added;
    },

    /** Replaces a rule; without a place it stays where it is. @throws HttpError 409 if the list would be over a budget */
    async replace(id = '', { rule, place }: NewRule, now: number): Promise<ReplyRule> {
      const all = await inOrder();
      const old = all.find((other) => other.id === id) ?? notFound(id);
      const others = all.filter((other) => other !== old);
      const isMoved = place.after !== undefined || place.before !== undefined;
      const position = isMoved ? positionOf(others, place) : old.position;
      const { created_at } = old;
      const replaced = { ...rule, id: old.id, position, created_at, updated_at: new Date(now).toISOString() };
      await refuseOverBudget(all, [...others, replaced].sort(byPosition));
      return (await rules.replace(replaced)) ? replaced : notFound(old.id);
    },

    async remove(id = ''): Promise<{ errcode: 0; errmsg: 'ok' }> {
      return isId(id) && (await rules.remove(id)) ? { errcode: 0, errmsg: 'ok' } : notFound(id);
    },
  };
}

const isId = (id: string): boolean => Buffer.byteLength(id) <= MAX_ID_BYTES;

function positionOf(others: readonly ReplyRule[], place: Place): string {
  const position = positionAt(others, place);
  if (position === undefined) throw badParameter(place.after === undefined ? 'before' : 'after', 'no rule has this id');
  return position;
}

/** @throws HttpError 409 that names the costliest rules */
async function refuseOverBudget(before: readonly ReplyRule[], after: readonly ReplyRule[]): Promise<void> {
  const checked = await checkBudget(before, after);
  if (!checked.ok) throw new HttpError(409, 'the rules take too many steps or bytes', { detail: checked.detail });
}

function notFound(id: string): never {
  throw new HttpError(404, 'no such rule', { detail: `no rule has the id ${id}` });
}
