import { readDraft } from '../../lib/replies/rules/draft.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { addFirstRule } from '../../local/first-rule.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';

it('is a rule the API would take, and is added to new tables alone', async () => {
  const rules = replyRulesTable(database(), tableNamed('reply-rules'));
  expect(await makeTables()).toContain('reply-rules');
  expect(await makeTables()).toEqual([]);

  await addFirstRule(rules, 0);

  const [{ id, position, created_at, updated_at, ...draft } = {}, ...more] = await rules.all();
  expect(more).toEqual([]);
  expect({ id, position, created_at, updated_at }).toEqual({
    id: 'hello',
    position: 'a0',
    created_at: '1970-01-01T00:00:00.000Z',
    updated_at: '1970-01-01T00:00:00.000Z',
  });
  expect(await readDraft(draft)).toHaveProperty('value');
});
