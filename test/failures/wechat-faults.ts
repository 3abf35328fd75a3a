import type { SimulatedWeChat } from '../../local/simulator/app.ts';
import type { Fault } from '../../local/simulator/faults.ts';

/** What may go wrong with one call to WeChat: a fault of the simulator's, so many times, or no answer in our time. */
export type WeChatFault = { readonly name: string } & (
  | { readonly fault: Fault; readonly times: number }
  | { readonly tooSlow: 'taken' | 'not taken' }
  | { readonly cutAfter: true }
);

const ALWAYS = 99;

export const WECHAT_FAULTS: readonly WeChatFault[] = [
  { name: 'slower than 4 s, and takes it', tooSlow: 'taken' },
  { name: 'slower than 4 s, and does not take it', tooSlow: 'not taken' },
  { name: '-1 once', fault: { kind: 'errcode', errcode: -1 }, times: 1 },
  { name: '-1 every time', fault: { kind: 'errcode', errcode: -1 }, times: ALWAYS },
  { name: '45009', fault: { kind: 'errcode', errcode: 45009 }, times: ALWAYS },
  { name: 'HTML', fault: { kind: 'html' }, times: ALWAYS },
  { name: 'an empty body', fault: { kind: 'empty' }, times: ALWAYS },
  { name: 'cut before', fault: { kind: 'cut' }, times: ALWAYS },
  { name: 'cut after', cutAfter: true },
];

/** WeChat, reached by a fetch that has this fault at one path. Nobody waits: what is too slow is so at once. */
export function failingOn(path: string, fault: WeChatFault, simulated: SimulatedWeChat): typeof fetch {
  if ('fault' in fault) simulated.faults.push({ path, times: fault.times, fault: fault.fault });
  return async (input, init) => {
    const isIt = new URL(new Request(input).url).pathname === path;
    if (!isIt || 'fault' in fault) return simulated.fetch(input, init);
    if (!('tooSlow' in fault && fault.tooSlow === 'not taken')) await simulated.fetch(input, init);
    if ('tooSlow' in fault) throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('cut'), { code: 'ECONNRESET' }) });
  };
}
