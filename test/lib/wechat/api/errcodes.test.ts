import { adviceOnTokenCall, ERRCODES, meaningOf, needsOperatorAction } from '../../../../lib/wechat/api/errcodes.ts';
import { refusal, unreachable, WeChatError } from '../../../../lib/wechat/api/error.ts';
import { REMEDIES } from '../../../../lib/wechat/api/remedies.ts';

const codes = Object.keys(ERRCODES).map(Number);
const thoseWith = (holds: (errcode: number) => boolean) => codes.filter(holds).sort((one, other) => one - other);

describe('the table of errcodes', () => {
  it.each(codes)('says of %i in both languages what it means and what to do', (errcode) => {
    const { en, zh, advice } = meaningOf(errcode);

    expect(en).toMatch(/^[\x20-\x7e]+$/);
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(advice.en).toMatch(/\.$/);
    expect(advice.zh).toMatch(/。$/);
  });

  it('uses every advice it has', () => {
    expect(new Set(Object.values(ERRCODES).map(({ advice }) => REMEDIES[advice])).size).toBe(
      Object.keys(REMEDIES).length,
    );
  });

  it('renews the token after 40001, 40014 and 42001, and after nothing else', () => {
    expect(thoseWith((errcode) => meaningOf(errcode).advice.retry === 'with-new-token')).toEqual([40001, 40014, 42001]);
  });

  it('tries again at once only where WeChat is busy', () => {
    expect(thoseWith((errcode) => meaningOf(errcode).advice.retry === 'later')).toEqual([
      -1, 45169, 61450, 268487001, 268487002,
    ]);
  });

  it.each([40164, 40013, 40125, 40243, 89501, 89502, 89503, 89504, 89505, 89506, 89507, 50004, 50007, 40001])(
    'leaves a token call refused with %i to a person',
    (errcode) => {
      expect(needsOperatorAction(errcode)).toBe(true);
    },
  );

  it.each([-1, 0, 42001, 45009, 45011, 99999])('does not call for a person when a token call gives %i', (errcode) => {
    expect(needsOperatorAction(errcode)).toBe(false);
  });

  it('reads 40001 as a wrong AppSecret when it answers a token call', () => {
    expect(adviceOnTokenCall(40001)).toBe(REMEDIES.secret);
    expect(meaningOf(40001).advice).toBe(REMEDIES.token);
  });

  it('has a meaning for a code nobody has heard of', () => {
    expect(meaningOf(123456)).toMatchObject({ en: 'unknown errcode', zh: '未知错误码' });
  });
});

describe('WeChatError', () => {
  it("refuses in WeChat's words and says where", () => {
    const error = refusal(40018, 'button[0].name is 18 bytes, at most 16');

    expect(error).toBeInstanceOf(WeChatError);
    expect(error).toMatchObject({
      code: 'WECHAT_REFUSED',
      status: 200,
      errcode: 40018,
      errmsg: 'invalid button name size',
      detail: 'button[0].name is 18 bytes, at most 16',
      result: undefined,
    });
    expect(error.message).toBe(
      "bad length of a top button's name (40018 invalid button name size). button[0].name is 18 bytes, at most 16",
    );
  });

  it('says which call did not come through', () => {
    expect(unreachable('/cgi-bin/tags/get', 'The connection failed (ECONNRESET).').message).toBe(
      '/cgi-bin/tags/get: WeChat is unreachable. The connection failed (ECONNRESET).',
    );
  });
});
