import { ruleCompiler } from '../lib/reply-rules/compile.ts';
import { decideByRules } from '../lib/reply-rules/decide.ts';
import { LIMITS } from '../lib/reply-rules/limits.ts';
import { compilePattern } from '../lib/reply-rules/pattern.ts';
import type { ReplyRule } from '../lib/reply-rules/rule.ts';
import type { Comparison, Condition } from '../lib/reply-rules/shape.ts';
import type { Delivery } from '../lib/wechat/delivery.ts';
import type { Effort, Row, Section } from './section.ts';
import { median } from './statistics.ts';

const RUNS = { full: 2_000, smoke: 3 } as const satisfies Record<Effort, number>;
const NOW = Date.parse('2026-01-01T00:00:00Z');

/** Nothing any rule is about, so that all are asked. */
const TEXTS = { short: '请问你们周末几点开门？谢谢 123', long: '请问你们周末几点开门？谢谢 123 '.repeat(80) };

/** Nine rules of ten compare words, one in ten has a pattern, one in five a window: a list that people write. */
const usual = (index: number): Comparison =>
  index % 10 === 0
    ? { comparison: 'matches', value: `^(订单|单号) ?${index} ?(\\d+)$` }
    : { comparison: index % 3 === 0 ? 'equals' : 'contains', value: `商品 ${index}` };

const pattern = (index: number): Comparison => ({ comparison: 'matches', value: `(\\d{4})[a-z]+${index}(\\d+)` });

export const replyRules: Section = {
  title: 'Deciding by reply rules',
  about: `A text that none of ${LIMITS.rules} rules answers. Aim: under 1 ms; a pattern on 64 KB: under 5 ms.`,
  measure: async (effort) => [
    await decidingRow('words, a tenth patterns, short text', usual, TEXTS.short, effort),
    await decidingRow('words, a tenth patterns, 1,500 characters', usual, TEXTS.long, effort),
    await decidingRow('patterns only, short text', pattern, TEXTS.short, effort),
    patternRow('the worst pattern that is taken, on 64 KB', '[ab]*a[ab]{100}$', 'ab'.repeat(32_768), effort),
  ],
};

async function decidingRow(
  what: string,
  comparison: (index: number) => Comparison,
  content: string,
  effort: Effort,
): Promise<Row> {
  const list = Array.from({ length: LIMITS.rules }, (_, index) => ruleOn([comparison(index)], index));
  const start = performance.now();
  const rules = await ruleCompiler()(list);
  const compiled = performance.now() - start;
  const delivery = { to: 'gh', from: 'o', created: NOW / 1000, type: 'text', id: '1', content } as Delivery;
  return row(what, RUNS[effort], () => decideByRules(rules, delivery, { now: NOW, random: Math.random }), compiled);
}

function patternRow(what: string, source: string, text: string, effort: Effort): Row {
  const start = performance.now();
  const { find } = compilePattern(source);
  return row(what, RUNS[effort] / 10, () => find(text), performance.now() - start);
}

function row(what: string, runs: number, work: () => unknown, compiled: number): Row {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return { rules: what, 'ms, median': median(times), 'compiled once, ms': compiled };
}

function ruleOn(any_of: Comparison[], index: number): ReplyRule {
  const condition: Condition = { type: 'text', any_of };
  return {
    id: `rule-${index}`,
    name: `rule ${index}`,
    position: '500000',
    enabled: true,
    ...(index % 5 === 0 && { window: { time_zone: 'Asia/Shanghai', hours: { from: '00:00', to: '24:00' } } }),
    condition,
    answer: { type: 'text', content: '{{text}}' },
    created_at: '',
    updated_at: '',
  };
}
