import { handler as replyRules } from '../../functions/reply-rules/handler.ts';
import { deciding } from '../../functions/webhook/decide.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { overBudget } from '../lib/replies/rules/rules.ts';
import { signedIn } from '../support/account.ts';
import { NOW, plain, textMessage } from '../support/callback.ts';
import { call } from '../support/events.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

beforeAll(makeTables);

const PER_SECOND = 100;
const SECONDS = 40;
const EDITED_AT = 5;
const RULES = '/api/v0.1/reply-rules';

const greeting = (content: string) => ({
  name: 'greeting',
  condition: { type: 'anything' },
  answer: { type: 'text', content },
});

it('a rule edited while 100 deliveries a second arrive is in force within 30 s, and no delivery fails', async () => {
  let now = NOW;
  const clock = { now: () => now };
  const failures: unknown[] = [];
  const table = replyRulesTable(database(), tableNamed('reply-rules'));
  const list = async (signal: AbortSignal) => (await table.all(signal)).sort(byPosition);
  const rules = rulesCache({ version: table.version, list, failed: (error) => failures.push(error), ...clock });
  const decide = deciding({
    handlers: {},
    rules: decideFromRules(rules, { overBudget, ...clock }),
    welcomeText: undefined,
  });
  const webhook = instance('plain', { decide, ...clock });
  const token = await signedIn();
  const made = (await call(replyRules, `POST ${RULES}`, { token, body: greeting('old') })).json as { id: string };

  const answered: { second: number; said: string | undefined }[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const edit =
      second === EDITED_AT ? call(replyRules, `PUT ${RULES}/${made.id}`, { token, body: greeting('new') }) : undefined;
    const answers = await Promise.all(
      Array.from({ length: PER_SECOND }, (_, at) =>
        webhook(plain(textMessage('hi', { from: `o-${at}`, created: now / 1000 }), { time: now })),
      ),
    );
    for (const { body } of answers) answered.push({ second, said: /old|new/.exec(body ?? '')?.[0] });
    expect((await edit)?.status ?? 200).toBe(200);
    now += 1_000;
  }

  expect(failures).toEqual([]);
  expect(answered.filter(({ said }) => said === undefined)).toEqual([]);
  expect(answered.filter(({ second, said }) => second < EDITED_AT && said !== 'old')).toEqual([]);
  expect(answered.filter(({ second, said }) => second > EDITED_AT + 30 && said !== 'new')).toEqual([]);
  expect(await everyInteraction()).toHaveLength(PER_SECOND * SECONDS);
});
