import { inspect } from 'node:util';
import { type WeChatClient, wechatClient } from '../../../../lib/wechat/api/client.ts';
import { ERRCODES, meaningOf } from '../../../../lib/wechat/api/errcodes.ts';
import { WeChatError } from '../../../../lib/wechat/api/error.ts';
import { writeJson } from '../../../../lib/wechat/api/json.ts';
import { playWeChat } from './played-wechat.ts';

type Play = Parameters<typeof playWeChat>[0];

const TOKEN = 'ACCESS-TOKEN_first/+=';
const RENEWED = 'ACCESS-TOKEN_second';

let close = async (): Promise<unknown> => undefined;
afterEach(() => close());

/** A client, its token, its pauses, and a WeChat that answers as `play` says. */
async function clientOf(play: Play, ports: { renewed?: () => string; now?: () => number } = {}) {
  const wechat = await playWeChat(play);
  close = wechat.close;
  const refused: string[] = [];
  const pauses: number[] = [];
  const token = {
    current: async () => TOKEN,
    refused: async (one: string) => {
      refused.push(one);
      return ports.renewed?.() ?? RENEWED;
    },
  };
  const sleep = async (ms: number) => pauses.push(ms);
  const call = wechatClient({ token, origin: wechat.origin, sleep, ...(ports.now && { now: ports.now }) });
  return { call, refused, pauses, asked: wechat.asked };
}

const answering =
  (...bodies: (object | string)[]): Play =>
  (_, response, count) => {
    const body = bodies[Math.min(count, bodies.length) - 1] ?? '';
    response.setHeader('content-type', 'text/plain').end(typeof body === 'string' ? body : writeJson(body));
  };

const failureOf = async (
  play: Play,
  request?: Parameters<WeChatClient>[1],
  path = '/cgi-bin/tags/get',
): Promise<WeChatError> => {
  const { call } = await clientOf(play);
  const error: unknown = await call(path, request).catch((thrown: unknown) => thrown);
  if (error instanceof WeChatError) return error;
  throw new Error(`no WeChatError but ${String(error)}`);
};

describe('what is sent', () => {
  it('is a GET with the token in the query where there is no body', async () => {
    const { call, asked } = await clientOf(answering({ errcode: 0 }));

    await call('/cgi-bin/user/info', { query: { openid: 'o1', lang: 'zh_CN', odd: '&=? 中' } });

    expect(asked).toEqual([
      {
        method: 'GET',
        path: '/cgi-bin/user/info',
        query: { openid: 'o1', lang: 'zh_CN', odd: '&=? 中', access_token: TOKEN },
        body: '',
        type: undefined,
      },
    ]);
  });

  it('is a POST of UTF-8 JSON without escapes where there is one', async () => {
    const { call, asked } = await clientOf(answering({ errcode: 0 }));

    await call('/cgi-bin/tags/create', { body: { tag: { name: '广东😀<&>"\\u4f60\n', id: 9007199254740993n } } });

    expect(asked[0]).toMatchObject({
      method: 'POST',
      body: '{"tag":{"name":"广东😀<&>\\"\\\\u4f60\\n","id":9007199254740993}}',
      type: 'application/json; charset=utf-8',
      query: { access_token: TOKEN },
    });
  });

  it.each([
    ['half an emoji', 'cut \ud83d'],
    ['a control character', 'bell \u0007'],
    ['a control character after a backslash', '\\\u0000'],
  ])('is refused as 40033 before WeChat sees it when it has %s', async (_, text) => {
    const { call, asked } = await clientOf(answering({ errcode: 0 }));

    await expect(call('/cgi-bin/tags/create', { body: { text } })).rejects.toMatchObject({
      errcode: 40033,
      errmsg: 'invalid charset',
    });
    expect(asked).toEqual([]);
  });
});

describe('what is read', () => {
  it('is JSON, whatever the Content-Type says', async () => {
    const { call } = await clientOf(answering({ tags: [{ id: 2, name: '星标组', count: 0 }] }));

    await expect(call('/cgi-bin/tags/get')).resolves.toEqual({ tags: [{ id: 2, name: '星标组', count: 0 }] });
  });

  it('keeps an id above 2^53 exact, and writes it again digit for digit', async () => {
    const text = '{"errcode":0,"msgid":9007199254740993,"scale":1.5,"small":-3}';
    const { call } = await clientOf(answering(text));

    const answer = await call('/cgi-bin/message/mass/send', { body: {} });

    expect(answer).toEqual({ errcode: 0, msgid: 9007199254740993n, scale: 1.5, small: -3 });
    expect(writeJson(answer)).toBe(text);
  });

  it('is JSON behind a byte order mark as well', async () => {
    const { call } = await clientOf(answering('\ufeff{"errcode":0}'));

    await expect(call('/cgi-bin/tags/get')).resolves.toEqual({ errcode: 0 });
  });
});

describe('a refusal', () => {
  const passedOn = Object.keys(ERRCODES)
    .map(Number)
    .filter((errcode) => errcode !== 0 && !('retry' in meaningOf(errcode).advice));

  it.each(passedOn)('%i is thrown as it came, after one call', async (errcode) => {
    const { call, asked, refused, pauses } = await clientOf(answering({ errcode, errmsg: 'said WeChat', extra: [1] }));

    await expect(call('/cgi-bin/tags/get')).rejects.toMatchObject({
      code: 'WECHAT_REFUSED',
      errcode,
      errmsg: 'said WeChat',
      path: '/cgi-bin/tags/get',
      detail: undefined,
      result: { errcode, errmsg: 'said WeChat', extra: [1] },
    });
    expect({ calls: asked.length, refused, pauses }).toEqual({ calls: 1, refused: [], pauses: [] });
  });

  it.each([40001, 40014, 42001])('%i hands the refused token back and tries with another', async (errcode) => {
    const { call, asked, refused } = await clientOf(answering({ errcode, errmsg: 'expired' }, { tags: [] }));

    await expect(call('/cgi-bin/tags/get')).resolves.toEqual({ tags: [] });
    expect(refused).toEqual([TOKEN]);
    expect(asked.map(({ query }) => query.access_token)).toEqual([TOKEN, RENEWED]);
  });

  it('of the second token as well asks for a third, and no further', async () => {
    const generations = [RENEWED, 'third', 'fourth'];
    const { call, asked, refused } = await clientOf(answering({ errcode: 40001, errmsg: 'invalid credential' }), {
      renewed: () => generations.shift() ?? '',
    });

    await expect(call('/cgi-bin/tags/get')).rejects.toMatchObject({ errcode: 40001 });
    expect(refused).toEqual([TOKEN, RENEWED]);
    expect(asked.map(({ query }) => query.access_token)).toEqual([TOKEN, RENEWED, 'third']);
  });

  it('is thrown at once when the other token is the very same', async () => {
    const { call, asked } = await clientOf(answering({ errcode: 42001 }), { renewed: () => TOKEN });

    await expect(call('/cgi-bin/tags/get')).rejects.toMatchObject({ errcode: 42001, errmsg: '' });
    expect(asked).toHaveLength(1);
  });
});

describe('a busy WeChat', () => {
  const busy = { errcode: -1, errmsg: 'system error' };

  it('is asked again after 100 and after 300 ms', async () => {
    const { call, pauses } = await clientOf(answering(busy, busy, { errcode: 0, errmsg: 'ok' }));

    await expect(call('/cgi-bin/tags/get')).resolves.toEqual({ errcode: 0, errmsg: 'ok' });
    expect(pauses).toEqual([100, 300]);
  });

  it('that stays busy is given up after the third try', async () => {
    const { call, asked } = await clientOf(answering(busy));

    await expect(call('/cgi-bin/tags/get')).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode: -1 });
    expect(asked).toHaveLength(3);
  });

  it('is not asked again when the pause would end after the deadline', async () => {
    const { call, asked, pauses } = await clientOf(answering(busy), { now: () => 1_000 });

    await expect(call('/cgi-bin/tags/get', { deadline: 1_250 })).rejects.toMatchObject({ errcode: -1 });
    expect(pauses).toEqual([100]);
    expect(asked).toHaveLength(2);
  });

  it('and a refused token may come in one call', async () => {
    const { call, asked } = await clientOf(answering(busy, { errcode: 42001 }, busy, { errcode: 0 }));

    await expect(call('/cgi-bin/tags/get')).resolves.toEqual({ errcode: 0 });
    expect(asked.map(({ query }) => query.access_token)).toEqual([TOKEN, TOKEN, RENEWED, RENEWED]);
  });
});

describe('no answer', () => {
  const page = '<html><title>502 Bad Gateway</title></html>';

  it.each<[string, Play, string]>([
    ['HTML', answering(page), "The response (HTTP 200) is not WeChat's JSON."],
    ['an empty body', answering(''), 'WeChat responded with HTTP 200 and an empty body.'],
    ['a list', answering('[1]'), "The response (HTTP 200) is not WeChat's JSON."],
    ['half a JSON', answering('{"tags":[{"id":'), "The response (HTTP 200) is not WeChat's JSON."],
    ['100,000 brackets', answering('['.repeat(100_000)), "The response (HTTP 200) is not WeChat's JSON."],
    ['a 502', (_, response) => response.writeHead(502).end(page), 'WeChat responded with HTTP 502.'],
    ['a 503 of JSON', (_, response) => response.writeHead(503).end('{"errcode":0}'), 'WeChat responded with HTTP 503.'],
    [
      'a connection cut before it',
      (_, response) => response.socket?.destroy(),
      'The connection failed (UND_ERR_SOCKET).',
    ],
    [
      'a connection cut within it',
      (_, response) => response.writeHead(200, { 'content-length': '9' }).write('{', () => response.socket?.destroy()),
      'The connection failed (UND_ERR_SOCKET).',
    ],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'The connection failed.',
    ],
    [
      'over 10 MB',
      (_, response) => response.end(Buffer.alloc(10 * 1024 * 1024 + 1, ' ')),
      'The response is over 10485760 bytes.',
    ],
  ])('is what %s counts as', async (_, play, detail) => {
    const error = await failureOf(play);

    expect(error).toMatchObject({ code: 'WECHAT_UNREACHABLE', errcode: 502, path: '/cgi-bin/tags/get', detail });
  });

  it('from a port nobody listens on is unreachable', async () => {
    const { call } = await clientOf(answering({ errcode: 0 }));
    await close();

    await expect(call('/cgi-bin/tags/get')).rejects.toMatchObject({
      code: 'WECHAT_UNREACHABLE',
      detail: 'The connection failed (ECONNREFUSED).',
    });
  });

  it('in time is too slow', async () => {
    const error = await failureOf(() => undefined, { deadline: Date.now() + 60 });

    expect(error).toMatchObject({ code: 'WECHAT_TOO_SLOW', errcode: 504 });
  });

  it('in time is too slow when the body does not end', async () => {
    const error = await failureOf((_, response) => response.write('{'), { deadline: Date.now() + 60 });

    expect(error).toMatchObject({ code: 'WECHAT_TOO_SLOW', errcode: 504 });
  });

  it.each([
    ['4 s without a deadline', undefined, 4_000],
    ['4 s before a far deadline', 1_000 + 25_000, 4_000],
    ['what is left before a near one', 1_000 + 1_500.7, 1_500],
  ])('is waited for %s', async (_, deadline, waited_ms) => {
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    const { call } = await clientOf(answering({ errcode: 0 }), { now: () => 1_000 });

    await call('/cgi-bin/tags/get', deadline === undefined ? {} : { deadline });

    expect(timeout.mock.calls).toEqual([[waited_ms]]);
    timeout.mockRestore();
  });

  it('is asked for after the deadline', async () => {
    const { call, asked } = await clientOf(answering({ errcode: 0 }), { now: () => 1_000 });

    await expect(call('/cgi-bin/tags/get', { deadline: 1_000 })).rejects.toMatchObject({ code: 'WECHAT_TOO_SLOW' });
    expect(asked).toEqual([]);
  });
});

describe('an error', () => {
  it.each<[string, Play]>([
    ['WeChat quotes the token', answering({ errcode: 48001, errmsg: `no right, access_token=${TOKEN}` })],
    ['the connection is cut', (_, response) => response.socket?.destroy()],
    ['the answer is HTML with the token', answering(`<html>${TOKEN}</html>`)],
    ['WeChat redirects', (_, response) => response.writeHead(302, { location: `/x?access_token=${TOKEN}` }).end()],
  ])('holds neither the token nor what was sent when %s', async (_, play) => {
    const error = await failureOf(play, { body: { text: 'a follower’s secret' } }, '/cgi-bin/message/custom/send');

    const everything = `${error.stack} ${JSON.stringify(error)} ${inspect(error, { depth: 9, showHidden: true })}`;
    expect(everything).toContain('/cgi-bin/message/custom/send');
    expect(everything).not.toContain('ACCESS-TOKEN');
    expect(everything).not.toContain('secret');
  });
});
