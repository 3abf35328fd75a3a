import { ruleCompiler } from '../lib/replies/rules/compile.ts';
import { decideByRules } from '../lib/replies/rules/decide.ts';
import { LIMITS } from '../lib/replies/rules/limits.ts';
import type { ReplyRule } from '../lib/replies/rules/rule.ts';
import type { Comparison } from '../lib/replies/rules/shape.ts';
import type { Delivery } from '../lib/wechat/deliveries/delivery.ts';
import { COSTLIEST, costliest } from '../test/lib/replies/rules/costliest.ts';
import type { Effort, Row, Section } from './section.ts';
import { quantile } from './statistics.ts';

const RUNS = { full: { usual: 2_000, costliest: 100 }, smoke: { usual: 3, costliest: 1 } } as const satisfies Record<
  Effort,
  object
>;
const NOW = Date.parse('2026-01-01T00:00:00Z');

/** Nothing any rule is about, so that all are asked. */
const TEXTS = { short: '请问你们周末几点开门？谢谢 123', long: '请问你们周末几点开门？谢谢 123 '.repeat(80) };

/** Nine rules of ten compare words, one in ten has a pattern, one in five a window: a list that people write. */
const usual = (index: number): Comparison =>
  index % 10 === 0
    ? { comparison: 'matches', value: `^(订单|单号) ?${index} ?(\\d+)$` }
    : { comparison: index % 3 === 0 ? 'equals' : 'contains', value: `商品 ${index}` };

export const replyRules: Section = {
  title: 'Deciding by reply rules',
  about:
    `Lists that people write: a text that none of ${LIMITS.rules} rules answers; aim: under 1 ms. The costliest lists that saving accepts ` +
    '(fewer rules where fewer fill the budget), each with the text that costs it most and a reply with 300 places: aim: a p99 under 500 ms of CPU, ' +
    'so that a function of 0.29 vCPU decides within two seconds. Compiling happens once in a process for each change.',
  measure: async (effort) => {
    const words = Array.from({ length: LIMITS.rules }, (_, index) => ruleOn(usual(index), index));
    const rows = [
      await decidingRow('words, a tenth patterns, short text', words, TEXTS.short, RUNS[effort].usual),
      await decidingRow('words, a tenth patterns, 1,500 characters', words, TEXTS.long, RUNS[effort].usual),
    ];
    for (const [what, kind] of Object.entries(COSTLIEST)) {
      rows.push(await decidingRow(what, await costliest(kind), kind.text, RUNS[effort].costliest));
    }
    return rows;
  },
};

async function decidingRow(what: string, list: readonly ReplyRule[], content: string, runs: number): Promise<Row> {
  const start = cpuMs();
  const rules = await ruleCompiler()(list);
  const compiled = cpuMs() - start;
  const delivery = { to: 'gh', from: 'o', createTime: NOW / 1000, type: 'text', id: '1', content } as Delivery;
  const times: number[] = [];
  let steps = 0;
  for (let run = 0; run < runs; run++) {
    const begin = cpuMs();
    ({ steps } = decideByRules(rules, delivery, { now: NOW, random: Math.random }));
    times.push(cpuMs() - begin);
  }
  return {
    rules: what,
    count: list.length,
    'CPU ms, p50': quantile(times, 0.5),
    p99: quantile(times, 0.99),
    'million steps': steps / 1e6,
    'compiled once, ms': compiled,
  };
}

/** The CPU time of this process so far, which other load on the machine affects little. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function ruleOn(comparison: Comparison, index: number): ReplyRule {
  return {
    id: `rule-${index}`,
    name: `rule ${index}`,
    position: '500000',
    enabled: true,
    ...(index % 5 === 0 && { window: { time_zone: 'Asia/Shanghai', hours: { from: '00:00', to: '24:00' } } }),
    condition: { type: 'text', any_of: [comparison] },
    answer: { type: 'text', content: '{{text}}' },
    created_at: '',
    updated_at: '',
  };
}
