import { checkReply, InvalidReply, type Reply } from '../wechat/reply.ts';
import { LIMITS } from './limits.ts';
import type { Place } from './position.ts';
import { type Read, readAs, together } from './reading.ts';
import type { ReplyRule } from './rule.ts';
import { Draft } from './shape.ts';
import { isCapture, isKnown, namesIn, PLACES } from './template.ts';

/** A rule as an operator wrote it, checked, and where among the others they want it. */
export type NewRule = {
  readonly rule: Pick<ReplyRule, 'name' | 'enabled' | 'window' | 'condition' | 'answer'>;
  readonly place: Place;
};

/** Reads a rule. All that is known to fail later (WeChat's limits, patterns, templates) is a problem now. */
export async function readDraft(body: unknown): Promise<Read<NewRule>> {
  const read = readAs(Draft, body);
  if ('problem' in read) return read;
  const problem = together(await problemsIn(read.value));
  return problem === '' ? { value: parted(read.value) } : { problem };
}

function parted({ name, enabled, window, condition, answer, after, before }: Draft): NewRule {
  return {
    rule: { name, enabled, ...(window && { window }), condition, answer },
    place: { ...(after !== undefined && { after }), ...(before !== undefined && { before }) },
  };
}

async function problemsIn(draft: Draft): Promise<string[]> {
  const bytes = Buffer.byteLength(JSON.stringify(draft));
  if (bytes > LIMITS.rule_bytes) return [`the rule is ${bytes} bytes, at most ${LIMITS.rule_bytes}`];
  const both = draft.after !== undefined && draft.before !== undefined;
  const { problems, groups } = await patternsIn(draft);
  const answering = draft.condition.type === 'event' ? 'event' : 'message';
  return [
    ...(both ? ['after and before are both given'] : []),
    ...problems,
    ...repliesIn(draft).flatMap(([place, reply]) => problemsOfReply(place, reply, answering, groups)),
  ];
}

/** What is wrong with the patterns, and how many groups the one with most has. The engine is loaded for them alone. */
async function patternsIn({ condition }: Draft): Promise<{ problems: string[]; groups: number }> {
  const comparisons = condition.type === 'text' ? condition.any_of : [];
  if (!comparisons.some(({ comparison }) => comparison === 'matches')) return { problems: [], groups: 0 };
  const { compilePattern, InvalidPattern } = await import('./pattern.ts');
  const problems: string[] = [];
  let groups = 0;
  for (const [index, { comparison, value }] of comparisons.entries()) {
    if (comparison !== 'matches') continue;
    try {
      groups = Math.max(groups, compilePattern(value).groups);
    } catch (error) {
      if (!(error instanceof InvalidPattern)) throw error;
      problems.push(`condition.any_of[${index}].value ${error.message}`);
    }
  }
  return { problems, groups };
}

function repliesIn({ answer }: Draft): [place: string, reply: Reply][] {
  if (answer === null) return [];
  if (answer.type !== 'random') return [['answer', answer]];
  return answer.replies.map((reply, index) => [`answer.replies[${index}]`, reply]);
}

function problemsOfReply(place: string, reply: Reply, answering: 'message' | 'event', groups: number): string[] {
  try {
    checkReply(reply, answering);
  } catch (error) {
    if (!(error instanceof InvalidReply)) throw error;
    return [`${place}.${error.message}`];
  }
  if (reply.type !== 'text') return [];
  return namesIn(reply.content).flatMap((name) => problemsOfName(`${place}.content has {{${name}}}`, name, groups));
}

function problemsOfName(found: string, name: string, groups: number): string[] {
  if (!isKnown(name)) return [`${found}, which is none of ${PLACES}`];
  if (!isCapture(name) || Number(name) <= groups) return [];
  return [`${found}, but no pattern of the condition has ${name} group${name === '1' ? '' : 's'}`];
}
