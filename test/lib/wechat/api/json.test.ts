import { wechatClient } from '../../../../lib/wechat/api/client.ts';
import { readJson } from '../../../../lib/wechat/api/json.ts';
import { playWeChat } from './played-wechat.ts';

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('');

describe('control characters that WeChat did not escape', () => {
  it.each([
    ['each of them', `{"a":"${CONTROLS}"}`, { a: CONTROLS }],
    ['in a name', '{"a\u0001":"x"}', { 'a\u0001': 'x' }],
    ['beside quotes and backslashes', '{"a":"\\"\u0002\\\\","b":"\\\\\u0003"}', { a: '"\u0002\\', b: '\\\u0003' }],
    ['in a text, with lines and tabs between the fields', '{\n\t"a":\r\n"\t"}', { a: '\t' }],
    ['and a long id', '{"a":"\u0000","id":25231685381080001}', { a: '\u0000', id: 25231685381080001n }],
  ])('are kept: %s', (_, text, value) => {
    expect(readJson(text)).toEqual(value);
  });

  it.each(['{"a":\u0000"x"}', '{"a":"x"}\u0000', '{"a":"\u0000', '{"a":"\u0000\\', '"\u0000" "'])(
    'make nothing JSON that is none: %j',
    (text) => {
      expect(() => readJson(text)).toThrow();
    },
  );

  it('are looked for in one pass', () => {
    const text = `["\u0000${'\\"'.repeat(500_000)}`;
    expect(() => readJson(text)).toThrow(SyntaxError);
  });

  it('do not make a result unreadable', async () => {
    const wechat = await playWeChat((_, response) => response.end('{"user":{"nickname":"小\u0008明\u0001"}}'));
    const token = { current: async () => 'T', refused: async () => 'T' };
    const result = wechatClient({ token, origin: wechat.origin })('/cgi-bin/user/info').finally(wechat.close);
    await expect(result).resolves.toEqual({ user: { nickname: '小\u0008明\u0001' } });
  });
});
