import { documentClient } from '../../lib/aws/dynamodb.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { seal, unseal } from '../../lib/platform/seal.ts';
import { signedIn, startAccount } from '../support/account.ts';
import { compatible, NOW, plain, safe, sealed, sealedBytes, textMessage, unsealed } from '../support/callback.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance, recordingIn } from '../support/webhook.ts';

beforeAll(makeTables);

const KEY = 'a recovery key of the tests, of 40 bytes';
const sealing = { sealed: async (lost: unknown) => seal(KEY, lost) };

const keptOf = async (openid: string): Promise<Interaction[]> =>
  (await everyInteraction()).filter((kept) => kept.openid === openid);

const envelope = (from: string, time: string | number = NOW / 1000) =>
  `<ToUserName><![CDATA[gh]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>${time}</CreateTime>`;
const broken = (from: string, time?: string | number) =>
  `<xml>${envelope(from, time)}<MsgType><![CDATA[text]]></MsgType><Content>${CANARY} & <b></Content></xml>`;
const bytes = (message: Buffer) => {
  const encrypted = sealedBytes(message);
  return sealed(`<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`, encrypted);
};

/** What one call logs of its delivery. */
async function linesOf<T>(run: () => Promise<T>): Promise<{ result: T; lines: Record<string, unknown>[] }> {
  const log = logged();
  const result = await run().finally(log.stop);
  return { result, lines: log.lines.map((line) => JSON.parse(line)) };
}

describe('a delivery that is proven and cannot be read', () => {
  it.each([
    ['broken XML', broken('oBrokenXml'), 'xml'],
    ['a document type', `<!DOCTYPE x>${broken('oDoctype')}`, 'xml'],
    ['an element twice', `<xml>${envelope('oTwice')}<MsgType>text</MsgType><MsgType>event</MsgType></xml>`, 'xml'],
    ['a time that is none', `<xml>${envelope('oNoTime', 'soon')}<MsgType>text</MsgType></xml>`, 'element'],
    ['XML sixteen levels deep', `<xml>${envelope('oDeep')}${'<a>'.repeat(17)}${'</a>'.repeat(17)}</xml>`, 'xml'],
    ['an element __proto__', `<xml>${envelope('oProto')}<__proto__>1</__proto__></xml>`, 'xml'],
  ])('for %s is kept as it came in the history of its follower, and answered success', async (_, xml, reason) => {
    const openid = /(?<=\[)o[A-Z]\w+/.exec(xml)?.[0] ?? '';

    const { result, lines } = await linesOf(() => instance()(safe(xml)));

    expect(result).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await keptOf(openid)).toMatchObject([
      { kind: 'unreadable', direction: 'in', reply: null, details: { reason, raw: xml, encoding: 'utf8' } },
    ]);
    expect(lines).toMatchObject([{ level: 'WARN', verdict: 'unreadable', deliveries: 1, code: reason }]);
    expect(JSON.stringify(lines)).not.toContain(openid);
  });

  it.each([
    [
      'in JSON',
      `{"FromUserName":"oInJson","CreateTime":1795640013,"MsgType":"text","Content":"${CANARY}"}`,
      '1795640013',
    ],
    ['in JSON in milliseconds', '{"FromUserName":"oInJsonMs","CreateTime":1795640013123}', '1795640013'],
    ['in JSON without a time', ' {"FromUserName":"oInJsonNever"}', '0000000000'],
  ])('%s is told apart, with what to change', async (_, text, second) => {
    const openid = /oInJson\w*/.exec(text)?.[0] ?? '';

    const { result, lines } = await linesOf(() => instance()(safe(text)));

    expect(result).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await keptOf(openid)).toMatchObject([
      {
        kind: 'unreadable',
        created: expect.stringMatching(`^${second}#`),
        details: { reason: 'json', problem: expect.stringContaining('choose XML'), raw: text },
      },
    ]);
    expect(lines).toMatchObject([{ code: 'json', hint: expect.stringContaining('choose XML') }]);
  });

  it('also where JSON is around it', async () => {
    const encrypted = sealedBytes(Buffer.from('{"FromUserName":"oJsonAround"}'));

    await instance()(sealed(JSON.stringify({ ToUserName: 'gh', Encrypt: encrypted }), encrypted));

    expect(await keptOf('oJsonAround')).toMatchObject([{ details: { reason: 'json' } }]);
  });

  it.each([
    [
      'cut inside a character',
      Buffer.from(textMessage('喵', { from: 'oCut' }).replace(/(?<=喵).*/s, '')).subarray(0, -1),
    ],
    ['with a byte that is none', Buffer.concat([Buffer.from(broken('oByte')), Buffer.from([0xff])])],
    ['in UTF-16', Buffer.from(textMessage('喵', { from: 'oWide' }), 'utf16le')],
  ])('%s is kept to the byte', async (_, message) => {
    const { result } = await linesOf(() => instance()(bytes(message)));

    expect(result).toMatchObject({ statusCode: 200, body: 'success' });
    const kept = (await everyInteraction()).filter(({ details }) => details.encoding === 'base64');
    expect(kept.map(({ details }) => details.raw)).toContain(message.toString('base64'));
  });

  it.each([
    ['whose document begins with its text', '<xml><Content>x<FromUserName>oText</FromUserName>'],
    ['that names somebody who can be nobody', broken('o#1'.repeat(60))],
    ['that is empty space', ' '],
  ])('%s is kept under no openid', async (_, text) => {
    await instance()(safe(text));

    const kept = (await everyInteraction()).filter(({ details }) => details.raw === text);
    expect(kept).toMatchObject([{ openid: expect.stringMatching(/^-#[01]$/), kind: 'unreadable' }]);
  });

  it('is kept once, however often it comes', async () => {
    const xml = broken('oOften');
    for (const attempt of [0, 1, 2]) await instance()(safe(xml, { time: NOW + attempt * 5_000 }));

    expect(await keptOf('oOften')).toHaveLength(1);
  });

  it('has 8 KB in its item and is sealed whole', async () => {
    const xml = broken('oLong').replace(CANARY, '喵'.repeat(20_000));

    const { lines } = await linesOf(() => instance('safe', sealing)(safe(xml)));

    const [kept] = await keptOf('oLong');
    const raw = String(kept?.details.raw);
    expect(xml.startsWith(raw)).toBe(true);
    expect(Buffer.byteLength(raw)).toBeGreaterThan(8 * 1024 - 3);
    expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(8 * 1024);
    expect(kept?.details.bytes).toBe(Buffer.byteLength(xml));
    expect(await unseal(KEY, String(lines[0]?.sealed))).toMatchObject({ value: { delivery: { raw: xml } } });
  });

  it('is recorded ten times a minute, then sealed only, then recorded again', async () => {
    let now = NOW;
    const busy = instance('safe', { ...sealing, now: () => now });
    const { lines } = await linesOf(async () => {
      for (let at = 0; at < 14; at++) expect((await busy(safe(broken(`oMany${at}`)))).body).toBe('success');
    });
    now += 60_000;
    await busy(safe(broken('oManyLater'), { time: now }));

    const kept = (await everyInteraction()).filter(({ openid }) => openid.startsWith('oMany'));
    expect(kept).toHaveLength(11);
    expect(lines.filter(({ sealed }) => sealed !== undefined)).toHaveLength(4);
    expect(lines.every(({ verdict }) => verdict === 'unreadable')).toBe(true);
    expect(await unseal(KEY, String(lines[13]?.sealed))).toMatchObject({ value: { delivery: { from: 'oMany13' } } });
  });

  it('is not acknowledged where it could be kept nowhere', async () => {
    const busy = instance('safe');
    for (let at = 0; at < 10; at++) await busy(safe(broken(`oFull${at}`)));

    expect((await busy(safe(broken('oFullMore')))).statusCode).toBe(503);
    const away = recordingIn(documentClient({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' }));
    expect((await instance('safe', { record: away })(safe(broken('oAway')))).statusCode).toBe(503);
  });

  it('is kept as well in compatible mode, whose plain half counts for nothing', async () => {
    const xml = textMessage(`]]></Content><Encrypt><![CDATA[x]]></Encrypt><Content><![CDATA[`, { from: 'oHalf' });
    const unsplit = xml.replace(']]]]><![CDATA[>', ']]>').replaceAll(']]]]><![CDATA[>', ']]>');

    const answer = await instance('compatible')(compatible(unsplit));

    expect(unsealed(answer.body ?? '').Content).toBe(']]></Content><Encrypt><![CDATA[x]]></Encrypt><Content><![CDATA[');
  });
});

describe('in plain mode, where a captured query vouches for any body,', () => {
  it.each([
    ['broken XML', broken('oPlain')],
    ['JSON', '{"FromUserName":"oPlain"}'],
    ['an element twice', `<xml>${envelope('oPlain')}<MsgType>text</MsgType><MsgType>event</MsgType></xml>`],
  ])('%s is sealed only', async (_, xml) => {
    const { result, lines } = await linesOf(() => instance('plain', sealing)(plain(xml)));

    expect(result).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await keptOf('oPlain')).toEqual([]);
    expect(await unseal(KEY, String(lines[0]?.sealed))).toMatchObject({
      value: { delivery: { raw: xml }, isUnproven: true },
    });
  });

  it('and refused where it cannot be sealed', async () => {
    expect((await instance('plain')(plain(broken('oPlain')))).statusCode).toBe(401);
  });

  it('a time in milliseconds and a text that ends its section are read', async () => {
    const xml = `<xml>${envelope('oPlainMs', NOW)}<MsgType>text</MsgType><Content><![CDATA[a]]>b]]></Content><MsgId>7</MsgId></xml>`;

    await instance('plain')(plain(xml));

    expect(await keptOf('oPlainMs')).toMatchObject([{ created: '1767225600#7', details: { content: 'a]]>b' } }]);
  });
});

describe('what a known event brings besides', () => {
  it('is recorded, and shown by the API', async () => {
    const account = await startAccount();
    const handler = await account.handler('interactions');
    const xml = `<xml>${envelope('oBesides')}<MsgType>event</MsgType><Event>subscribe</Event><UnionId>u</UnionId></xml>`;
    await instance()(safe(xml));
    await instance()(safe(broken('oBesides')));
    const token = await signedIn(['interactions:read']);

    const { json } = await call(handler, 'GET /api/v0.1/interactions/oBesides', {
      token,
      query: 'from=2025-12-31T00:00:00Z',
    });
    const everyones = await call(handler, 'GET /api/v0.1/interactions', {
      token,
      query: 'kind=unreadable&from=2025-12-31T00:00:00Z&to=2026-01-02T00:00:00Z',
    });
    const nobodys = await call(handler, 'GET /api/v0.1/interactions/-%231', {
      token,
      query: 'from=1970-01-01T00:00:00Z',
    });

    await account.stop();
    expect(json).toMatchObject({
      interactions: expect.arrayContaining([
        expect.objectContaining({ kind: 'event.subscribe', details: { other: { UnionId: 'u' } } }),
        expect.objectContaining({ kind: 'unreadable', details: expect.objectContaining({ raw: broken('oBesides') }) }),
      ]),
    });
    expect(JSON.stringify(everyones.json)).toContain('oBesides');
    expect(nobodys.status).toBe(200);
  });
});
