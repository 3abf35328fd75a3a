import { calling, FOLLOWER } from './calling.ts';

const OK = { errcode: 0, errmsg: 'ok' };
const MINUTE = 60_000;
const HELLO = { touser: FOLLOWER, msgtype: 'text', text: { content: '你好' } };

function speaking(msgtype = 'text', event?: string) {
  const wechat = calling();
  wechat.simulated.act({ openid: FOLLOWER, msgtype, event });
  const send = (message: object = HELLO) => wechat.post('message/custom/send', message);
  return { ...wechat, send };
}

describe('a customer-service message', () => {
  it('may be sent five times within 48 hours of what a follower said', async () => {
    const { send, clock, simulated } = speaking();
    clock.now += 48 * 60 * MINUTE - 1;
    for (let index = 0; index < 5; index += 1) expect(await send()).toEqual(OK);
    expect(await send()).toMatchObject({ errcode: 45047 });
    simulated.act({ openid: FOLLOWER, msgtype: 'image' });
    expect(await send()).toEqual(OK);
    clock.now += 48 * 60 * MINUTE;
    expect(await send()).toMatchObject({
      errcode: 45015,
      errmsg: expect.stringMatching(/^response out of time limit or subscription is canceled rid: /),
    });
  });

  it.each(['CLICK', 'scancode_push', 'scancode_waitmsg', 'subscribe', 'SCAN'])(
    'may be sent three times in the minute after %s',
    async (event) => {
      const { send, clock, simulated } = speaking('event', event);
      for (let index = 0; index < 3; index += 1) expect(await send()).toEqual(OK);
      expect((await send()).errcode).toBe(45047);
      simulated.act({ openid: FOLLOWER, msgtype: 'event', event });
      clock.now += MINUTE;
      expect((await send()).errcode).toBe(45015);
    },
  );

  it.each(['VIEW', 'LOCATION', 'pic_weixin', 'view_miniprogram'])('is not permitted by %s', async (event) => {
    expect((await speaking('event', event).send()).errcode).toBe(45015);
  });

  it('is refused to an account that may send none, as personal and unverified ones', async () => {
    const { send, simulated } = speaking();
    const may = (body: unknown) =>
      simulated.fetch('http://simulator/simulator/account', { method: 'POST', body: JSON.stringify(body) });
    expect((await may({ may_send_messages: 'no' })).status).toBe(400);
    await may({ may_send_messages: false });
    expect(await send()).toMatchObject({ errcode: 48001 });
    await may({ may_send_messages: true });
    expect(await send()).toEqual(OK);
  });

  it('uses up first what ends first', async () => {
    const { send, clock, simulated } = speaking();
    simulated.act({ openid: FOLLOWER, msgtype: 'event', event: 'CLICK' });
    for (let index = 0; index < 3; index += 1) await send();
    clock.now += MINUTE;
    for (let index = 0; index < 5; index += 1) expect(await send()).toEqual(OK);
  });

  it('is kept, so that the follower can be shown it', async () => {
    const { send, simulated, ask } = speaking();
    await send();
    expect(simulated.sent(FOLLOWER)).toEqual([expect.objectContaining({ openid: FOLLOWER, message: HELLO })]);
    expect(simulated.sent('oOther')).toEqual([]);
    expect(await ask(`/simulator/sent?openid=${FOLLOWER}`)).toMatchObject({ sent: [{ message: HELLO }] });
  });

  it.each<[string, object]>([
    ['image', { media_id: 'm' }],
    ['voice', { media_id: 'm' }],
    ['video', { media_id: 'm', thumb_media_id: 't' }],
    ['music', { title: '', musicurl: 'http://a.cn', hqmusicurl: 'http://a.cn', thumb_media_id: 't' }],
    ['news', { articles: [{ title: 't', description: 'd', url: 'http://a.cn', picurl: '' }] }],
    ['mpnews', { media_id: 'm' }],
    ['mpnewsarticle', { article_id: 'a' }],
    ['msgmenu', { head_content: 'h', list: [{ id: '101', content: '满意' }], tail_content: 't' }],
    ['wxcard', { card_id: 'c' }],
    ['miniprogrampage', { title: 't', appid: 'wx', pagepath: 'p', thumb_media_id: 't' }],
    ['link', { title: 't', description: 'd', url: 'http://a.cn', thumb_url: '' }],
  ])('may be a %s', async (msgtype, content) => {
    expect(await speaking().send({ touser: FOLLOWER, msgtype, [msgtype]: content })).toEqual(OK);
  });

  it.each<[string, object, number]>([
    ['an unknown type', { msgtype: 'toString' }, 40008],
    ['no content', { msgtype: 'image' }, 44002],
    ['an empty text', { text: { content: '' } }, 44004],
    ['a text of 2049 bytes', { text: { content: 'a'.repeat(2049) } }, 45002],
    ['no media_id', { msgtype: 'voice', voice: {} }, 40007],
    ['two articles', { msgtype: 'news', news: { articles: [{}, {}] } }, 45008],
    ['no article', { msgtype: 'news', news: { articles: [] } }, 44003],
    ['choices without content', { msgtype: 'msgmenu', msgmenu: { list: [{ id: '1' }] } }, 47001],
    ['no receiver', { touser: '' }, 40003],
    ['a stranger', { touser: 'oNobody' }, 43004],
  ])('is refused with %s, and nothing is used up', async (_, changed, errcode) => {
    const { send } = speaking();
    expect((await send({ ...HELLO, ...changed })).errcode).toBe(errcode);
    for (let index = 0; index < 5; index += 1) expect(await send()).toEqual(OK);
  });

  it('does not reach somebody who left', async () => {
    const { send, simulated } = speaking();
    simulated.act({ openid: FOLLOWER, msgtype: 'event', event: 'unsubscribe' });
    expect((await send()).errcode).toBe(43004);
  });
});

describe('a template message', () => {
  it('is answered with an id above 2^53, written out in full', async () => {
    const { simulated, stable } = calling();
    const { access_token } = await stable();
    const body = JSON.stringify({ touser: FOLLOWER, template_id: 'T1', data: { thing1: { value: '猫粮' } } });
    const url = `https://api.weixin.qq.com/cgi-bin/message/template/send?access_token=${access_token}`;
    const response = await simulated.fetch(url, { method: 'POST', body });
    expect(await response.text()).toBe('{"errcode":0,"errmsg":"ok","msgid":2430000000000000101}');
    expect(response.headers.get('content-type')).toBe('text/plain');
  });

  it('needs a template and its data', async () => {
    const { post } = calling();
    expect((await post('message/template/send', { touser: FOLLOWER, data: {} })).errcode).toBe(40037);
    expect((await post('message/template/send', { touser: FOLLOWER, template_id: 'T' })).errcode).toBe(47003);
  });
});
