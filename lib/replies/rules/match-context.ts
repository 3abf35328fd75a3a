import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import { inOneCase, narrow, withoutPunctuationAtEnd } from './comparing.ts';
import { LIMITS } from './limits.ts';
import type { Pattern } from './pattern.ts';
import { matching, normalizing, STEPS, type StepCounter } from './steps.ts';
import { type Wall, wallClock } from './wall-clock.ts';

/** What a follower has said: as sent, in one width for `matches`, and in one case too for the other comparisons. */
type Text = { readonly sent: string; readonly narrow: string; readonly alike: string };

/**
 * A delivery at a moment, as rules look at it; what several rules ask for is worked out once. Everything that is asked
 * takes steps, and so may throw `OverBudget`.
 */
export type MatchContext = {
  readonly delivery: Delivery;
  /** Where the text is read from; undefined where there is none. */
  readonly source: TextSource | undefined;
  readonly text: () => Text;
  readonly wall: (time_zone: string) => Wall;
  /** What a pattern finds in the text. */
  readonly find: (pattern: Pattern) => ReturnType<Pattern['find']>;
  readonly take: StepCounter['take'];
};

/** The content of a text message, or what a voice message says. */
export type TextSource = 'content' | 'recognition';

export function matchContext(delivery: Delivery, now: number, { take }: Pick<StepCounter, 'take'>): MatchContext {
  const walls = new Map<string, Wall>();
  const found = new Map<Pattern, ReturnType<Pattern['find']>>();
  const source = textSourceOf(delivery);
  let text: Text | undefined;

  function readText(): Text {
    const sent = textIn(delivery);
    take(normalizing(Math.min(sent.length, LIMITS.text_reads_characters)));
    const narrowed = source === 'recognition' ? withoutPunctuationAtEnd(narrow(sent)) : narrow(sent);
    return { sent, narrow: narrowed, alike: inOneCase(narrowed) };
  }

  const textOnce = (): Text => {
    text ??= readText();
    return text;
  };

  return {
    delivery,
    source,
    text: textOnce,
    take,
    wall(time_zone) {
      const known = walls.get(time_zone);
      if (known !== undefined) return known;
      take(STEPS.zone);
      const wall = wallClock(time_zone, now);
      walls.set(time_zone, wall);
      return wall;
    },
    find(pattern) {
      if (found.has(pattern)) return found.get(pattern);
      const { narrow } = textOnce();
      take(matching(pattern.instructions, Math.min(narrow.length, LIMITS.pattern_reads_characters)));
      const captures = pattern.find(narrow);
      found.set(pattern, captures);
      return captures;
    },
  };
}

/** Where rules read a delivery's text from; undefined where it has none. */
export function textSourceOf(delivery: Delivery): TextSource | undefined {
  if (delivery.type === 'text') return 'content';
  return delivery.type === 'voice' && delivery.recognition ? 'recognition' : undefined;
}

/** What a follower has said, as it was sent; '' where nothing was. */
export function textIn(delivery: Delivery): string {
  if (delivery.type === 'text') return delivery.content;
  return (delivery.type === 'voice' && delivery.recognition) || '';
}
