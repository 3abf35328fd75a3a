import { legalText } from '../../wechat/callback/cdata.ts';
import type { Reply } from '../../wechat/callback/passive-reply.ts';
import { type MatchContext, textIn } from './match-context.ts';
import type { Action } from './shape.ts';
import { STEPS } from './steps.ts';
import { fillIn, readTemplate } from './template.ts';

/** A compiled action. `captures` is called only if the text inserts one. */
export type CompiledAction = (
  context: MatchContext,
  captures: () => readonly string[],
  random: () => number,
) => Reply | null;

type FilledIn = (context: MatchContext, captures: () => readonly string[]) => Reply | null;

/** `random` returns 0 ≤ number < 1. A text that is empty once filled in is not sent: WeChat would show an error. */
export function compileAction(action: Action, time_zone: string): CompiledAction {
  if (action === null) return () => null;
  if (action.type !== 'random') return compileReply(action, time_zone);
  const replies = action.replies.map((reply) => compileReply(reply, time_zone));
  return (context, captures, random) => replies[Math.floor(random() * replies.length)]?.(context, captures) ?? null;
}

function compileReply(reply: Reply, time_zone: string): FilledIn {
  if (reply.type !== 'text' || !reply.content.includes('{{')) return () => reply;
  return (context, captures) => {
    context.spend(STEPS.template);
    const content = fillIn(readTemplate(reply.content), (name) => inserted(name, context, captures, time_zone));
    return legalText(content).trim() === '' ? null : { type: 'text', content };
  };
}

function inserted(name: string, context: MatchContext, captures: () => readonly string[], time_zone: string): string {
  switch (name) {
    case 'openid':
      return context.delivery.from;
    case 'text':
      return textIn(context.delivery);
    case 'time': {
      const { date, time } = context.wall(time_zone);
      return `${date} ${time}`;
    }
    default:
      return captures()[Number(name) - 1] ?? '';
  }
}
