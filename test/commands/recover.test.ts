import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { recover, runRecover } from '../../commands/recover.ts';
import { seal, unseal } from '../../lib/platform/seal.ts';
import type { Recorder } from '../../lib/tables/interactions/record.ts';
import { tableDefinitions, variableOf } from '../../local/tables.ts';
import { DELIVERIES } from '../fixtures/deliveries.ts';
import { NOW, plain, safe, textMessage, unsealed } from '../support/callback.ts';
import { CANARY } from '../support/canary.ts';
import { logged } from '../support/logged.ts';
import { RECOVERY_KEY as KEY, recovery } from '../support/recovery.ts';
import { makeTables, tableNamed } from '../support/tables.ts';
import { everyInteraction, instance, recordingIn } from '../support/webhook.ts';

beforeAll(makeTables);

const interactionsOf = async (openid: string) => (await everyInteraction()).filter((kept) => kept.openid === openid);

/** A database that answers `send` as it is told. */
const database = (send: (command: { input: { Item?: object } }) => unknown) =>
  ({ send }) as never as DynamoDBDocumentClient;
const away = recordingIn(
  database(() => {
    throw new Error('DynamoDB is away');
  }),
);

/** The log of the webhook while it cannot record, each delivery sent as often as said. */
async function logOf(deliveries: readonly string[], { times = 1, key = KEY } = {}): Promise<readonly string[]> {
  const log = logged();
  for (let time = 0; time < times; time++) {
    const webhook = instance('safe', {
      record: away,
      sealed: async (lost) => seal(key, lost),
      now: () => NOW + time * 5_000,
    });
    for (const xml of deliveries) expect((await webhook(safe(xml, { time: NOW + time * 5_000 }))).statusCode).toBe(503);
  }
  log.stop();
  return log.lines;
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

const fileWith = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'recover-')), 'log.jsonl');
  writeFileSync(file, text);
  return file;
};

async function run(args: readonly string[], variables: Record<string, string | undefined> = {}) {
  const printed: string[] = [];
  const env = { ...process.env, RECOVERY_KEY: KEY, ...variables };
  const code = await runRecover(args, { env, print: (line) => printed.push(line), now: () => NOW });
  return { code, printed: printed.join('\n') };
}

describe('a delivery that could not be recorded', () => {
  it('is logged sealed, and nothing of it can be read there', async () => {
    const [line = '', ...others] = await logOf([textMessage(`secret ${CANARY}`, { from: 'o-sealed' })]);

    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ level: 'ERROR', verdict: 'lost', kind: 'text' });
    expect(line).not.toMatch(/o-sealed|secret/);
    expect(await unseal(KEY, JSON.parse(line).sealed)).toMatchObject({
      value: { delivery: { content: `secret ${CANARY}` } },
    });
  });

  it('is sealed by the deployed handler under RECOVERY_KEY', async () => {
    const { DYNAMODB_ENDPOINT } = process.env;
    Object.assign(process.env, { RECOVERY_KEY: KEY, DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' });
    const log = logged();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'performance'] });
    await jest.isolateModulesAsync(async () => {
      const { handler } = await import('../../functions/webhook/handler.ts');
      const answering = handler(safe(textMessage('deployed'), { time: Date.now() }));
      while (!log.lines.some((line) => line.includes('lost'))) await new Promise((resolve) => setImmediate(resolve));
      await jest.advanceTimersByTimeAsync(6_000);
      expect((await answering).statusCode).toBe(503);
    });
    jest.useRealTimers();
    log.stop();
    Object.assign(process.env, { DYNAMODB_ENDPOINT });
    delete process.env.RECOVERY_KEY;

    const { sealed } = JSON.parse(log.lines.find((line) => line.includes('lost')) ?? '');
    expect(await unseal(KEY, sealed)).toMatchObject({ value: { delivery: { content: 'deployed' } } });
  });

  it('is logged without its content when there is no key', async () => {
    const log = logged();
    await instance('safe', { record: away })(safe(textMessage(CANARY)));
    log.stop();

    expect(JSON.parse(log.lines[0] ?? '')).toMatchObject({ verdict: 'lost' });
    expect(log.lines[0]).not.toContain('sealed');
  });

  it.each(Object.entries(DELIVERIES))('of the kind %s is recovered exactly as it would have been', async (_, xml) => {
    const put: unknown[] = [];
    const noting: Recorder = recordingIn(database(({ input }) => put.push(JSON.parse(JSON.stringify(input.Item)))));
    await instance('safe', { record: noting })(safe(xml));

    await recover(recovery({ record: noting }), each(await logOf([xml])));

    expect(put).toHaveLength(2);
    expect(put[1]).toEqual(put[0]);
  });
});

describe('npm run recover', () => {
  it('records what is missing, once, and as the first attempt came, however often it is run', async () => {
    const missing = [1, 2, 3].map((at) => textMessage(`no ${at}`, { from: `o-missing-${at}` }));
    const there = textMessage('there', { from: 'o-there' });
    await instance()(safe(there));
    const file = fileWith((await logOf([...missing, there], { times: 3 })).join('\n'));

    const first = await run(['--stage', 'local', '--file', file]);
    const again = await run(['--stage', 'local', '--file', file]);

    expect(first).toEqual({ code: 0, printed: '12 found, 3 recorded, 9 already there, 0 unreadable' });
    expect(again).toEqual({ code: 0, printed: '12 found, 0 recorded, 12 already there, 0 unreadable' });
    expect(await interactionsOf('o-missing-2')).toMatchObject([
      {
        details: { content: 'no 2' },
        reply: { type: 'text', content: 'no 2' },
        received: expect.stringMatching(/^1767225600000#/),
      },
    ]);
    expect(await interactionsOf('o-there')).toHaveLength(1);
  });

  it('leaves a delivery that WeChat then sends again to be answered as it was decided', async () => {
    const xml = textMessage('later', { from: 'o-later' });
    await run(['--stage', 'local', '--file', fileWith((await logOf([xml])).join('\n'))]);

    const answer = await instance('safe', { decide: async () => ({ reply: null }) })(safe(xml));

    expect(unsealed(answer.body ?? '').Content).toBe('later');
  });

  it('counts what it cannot open, records the rest, and ends with 1', async () => {
    const others = await logOf([textMessage('x', { from: 'o-other-key' })], { key: KEY.toUpperCase() });
    const ours = await logOf([textMessage('x', { from: 'o-our-key' })]);
    const cut = '{"verdict":"lost","sealed":"AQ';
    const text = ['START RequestId: 1', ...others, cut, ...ours.map((line) => JSON.stringify({ message: line }))];

    const { code, printed } = await run(['--stage', 'local', '--file', fileWith(text.join('\n'))]);

    expect(code).toBe(1);
    expect(printed).toMatch(/^3 found, 1 recorded, 0 already there, 2 unreadable\n/);
    expect(await interactionsOf('o-our-key')).toHaveLength(1);
  });

  it('opens what was sealed before the key was changed, with the key before it', async () => {
    const before = KEY.toUpperCase();
    const sealed = [
      ...(await logOf([textMessage('x', { from: 'o-before' })], { key: before })),
      ...(await logOf([textMessage('x', { from: 'o-after' })])),
    ];
    const file = fileWith(sealed.join('\n'));

    const { code, printed } = await run(['--stage', 'local', '--file', file], { PREVIOUS_RECOVERY_KEY: before });

    expect({ code, printed }).toEqual({ code: 0, printed: '2 found, 2 recorded, 0 already there, 0 unreadable' });
    expect(await interactionsOf('o-before')).toHaveLength(1);
    const { printed: without } = await run(['--stage', 'local', '--file', file]);
    expect(without).toContain('2 found, 0 recorded, 1 already there, 1 unreadable');
    expect(without).toContain('PREVIOUS_RECOVERY_KEY');
  });

  describe('of deliveries that cannot be read', () => {
    const broken = (from: string, text = 'x') =>
      textMessage(text, { from }).replace('</xml>', '').replace('<Content>', '<Content><b>');
    /** What is sealed of them in one process, one more than ten. */
    const logOfUnreadable = async (mode: 'safe' | 'plain', deliveries: readonly string[]) => {
      const log = logged();
      const webhook = instance(mode, { sealed: async (lost) => seal(KEY, lost), now: () => NOW });
      for (const xml of deliveries) await webhook(mode === 'safe' ? safe(xml) : plain(xml));
      log.stop();
      return fileWith(log.lines.join('\n'));
    };

    it('records those of which there were too many', async () => {
      const file = await logOfUnreadable(
        'safe',
        Array.from({ length: 11 }, (_, at) => broken(`o-unreadable-${at}`)),
      );
      expect(await interactionsOf('o-unreadable-10')).toEqual([]);

      expect(await run(['--stage', 'local', '--file', file])).toEqual({
        code: 0,
        printed: '1 found, 1 recorded, 0 already there, 0 unreadable',
      });
      expect(await interactionsOf('o-unreadable-10')).toMatchObject([
        { kind: 'unreadable', details: { raw: expect.stringContaining('o-unreadable-10') } },
      ]);
    });

    it('shows the whole of one that is too long for its item, and records it no second time', async () => {
      const xml = broken('o-unreadable-long', '喵'.repeat(5_000));
      const file = await logOfUnreadable('safe', [xml]);

      const { code, printed } = await run(['--stage', 'local', '--file', file, '--show']);
      expect(code).toBe(0);
      expect(JSON.parse(printed)).toMatchObject({ delivery: { type: 'unreadable', raw: xml } });
      const { printed: counts } = await run(['--stage', 'local', '--file', file]);
      expect(counts).toBe('1 found, 0 recorded, 1 already there, 0 unreadable');
    });

    it("leaves those of plain mode, which may be anybody's, unless it is told to take them", async () => {
      const file = await logOfUnreadable('plain', [broken('o-unproven')]);

      expect((await run(['--stage', 'local', '--file', file])).printed).toMatch(
        /^1 found, 0 recorded, 0 already there, 0 unreadable\nNot recorded: 1 that could not be read in plain mode/,
      );
      expect(await interactionsOf('o-unproven')).toEqual([]);
      await run(['--stage', 'local', '--file', file, '--unproven']);
      expect(await interactionsOf('o-unproven')).toMatchObject([{ kind: 'unreadable' }]);
    });
  });

  it.each([
    [[], /^--stage is missing/],
    [['--stage', 'local', '--file', 'x', '--show', '--unproven'], /^--show records nothing/],
    [['--stage', 'local'], /^--stage local takes --file/],
    [['--stage', 'prod', '--since', 'yesterday'], /^--since must be hours or days/],
    [['--stage', 'prod', '--until', '1'], /Unknown option '--until'/],
  ])('says how it is used when called with %j', async (args, said) => {
    expect(await run(args)).toEqual({ code: 2, printed: expect.stringMatching(said) });
  });

  it('says so when the stage has no key', async () => {
    const file = fileWith('');
    await expect(run(['--stage', 'local', '--file', file], { RECOVERY_KEY: '' })).rejects.toThrow('no RECOVERY_KEY');
  });
});

describe('npm run recover of a deployed stage', () => {
  const asked: { target: string; body: Record<string, unknown> }[] = [];
  let pages: object[] = [];
  const variables: Record<string, string> = {};
  /** What Lambda says instead of the variables. */
  let refused: object | undefined;
  const aws = createServer(async (request, response) => {
    const isLambda = request.method === 'GET';
    const target = isLambda ? String(request.url) : String(request.headers['x-amz-target']);
    asked.push({ target, body: isLambda ? {} : ((await json(request)) as Record<string, unknown>) });
    response.setHeader('content-type', isLambda ? 'application/json' : 'application/x-amz-json-1.1');
    response.end(
      JSON.stringify(
        isLambda ? { Environment: refused ? { Error: refused } : { Variables: variables } } : pages.shift(),
      ),
    );
  });
  const ENVIRONMENT = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

  beforeAll(async () => {
    await once(aws.listen(0, '127.0.0.1'), 'listening');
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    process.env.AWS_ENDPOINT_URL_DYNAMODB = process.env.DYNAMODB_ENDPOINT ?? '';
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
    const { PSEUDONYM_KEY } = process.env;
    Object.assign(variables, { RECOVERY_KEY: KEY, PSEUDONYM_KEY });
    for (const table of Object.keys(tableDefinitions())) variables[variableOf(table)] = tableNamed(table);
  });
  afterAll(() => {
    for (const name of [...ENVIRONMENT, 'AWS_ENDPOINT_URL_DYNAMODB']) delete process.env[name];
    aws.closeAllConnections();
    aws.close();
  });

  it('asks the function for its key and tables, and reads all pages of its log', async () => {
    const lines = await logOf([textMessage('one', { from: 'o-page-1' }), textMessage('two', { from: 'o-page-2' })]);
    const events = lines.map((message) => [{ message }]);
    pages = [{ events: events[0], nextToken: 'more' }, { events: events[1] }];

    const { code, printed } = await run(['--stage', 'prod', '--since', '2d'], { RECOVERY_KEY: undefined });

    expect({ code, printed }).toEqual({ code: 0, printed: '2 found, 2 recorded, 0 already there, 0 unreadable' });
    expect(asked).toMatchObject([
      { target: expect.stringContaining('/functions/wechat-server-prod-webhook/configuration') },
      { target: expect.stringContaining('/functions/wechat-server-prod-rollup/configuration') },
      {
        target: expect.stringContaining('FilterLogEvents'),
        body: { logGroupName: '/aws/lambda/wechat-server-prod-webhook', startTime: NOW - 48 * 3_600_000 },
      },
      { body: { nextToken: 'more' } },
    ]);
    expect([...(await interactionsOf('o-page-1')), ...(await interactionsOf('o-page-2'))]).toHaveLength(2);
  });

  it('takes the key before it from whoever runs the command: no function has it', async () => {
    const before = KEY.toUpperCase();
    const [message] = await logOf([textMessage('three', { from: 'o-page-3' })], { key: before });
    pages = [{ events: [{ message }] }];

    const { printed } = await run(['--stage', 'prod'], { PREVIOUS_RECOVERY_KEY: before });

    expect(printed).toBe('1 found, 1 recorded, 0 already there, 0 unreadable');
  });

  it('says what is missing when AWS does not show the variables, which the key of the stack encrypts', async () => {
    refused = { ErrorCode: 'AccessDeniedException', Message: 'not authorized to perform: kms:Decrypt' };
    try {
      await expect(run(['--stage', 'prod'])).rejects.toThrow('you need kms:Decrypt on EnvironmentKey');
    } finally {
      refused = undefined;
    }
  });
});
