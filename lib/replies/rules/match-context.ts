import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import { inOneCase, narrow, withoutPunctuationAtEnd } from './comparing.ts';
import { LIMITS } from './limits.ts';
import type { Pattern } from './pattern.ts';
import { matching, normalizing, STEPS, type StepCounter } from './steps.ts';
import { type WallTime, wallClock } from './wall-clock.ts';

/** A follower's text: as sent, in one width for `matches`, and in one case too for the other comparisons. */
type Text = { readonly sent: string; readonly narrow: string; readonly normalized: string };

/**
 * A delivery and the time at which rules are evaluated. Values that several rules need are computed once. Each access
 * costs steps.
 * @throws AppError OVER_BUDGET from any of its functions
 */
export type MatchContext = {
  readonly delivery: Delivery;
  /** The source of the text; undefined if there is none. */
  readonly source: TextSource | undefined;
  readonly text: () => Text;
  readonly wall: (time_zone: string) => WallTime;
  /** The captures of a pattern in the text; undefined if it does not match. */
  readonly find: (pattern: Pattern) => ReturnType<Pattern['find']>;
  readonly spend: StepCounter['spend'];
};

/** The content of a text message, or the recognition of a voice message. */
export type TextSource = 'content' | 'recognition';

export function matchContext(delivery: Delivery, now: number, { spend }: Pick<StepCounter, 'spend'>): MatchContext {
  const walls = new Map<string, WallTime>();
  const found = new Map<Pattern, ReturnType<Pattern['find']>>();
  const source = textSourceOf(delivery);
  let text: Text | undefined;

  function readText(): Text {
    const sent = textIn(delivery);
    spend(normalizing(Math.min(sent.length, LIMITS.text_reads_characters)));
    const narrowed = source === 'recognition' ? withoutPunctuationAtEnd(narrow(sent)) : narrow(sent);
    return { sent, narrow: narrowed, normalized: inOneCase(narrowed) };
  }

  const textOnce = (): Text => {
    text ??= readText();
    return text;
  };

  return {
    delivery,
    source,
    text: textOnce,
    spend,
    wall(time_zone) {
      const known = walls.get(time_zone);
      if (known !== undefined) return known;
      spend(STEPS.zone);
      const wall = wallClock(time_zone, now);
      walls.set(time_zone, wall);
      return wall;
    },
    find(pattern) {
      if (found.has(pattern)) return found.get(pattern);
      const { narrow } = textOnce();
      spend(matching(pattern.instructions, Math.min(narrow.length, LIMITS.pattern_reads_characters)));
      const captures = pattern.find(narrow);
      found.set(pattern, captures);
      return captures;
    },
  };
}

/** The source of a delivery's text for rules; undefined if it has none. */
export function textSourceOf(delivery: Delivery): TextSource | undefined {
  if (delivery.type === 'text') return 'content';
  return delivery.type === 'voice' && delivery.recognition ? 'recognition' : undefined;
}

/** The follower's text as it was sent; '' if there is none. */
export function textIn(delivery: Delivery): string {
  if (delivery.type === 'text') return delivery.content;
  return (delivery.type === 'voice' && delivery.recognition) || '';
}
