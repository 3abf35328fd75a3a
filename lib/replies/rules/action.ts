import { legalText } from '../../wechat/callback/cdata.ts';
import type { Reply } from '../../wechat/callback/passive-reply.ts';
import { type MatchContext, textIn } from './match-context.ts';
import type { Action } from './shape.ts';
import { STEPS } from './steps.ts';
import { fillIn, readTemplate } from './template.ts';

/** An answer ready to be given. `captures` are asked for only if the text inserts one. */
export type CompiledAction = (
  asked: MatchContext,
  captures: () => readonly string[],
  random: () => number,
) => Reply | null;

type FilledIn = (asked: MatchContext, captures: () => readonly string[]) => Reply | null;

/** `random` gives 0 ≤ number < 1. A text that is empty once filled in is no answer: WeChat would show a failure. */
export function compileAction(answer: Action, time_zone: string): CompiledAction {
  if (answer === null) return () => null;
  if (answer.type !== 'random') return compileReply(answer, time_zone);
  const replies = answer.replies.map((reply) => compileReply(reply, time_zone));
  return (asked, captures, random) => replies[Math.floor(random() * replies.length)]?.(asked, captures) ?? null;
}

function compileReply(reply: Reply, time_zone: string): FilledIn {
  if (reply.type !== 'text' || !reply.content.includes('{{')) return () => reply;
  return (asked, captures) => {
    asked.take(STEPS.template);
    const content = fillIn(readTemplate(reply.content), (name) => inserted(name, asked, captures, time_zone));
    return legalText(content).trim() === '' ? null : { type: 'text', content };
  };
}

function inserted(name: string, asked: MatchContext, captures: () => readonly string[], time_zone: string): string {
  switch (name) {
    case 'openid':
      return asked.delivery.from;
    case 'text':
      return textIn(asked.delivery);
    case 'time': {
      const { date, time } = asked.wall(time_zone);
      return `${date} ${time}`;
    }
    default:
      return captures()[Number(name) - 1] ?? '';
  }
}
