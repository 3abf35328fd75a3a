import { type Checked, checkShape, type Issue, invalid, unless } from '../../contract/issues.ts';
import { hasCode } from '../../platform/error.ts';
import { checkReply, isInvalidReply, type Reply } from '../../wechat/callback/passive-reply.ts';
import { LIMITS } from './limits.ts';
import type { Place } from './place.ts';
import type { ReplyRule } from './rule.ts';
import { Draft } from './shape.ts';
import { isCapture, isKnown, namesIn, PLACEHOLDERS } from './template.ts';

/** A checked rule of an operator, and its place among the others. */
export type NewRule = {
  readonly rule: Pick<ReplyRule, 'name' | 'enabled' | 'window' | 'condition' | 'answer'>;
  readonly place: Place;
};

/** Reads a rule. Everything that would fail later (WeChat's limits, patterns, templates) is an issue now. */
export async function readDraft(body: unknown): Promise<Checked<NewRule>> {
  const read = checkShape(Draft, body);
  return read.ok ? unless(await issuesIn(read.value), parted(read.value)) : read;
}

function parted({ name, enabled, window, condition, answer, after, before }: Draft): NewRule {
  return {
    rule: { name, enabled, ...(window && { window }), condition, answer },
    place: { ...(after !== undefined && { after }), ...(before !== undefined && { before }) },
  };
}

async function issuesIn(draft: Draft): Promise<Issue[]> {
  const bytes = Buffer.byteLength(JSON.stringify(draft));
  if (bytes > LIMITS.rule_bytes) return [invalid('', `the rule is ${bytes} bytes, at most ${LIMITS.rule_bytes}`)];
  const both = draft.after !== undefined && draft.before !== undefined;
  const { issues, groups } = await patternsIn(draft);
  const answering = draft.condition.type === 'event' ? 'event' : 'message';
  return [
    ...(both ? [invalid('', 'after and before are both given')] : []),
    ...issues,
    ...repliesIn(draft).flatMap(([place, reply]) => issuesOfReply(place, reply, answering, groups)),
  ];
}

/** The issues of the patterns, and the most groups of any. The engine is loaded only if there are patterns. */
async function patternsIn({ condition }: Draft): Promise<{ issues: Issue[]; groups: number }> {
  const comparisons = condition.type === 'text' ? condition.any_of : [];
  if (!comparisons.some(({ comparison }) => comparison === 'matches')) return { issues: [], groups: 0 };
  const { compilePattern } = await import('./pattern.ts');
  const issues: Issue[] = [];
  let groups = 0;
  for (const [index, { comparison, value }] of comparisons.entries()) {
    if (comparison !== 'matches') continue;
    try {
      groups = Math.max(groups, compilePattern(value).groups);
    } catch (error) {
      if (!hasCode(error, 'INVALID_PATTERN')) throw error;
      issues.push(invalid(`condition.any_of[${index}].value`, error.message));
    }
  }
  return { issues, groups };
}

function repliesIn({ answer }: Draft): [place: string, reply: Reply][] {
  if (answer === null) return [];
  if (answer.type !== 'random') return [['answer', answer]];
  return answer.replies.map((reply, index) => [`answer.replies[${index}]`, reply]);
}

function issuesOfReply(place: string, reply: Reply, answering: 'message' | 'event', groups: number): Issue[] {
  try {
    checkReply(reply, answering);
  } catch (error) {
    if (!isInvalidReply(error)) throw error;
    return [invalid(`${place}.${error.place}`, error.problem)];
  }
  if (reply.type !== 'text') return [];
  return namesIn(reply.content).flatMap((name) => issuesOfName(`${place}.content`, name, groups));
}

function issuesOfName(path: string, name: string, groups: number): Issue[] {
  if (!isKnown(name)) return [invalid(path, `has {{${name}}}, but the placeholders are ${PLACEHOLDERS}`)];
  if (!isCapture(name) || Number(name) <= groups) return [];
  const missing = `${name} group${name === '1' ? '' : 's'}`;
  return [invalid(path, `has {{${name}}}, but no pattern of the condition has ${missing}`)];
}
