import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lambda } from '../../lib/aws/invoke.ts';
import { emulateLambda, type Handlers, type Service } from '../../local/lambda/emulator.ts';
import { closed, listening, portOf } from '../../local/listening.ts';
import { event } from '../support/events.ts';

const folder = mkdtempSync(join(tmpdir(), 'wechat-server-lambda-'));
const FUNCTION = 'wechat-server-local-made';
const INTERNAL_SERVER_ERROR = { statusCode: 500, body: '{"message":"Internal Server Error"}' };

let emulation: ReturnType<typeof emulateLambda>;
let server: Server;
let handlers: Handlers;

/** The function's bundle, as the bundler would have written it. */
const bundle = (source: string): void => writeFileSync(join(folder, 'made.mjs'), source);

/** What API Gateway brings, told to the handler in a header. */
const request = (does: string) => event('POST /made', { headers: { does } });

/** Lambda's log. */
const logged: unknown[] = [];

beforeAll(async () => {
  jest.spyOn(console, 'error').mockImplementation((line) => {
    logged.push(line);
  });
  bundle(`
    let loads = 0;
    loads += 1;
    export async function handler(event, context) {
      const does = event.headers?.does ?? event.does;
      if (does === 'loads') return { statusCode: 200, body: String(loads) };
      if (does === 'throw') throw new TypeError('what only the log may say');
      if (does === 'hang') return new Promise(() => {});
      if (does === 'block') for (;;);
      if (does === 'exit') process.exit(3);
      if (does === 'crash') return new Promise(() => setTimeout(() => { throw new Error('later'); }));
      if (does === 'function') return () => {};
      if (does === 'told') return { env: process.env.TOLD, region: process.env.AWS_REGION, name: context.functionName,
        left: context.getRemainingTimeInMillis(), shell: process.env.HOME };
      await new Promise((done) => { waiting.push(done); if (waiting.length === 40) for (const each of waiting) each(); });
      return { statusCode: 200, body: 'together' };
    }
    const waiting = [];`);
  writeFileSync(
    join(folder, 'laden.mjs'),
    `await new Promise((done) => setTimeout(done, 1_500)); export const handler = async () => 'loaded';`,
  );
  const service: Service = {
    provider: { environment: { TOLD: 'by the service' }, region: 'ap-southeast-1', timeout: 2, memorySize: 512 },
    functions: {
      made: { name: FUNCTION, handler: 'made.handler' },
      laden: { name: 'wechat-server-local-laden', handler: 'laden.handler', timeout: 1 },
    },
    custom: { 'serverless-offline': { location: folder } },
  };
  emulation = emulateLambda(service, 'file:///plugin.js');
  handlers = emulation.handlers;
  server = await listening(emulation.invokeApi, 0);
});
afterAll(async () => {
  await Promise.all([closed(server), emulation.stop()]);
  rmSync(folder, { recursive: true });
});

const answer = (does: string) => handlers.made?.(request(does));

/** How a handler fails, and what the log says of it. */
const WHY: Record<string, RegExp> = {
  throw: /what only the log may say/,
  hang: /Task timed out after 2\.00 seconds/,
  block: /Task timed out after 2\.00 seconds/,
  exit: /the process ended/,
  crash: /later/,
  function: /could not be cloned/,
};

describe('an emulated function', () => {
  it('is told by the service alone, and how long it has left', async () => {
    const told = await handlers.made?.({ does: 'told' });
    expect(told).toEqual({ env: 'by the service', region: 'ap-southeast-1', name: FUNCTION, left: expect.any(Number) });
    const { left } = told as { left: number };
    expect(left > 0 && left <= 2_000).toBe(true);
  });

  it('takes forty events while none of them is done, and is loaded once for all', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => answer('wait for all forty')));
    expect(answers).toEqual(Array(40).fill({ statusCode: 200, body: 'together' }));
    expect(await answer('loads')).toEqual({ statusCode: 200, body: '1' });
  });

  it.each(Object.keys(WHY))(
    'is answered for as by API Gateway when it fails, never with 200, and serves what comes after: %s',
    async (does) => {
      const failed = await answer(does);
      expect(failed).toMatchObject(INTERNAL_SERVER_ERROR);
      expect(JSON.stringify(failed)).not.toContain('log may say');
      expect(logged.splice(0)).toEqual([expect.stringMatching(WHY[does] ?? '')]);
      expect(await answer('loads')).toMatchObject({ statusCode: 200 });
    },
  );

  it('lets nothing else fail when one event takes too long', async () => {
    const events = Array.from({ length: 39 }, () => answer('wait for all forty'));
    const late = answer('hang');
    const [last] = await Promise.all([answer('wait for all forty'), ...events]);
    expect(last).toEqual({ statusCode: 200, body: 'together' });
    expect(await late).toMatchObject(INTERNAL_SERVER_ERROR);
  });

  it('may load for longer than it may run, as on AWS', async () => {
    expect(await handlers.laden?.({})).toBe('loaded');
  });

  it('is the new bundle when that has changed', async () => {
    bundle(`export const handler = async () => ({ statusCode: 200, body: 'new' });`);
    for (const { reload } of Object.values(emulation.functions)) reload();
    expect(await answer('loads')).toEqual({ statusCode: 200, body: 'new' });
  });
});

describe("Lambda's Invoke API", () => {
  const invoke = (payload: object, more: object = {}) => {
    const ask = lambda({ LAMBDA_ENDPOINT: `http://127.0.0.1:${portOf(server)}` }, 10_000);
    return ask({ FunctionName: FUNCTION, Payload: JSON.stringify(payload), ...more });
  };
  beforeAll(() => {
    bundle(
      `export const handler = async ({ fail, ...more }) => { if (fail) throw new RangeError(fail); return more; };`,
    );
    for (const { reload } of Object.values(emulation.functions)) reload();
  });

  it('answers what the function answers', async () => {
    const { Payload, FunctionError, StatusCode } = await invoke({ 你: '好' });
    expect([StatusCode, FunctionError, Payload?.transformToString()]).toEqual([200, undefined, '{"你":"好"}']);
  });

  it('says what the function threw', async () => {
    const { Payload, FunctionError } = await invoke({ fail: 'on purpose' });
    expect(FunctionError).toBe('Unhandled');
    expect(Payload?.transformToString()).toBe('{"errorType":"RangeError","errorMessage":"on purpose"}');
  });

  it('waits for no event, and knows no other function', async () => {
    expect((await invoke({ fail: 'unheard' }, { InvocationType: 'Event' })).StatusCode).toBe(202);
    await expect(invoke({}, { FunctionName: 'another' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
