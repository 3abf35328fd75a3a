import { createTag, listTags, removeTag, renameTag } from '../../../../lib/wechat/api/tags.ts';
import { wechatThatAnswers } from './played-wechat.ts';

const OK = { errcode: 0, errmsg: 'ok' };

describe('tags', () => {
  it('are made, listed, renamed and removed as WeChat documents it', async () => {
    const { call, sent } = wechatThatAnswers({ tag: { id: 134, name: '广东' } }, { tags: [] }, OK, OK);

    await expect(createTag(call, '广东')).resolves.toEqual({ tag: { id: 134, name: '广东' } });
    await expect(listTags(call)).resolves.toEqual({ tags: [] });
    await expect(renameTag(call, 134, '广东人')).resolves.toEqual(OK);
    await expect(removeTag(call, 134)).resolves.toEqual(OK);
    expect(sent).toEqual([
      { path: '/cgi-bin/tags/create', body: { tag: { name: '广东' } } },
      { path: '/cgi-bin/tags/get', body: undefined },
      { path: '/cgi-bin/tags/update', body: { tag: { id: 134, name: '广东人' } } },
      { path: '/cgi-bin/tags/delete', body: { tag: { id: 134 } } },
    ]);
  });

  it.each(['十个汉字正好三十字节', 'x'.repeat(30), ' '.repeat(29).concat('x')])('may be called "%s"', async (name) => {
    const { call, sent } = wechatThatAnswers(OK);

    await createTag(call, name);

    expect(sent[0]?.body).toEqual({ tag: { name } });
  });

  it.each([
    [45158, 'tag name too long', 'name is 33 bytes, at most 30', '十一个汉字就太长了一点'],
    [45158, 'tag name too long', 'name is 31 bytes, at most 30', 'x'.repeat(31)],
    [45157, 'invalid tag name', 'name is empty', ''],
    [45157, 'invalid tag name', 'name is empty', '\t '],
    [45157, 'invalid tag name', 'name has a control character or half an emoji', 'a\nb'],
    [45157, 'invalid tag name', 'name has a control character or half an emoji', 'a\udc00'],
  ])('are refused with %i %s: %s', async (errcode, errmsg, detail, name) => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(createTag(call, name)).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode, errmsg, detail });
    await expect(renameTag(call, 134, name)).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode, errmsg, detail });
    expect(sent).toEqual([]);
  });

  it.each([0, 1, 2])('of the system, like %p, are not renamed or removed', async (id) => {
    const { call, sent } = wechatThatAnswers(OK);
    const refused = { errcode: 45058, errmsg: "can't modify sys tag", detail: `id ${id} is a system tag (0, 1, 2)` };

    await expect(renameTag(call, id, '新名')).rejects.toMatchObject(refused);
    await expect(removeTag(call, id)).rejects.toMatchObject(refused);
    expect(sent).toEqual([]);
  });

  it("fail with WeChat's own words where WeChat refuses", async () => {
    const answer = { errcode: 45157, errmsg: 'invalid tag name hint: [x]' };
    const { call } = wechatThatAnswers(answer);

    await expect(createTag(call, 'VIP')).rejects.toMatchObject({ ...answer, result: answer });
  });
});
