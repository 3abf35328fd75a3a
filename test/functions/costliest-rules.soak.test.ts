import { deciding } from '../../functions/webhook/decide.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { COSTLIEST, costliest } from '../lib/replies/rules/costliest.ts';
import { aRule, decide, overBudget, said, textIs } from '../lib/replies/rules/rules.ts';
import { NOW, plain, textMessage } from '../support/callback.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

beforeAll(makeTables);

const table = replyRulesTable(database(), tableNamed('reply-rules'));
const list = async (signal: AbortSignal) => (await table.all(signal)).sort(byPosition);

/** A process of the webhook that has just started. */
function process(tellOverBudget: (rule: { id: string }) => void = overBudget) {
  const cache = rulesCache({ version: table.version, list, now: () => NOW, failed: fail, readMs: 600_000 });
  const rules = decideFromRules(cache, { now: () => NOW, overBudget: tellOverBudget });
  return instance('plain', { decide: deciding({ handlers: {}, rules, welcomeText: undefined }) });
}

function fail(error: unknown): never {
  throw error;
}

async function save(rules: readonly ReturnType<typeof aRule>[]): Promise<void> {
  for (const { id } of await table.all()) await table.remove(id);
  for (const [index, rule] of rules.entries()) await table.create({ ...rule, position: String(500_000 + index) });
}

const keptOf = async (openid: string) => (await everyInteraction()).filter((kept) => kept.openid === openid);

describe('the costliest rules that saving accepts', () => {
  it.each(Object.entries(COSTLIEST))(
    'let a delivery be recorded and answered, by the steps that were counted: %s',
    async (name, kind) => {
      const rules = await costliest(kind);
      await save(rules);
      const from = `o-${Object.keys(COSTLIEST).indexOf(name)}`;
      const { statusCode, body } = await process()(plain(textMessage(kind.text, { from })));
      expect([statusCode, body]).toEqual([200, expect.stringContaining('<MsgType><![CDATA[text]]>')]);
      expect(await keptOf(from)).toEqual([expect.objectContaining({ answered_by: 'rule:last' })]);
      const steps = await Promise.all([0, 1].map(async () => (await decide(rules, said(kind.text))).steps));
      expect(steps[0]).toBe(steps[1]);
    },
  );
});

it('rules of an older version that take too much let a delivery be recorded without a reply, and one is named', async () => {
  await save([
    aRule({ name: 'first', condition: textIs('equals', 'hi') }),
    ...Array.from({ length: 300 }, (_, at) => aRule({ condition: textIs('matches', `(?:(?:a?)(?:b?)){29}c${at}$`) })),
    aRule({ name: 'rest' }),
  ]);
  const over: string[] = [];
  const webhook = process(({ id }) => over.push(id));
  expect((await webhook(plain(textMessage('中文'.repeat(600), { from: 'oLong' })))).body).toBe('success');
  expect(over).toHaveLength(1);
  const [kept, ...more] = await keptOf('oLong');
  expect([kept?.reply, kept?.pending, more]).toEqual([null, undefined, []]);
  expect((await webhook(plain(textMessage('hi', { from: 'oShort' })))).body).toContain('first');
  expect((await webhook(plain(textMessage('you', { from: 'oShort' })))).body).toContain('rest');
  expect(over).toHaveLength(1);
});
