import type { Delivery } from '../wechat/delivery.ts';
import { narrow } from './comparing.ts';
import { type Wall, wallClock } from './wall-clock.ts';

/** A delivery at a moment, as rules look at it; what several rules ask for is worked out once. */
export type Asked = {
  readonly delivery: Delivery;
  /** Of a text message: as sent, in one width for `matches`, and in one case too for the other comparisons. */
  readonly text: { readonly sent: string; readonly narrow: string; readonly alike: string } | undefined;
  readonly wall: (time_zone: string) => Wall;
};

export function asking(delivery: Delivery, now: number): Asked {
  const walls = new Map<string, Wall>();
  return {
    delivery,
    text: delivery.type === 'text' ? textOf(delivery.content) : undefined,
    wall(time_zone) {
      const wall = walls.get(time_zone) ?? wallClock(time_zone, now);
      walls.set(time_zone, wall);
      return wall;
    },
  };
}

function textOf(sent: string): Asked['text'] {
  const narrowed = narrow(sent);
  return { sent, narrow: narrowed, alike: narrowed.toLowerCase() };
}
