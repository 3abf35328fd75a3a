import { fork } from 'node:child_process';
import { once } from 'node:events';
import { plain, safe, textMessage } from '../test/support/callback.ts';
import { functionEnvironment } from './environment.ts';
import type { Row } from './section.ts';
import { quantile } from './statistics.ts';

export const MODES = { plain, safe } as const;
export type Mode = keyof typeof MODES;

type Job = {
  readonly file: string;
  readonly inputs: readonly object[];
  readonly atOnce?: number;
  readonly mode?: Mode;
  readonly withoutWrite?: {
    account: { appId: string; token: string; keys: string[]; mode: Mode };
    reply: object | null;
  };
};

/** Text messages of many followers, one each, signed now, as API Gateway hands them over. */
export function deliveries(mode: Mode, count: number): object[] {
  const now = Date.now();
  const created = Math.floor(now / 1000);
  return Array.from({ length: count }, (_, index) =>
    MODES[mode](textMessage('你好，请问今天营业到几点？', { from: `oBench${newNumber()}-${index % 500}`, created }), {
      time: now,
    }),
  );
}

let numbers = 0;
const newNumber = () => ++numbers;

/** Calls a bundle with each input and says how long the calls took, and how many there were in a second. */
export async function callsOf({ mode = 'safe', atOnce = 1, ...job }: Job): Promise<Row> {
  const child = fork('bench/webhook-process.js', {
    execArgv: [],
    env: functionEnvironment({ WECHAT_MESSAGE_MODE: mode }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(child, 'close').then(([code]) => Promise.reject(new Error(`the bundle ended with ${code}`)));
  child.send({ ...job, atOnce });
  const [{ times, all }] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return {
    calls: times.length,
    'p50 ms': quantile(times, 0.5),
    'p99 ms': quantile(times, 0.99),
    'calls/s': (times.length / all) * 1000,
  };
}
