import { checkBudget, stepsOf } from '../../../../lib/replies/rules/budget.ts';
import { LIMITS } from '../../../../lib/replies/rules/limits.ts';
import type { ReplyRule } from '../../../../lib/replies/rules/rule.ts';
import type { Comparison, Condition } from '../../../../lib/replies/rules/shape.ts';
import { aRule, textIs } from './rules.ts';

type Kind = { readonly rule: (index: number) => Partial<ReplyRule>; readonly text: string };

const patterns = (index: number, ...sources: string[]) => ({
  condition: textIs('matches', ...sources.map((source) => `${source}${index}$`)),
});
const fifty = (value: (at: number) => Comparison): Condition => ({
  type: 'text',
  any_of: Array.from({ length: LIMITS.comparisons }, (_, at) => value(at)),
});
const marks = `a${'\u0301'.repeat(1_023)}${'\u0316'.repeat(1_024)}`;
const ZONES = Intl.supportedValuesOf('timeZone');

/** Rules that cost as much as their kind can, and a text that none of them answers and that costs them most. */
export const COSTLIEST = {
  'the largest patterns': { rule: (index) => patterns(index, '(?:(?:a?)(?:b?)){29}c'), text: '中文'.repeat(1_024) },
  'patterns of a hundred captures': { rule: (index) => patterns(index, '(.*)'.repeat(20)), text: 'ab'.repeat(1_024) },
  'small patterns, fifty a rule': {
    rule: (index) => patterns(index, ...Array.from({ length: 50 }, (_, at) => `a*${at}x`)),
    text: 'a'.repeat(2_048),
  },
  'the largest ranges': { rule: (index) => patterns(index, '[B-\\x{1e900}]'), text: 'é'.repeat(2_048) },
  'named classes': { rule: (index) => patterns(index, '(?:\\pL|\\pN)'.repeat(8)), text: '中'.repeat(2_048) },
  'fifty words a rule': {
    rule: (index) => ({
      condition: fifty((at) => ({ comparison: 'contains', value: `中中中中中${index % 10}${at}` })),
    }),
    text: '中'.repeat(2_048),
  },
  'the longest words': {
    rule: (index) => ({
      condition: textIs('contains', ...['a', 'b'].map((end) => `${marks.slice(0, 190)}${index}${end}`)),
    }),
    text: marks,
  },
  'every time zone': {
    rule: (index) => ({
      window: { time_zone: ZONES[index % ZONES.length] ?? 'UTC', weekdays: ['mon'], until: '2000-01-01' },
      condition: { type: 'anything' },
    }),
    text: marks,
  },
} as const satisfies Record<string, Kind>;

/** As many rules of a kind as saving accepts, at most 500, and one that answers what none of them does. */
export async function costliest({ rule }: Kind): Promise<ReplyRule[]> {
  const last = aRule({ id: 'last', answer: { type: 'text', content: '{{text}}{{1}}'.repeat(150) } });
  const made = (index: number) => aRule({ id: `costly-${index}`, ...rule(index) });
  const most = LIMITS.rules - 1;
  const steps = await stepsOf([made(most)]);
  const list = Array.from({ length: Math.min(most, Math.ceil(LIMITS.steps / steps)) }, (_, index) => made(index));
  while (!(await checkBudget([], [...list, last])).ok) list.pop();
  return [...list, last];
}
