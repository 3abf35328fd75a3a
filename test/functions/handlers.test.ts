import type { Decision } from '../../functions/webhook/decide.ts';
import { afterRules, type Handlers, slow } from '../../lib/replies/handlers.ts';
import { subscription, textMessage } from '../support/callback.ts';
import { slowWorld } from '../support/slow-world.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

beforeAll(makeTables);

let followers = 0;
const newFollower = () => `o-handled-${++followers}`;

const interactionsOf = async (openid: string) => (await everyInteraction()).filter((kept) => kept.openid === openid);

const fromRules = async (): Promise<Decision> => ({
  reply: { type: 'text', content: 'from the rules' },
  answered_by: 'rule:1',
});

describe('a fast handler', () => {
  it.each<[string, Handlers, string]>([
    ['answers with a text', { text: ({ content }) => `you said ${content}` }, 'you said hi'],
    ['answers with a reply', { text: () => ({ type: 'text', content: 'a reply' }) }, 'a reply'],
    ['that says nothing leaves the answer to the rules', { text: () => undefined }, 'from the rules'],
    [
      'that throws says nothing, and the delivery is kept',
      {
        text: () => {
          throw new Error('x');
        },
      },
      '',
    ],
    [
      'that throws what is no error says nothing, and the delivery is kept',
      {
        text: () => {
          throw null;
        },
      },
      '',
    ],
  ])('%s', async (_, handlers, sees) => {
    const here = slowWorld({ handlers, rules: fromRules });
    const from = newFollower();

    expect((await here.deliver(textMessage('hi', { from }))).sees).toBe(sees);
    expect(await interactionsOf(from)).toHaveLength(1);
  });
});

describe('a handler after the rules', () => {
  const slowly = slow(async () => 'of the model');

  it.each<[string, Handlers, () => Promise<Decision>, string]>([
    ['is not asked where a rule applies', { text: afterRules(slowly) }, fromRules, 'from the rules'],
    [
      'is not asked where a rule says that nothing is said',
      { text: afterRules(slowly) },
      async () => ({ reply: null, answered_by: 'rule:2' }),
      '',
    ],
    ['is asked where none applies', { text: afterRules(slowly) }, async () => ({ reply: null }), 'of the model'],
    ['may be fast', { text: afterRules(() => 'fast') }, async () => ({ reply: null }), 'fast'],
    ['may be fast, after a rule', { text: afterRules(() => 'fast') }, fromRules, 'from the rules'],
  ])('%s', async (_, handlers, rules, sees) => {
    const here = slowWorld({ handlers, rules });

    const shown = await here.deliver(textMessage('hi', { from: newFollower() }));
    await here.finish();

    expect(shown.sees).toBe(sees);
    expect(here.started).toHaveLength(sees === 'of the model' ? 1 : 0);
  });

  it('is not asked while the rules cannot be read', async () => {
    const here = slowWorld({
      handlers: { text: afterRules(slowly) },
      rules: async () => ({ reply: null, isUndecided: true }),
    });
    const from = newFollower();

    expect((await here.deliver(textMessage('hi', { from }))).sees).toBe('');
    expect(here.started).toEqual([]);
    expect(await interactionsOf(from)).toMatchObject([{ reply: null, pending: true }]);
  });

  it('is asked by the repetition once the rules can be read again', async () => {
    let isReadable = false;
    const rules = async (): Promise<Decision> => {
      if (isReadable) return { reply: null };
      isReadable = true;
      return { reply: null, isUndecided: true };
    };
    const here = slowWorld({ handlers: { text: afterRules(slowly) }, rules });

    const shown = await here.deliver(textMessage('hi', { from: newFollower() }));
    await here.finish();

    expect(shown).toMatchObject({ sees: 'of the model', attempt: 2 });
  });

  it('for a subscription comes before the welcome of the configuration', async () => {
    const here = slowWorld({ handlers: { 'event.subscribe': afterRules(() => 'mine') } });
    expect((await here.deliver(subscription(newFollower()))).sees).toBe('mine');
  });
});
