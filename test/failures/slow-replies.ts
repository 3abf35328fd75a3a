import { recover } from '../../commands/recover.ts';
import { seal } from '../../lib/platform/seal.ts';
import { type Handlers, slow } from '../../lib/replies/handlers.ts';
import { NOW, textMessage } from '../support/callback.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { FAILURE, slowWorld } from '../support/slow-world.ts';
import { interactionsOf } from './deliveries.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Fate, type Mortal, mortal } from './mortal.ts';
import type { Outcome, Scenario } from './outcomes.ts';

const ANSWER = 'the slow answer';
/** Two of them do not fit into one reply. */
const LONG = '。'.repeat(400);

let followers = 0;

type World = { readonly takesMs: number; readonly mayBeMessaged: boolean };

/** One follower of a service that answers what begins with `slow` slowly, and pictures at once. */
function world({ takesMs, mayBeMessaged }: World) {
  const openid = `oSlow${++followers}`;
  const runs: string[] = [];
  const sealed: string[] = [];
  const handlers: Handlers = {
    text: slow(async ({ content }) => {
      if (content === 'long') return [1, 2, 3].map((part) => `${ANSWER} to slow${part}${'。'.repeat(590)}`).join('\n');
      if (!content.startsWith('slow')) return undefined;
      runs.push(content);
      await clock.sleep(takesMs);
      return `${ANSWER} to ${content}${content === 'slow' ? '' : LONG}`;
    }),
    image: () => 'a fast answer',
  };
  const here = slowWorld({
    ...{ handlers, mayBeMessaged, isKnownToSend: mayBeMessaged },
    sealed: async (lost) => {
      const text = await seal(RECOVERY_KEY, lost);
      sealed.push(`{"sealed":"${text}"}`);
      return text;
    },
  });
  const { clock } = here;

  /** The first attempt meets `first`, the slow-replies function `slowLife`; later ones meet nothing. */
  async function deliver(
    xml: string,
    { first, slowLife }: { first?: Mortal; slowLife?: Mortal } = {},
  ): Promise<string> {
    const { sees } = await here.deliver(xml, { ...(first && { first }), ...(slowLife && { slow: slowLife }) });
    return sees === FAILURE ? '' : sees;
  }

  /** Taps on the link in a text, if there is one. */
  async function tap(text: string, lives: { first?: Mortal } = {}): Promise<string> {
    return text.includes('weixin://') ? deliver(here.tapOn(text, openid), lives) : '';
  }

  const message = (content: string, minutes = 0) =>
    textMessage(content, { from: openid, created: NOW / 1000 + minutes * 60 });

  const picture = (minutes: number) =>
    message('', minutes)
      .replace('[text]', '[image]')
      .replace(/<Content>.*<.Content>/, '<MediaId>M</MediaId>');

  /** What the follower got of the answers, and what is in the history. */
  async function outcome(seen: readonly string[], deliveries: number): Promise<Pick<Outcome, 'kept' | 'sees'>> {
    await clock.sleep(120_000);
    await recover(recovery(), lines(sealed));
    const kept = await interactionsOf(openid);
    const answersIn = (text: string) => [...text.matchAll(/the slow answer to slow\d?/g)].map(([found]) => found);
    const inReplies = seen.flatMap(answersIn);
    const got = [...inReplies, ...here.sent.flatMap(({ content }) => answersIn(content))];
    const written = answersIn(JSON.stringify(kept));
    expect(kept.filter(({ direction }) => direction === 'in')).toHaveLength(deliveries);
    for (const each of [got, written]) expect(new Set(each).size).toBe(each.length);
    for (const each of runs) expect(runs.filter((run) => run === each).length).toBeLessThanOrEqual(2);
    return {
      kept: ['the delivery', ...counted(written.length, 'the reply')].join(', '),
      sees: [...counted(got.length, 'the reply'), got.length === 0 ? 'nothing' : way(inReplies)].join(', '),
    };
  }

  return { deliver, tap, message, picture, outcome, clock };
}

async function* lines(all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

const counted = (count: number, what: string): string[] =>
  count > 1 ? [`${what} (${count})`] : count === 1 ? [what] : [];

const way = (inReplies: readonly string[]): string => (inReplies.length > 0 ? 'in reply' : 'as a message of its own');

const FATES: readonly Fate[] = ['killed', 'fails before', 'fails after'];

/** Every step of a process, with everything that may become of it there. */
async function atEveryStep(
  tried: (life: Mortal) => Promise<Pick<Outcome, 'kept' | 'sees'>>,
): Promise<readonly Outcome[]> {
  const whole = mortal();
  await tried(whole);
  const cases = whole.steps.flatMap((name, at) => FATES.map((fate) => ({ name, number: at + 1, fate })));
  return fewAtOnce(
    cases.map(({ name, number, fate }) => async (): Promise<Outcome> => {
      const where = `${number}. ${STEPS[name] ?? name}`;
      return { fault: WORDS[fate], where, ...(await tried(mortal(number, fate))) };
    }),
  );
}

const STEPS: Record<string, string> = {
  'GetItem pending': 'read `pending`',
  'PutItem pending': 'put into `pending`',
  'UpdateItem pending': 'note in `pending`',
  'PutItem interactions': 'write the history',
  Lambda: 'invoke `slow-replies`',
  WeChat: 'send a message',
};

const WORDS: Record<Fate, string> = {
  killed: 'killed after it',
  'fails before': 'fails',
  'fails after': 'fails, though done',
};

const attempt: Scenario = {
  title: "A slow reply, of 0.4 s: WeChat's first attempt",
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 400, mayBeMessaged: true });
      return here.outcome([await here.deliver(here.message('slow'), { first })], 1);
    }),
};

const answers: Scenario = {
  title: 'A slow reply, of 30 s: the slow-replies function',
  run: () =>
    atEveryStep(async (slowLife) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: true });
      return here.outcome([await here.deliver(here.message('slow'), { slowLife })], 1);
    }),
};

const unsendable: Scenario = {
  title: 'A slow reply, of 30 s, of an account that may send no messages: the slow-replies function',
  run: () =>
    atEveryStep(async (slowLife) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow'), { slowLife })];
      await here.clock.sleep(150_000);
      seen.push(await here.deliver(here.picture(3)));
      return here.outcome(seen, 2);
    }),
};

const tapping: Scenario = {
  title: 'A slow reply, of 30 s, that a tap fetches: the first attempt of the tap',
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const link = await here.deliver(here.message('slow'));
      await here.clock.sleep(60_000);
      return here.outcome([await here.tap(link, { first })], 2);
    }),
};

const long: Scenario = {
  title: 'A reply of three parts, of an account that may send no messages: the first attempt',
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 0, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('long'), { first })];
      while (seen.length < 3) seen.push(await here.tap(seen.at(-1) ?? ''));
      const outcome = await here.outcome(seen, 3);
      expect(outcome).toMatchObject({ sees: expect.stringContaining('(3)') });
      return outcome;
    }),
};

const waiting: Scenario = {
  title: "A slow reply that waits for the follower's next message: the first attempt of that one",
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow'))];
      await here.clock.sleep(60_000);
      seen.push(await here.deliver(here.message('hello?', 2), { first }));
      seen.push(await here.deliver(here.message('hello??', 3)));
      return here.outcome(seen, 3);
    }),
};

const waitingLong: Scenario = {
  title: 'Two slow replies that wait, too long for one reply: the first attempt of the next message',
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow1')), await here.deliver(here.message('slow2', 1))];
      await here.clock.sleep(60_000);
      seen.push(await here.deliver(here.picture(4), { first }));
      for (const minutes of [5, 6, 7]) seen.push(await here.deliver(here.picture(minutes)));
      const outcome = await here.outcome(seen, 6);
      expect(outcome).toMatchObject({ sees: expect.stringContaining('(2)') });
      return outcome;
    }),
};

export const SLOW_REPLY_SCENARIOS = [attempt, answers, unsendable, tapping, long, waiting, waitingLong];
