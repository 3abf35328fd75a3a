import { setRemark } from '../../../../lib/wechat/api/remark.ts';
import { wechatThatAnswers } from './played-wechat.ts';

const OK = { errcode: 0, errmsg: 'ok' };

describe('setRemark', () => {
  it.each(['pangzi', '', '九个汉字二十七字节', 'x'.repeat(29), '😀'])('names a follower "%s"', async (remark) => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(setRemark(call, 'o1', remark)).resolves.toEqual(OK);
    expect(sent).toEqual([{ path: '/cgi-bin/user/info/updateremark', body: { openid: 'o1', remark } }]);
  });

  it.each([
    ['remark is 30 bytes, at most 29', '十个汉字正好三十字节'],
    ['remark is 30 bytes, at most 29', 'x'.repeat(30)],
    ['remark has a control character or half an emoji', 'a\u0000'],
    ['remark has a control character or half an emoji', 'a\ud83d'],
  ])('refuses with 40092: %s', async (detail, remark) => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(setRemark(call, 'o1', remark)).rejects.toMatchObject({
      code: 'WECHAT_REFUSED',
      errcode: 40092,
      errmsg: 'invalid remark name',
      detail,
    });
    expect(sent).toEqual([]);
  });

  it("lets WeChat's error through", async () => {
    const answer = { errcode: 40013, errmsg: 'invalid appid' };
    const { call } = wechatThatAnswers(answer);

    await expect(setRemark(call, 'o1', '胖子')).rejects.toMatchObject({ result: answer });
  });
});
