import { isEcho, requestEcho } from './callback-request.ts';
import { type Finding, right, type Setup, skipped, toSet, wrong } from './setup.ts';

/** The least difference of clocks that may explain a refused signature. */
const MINUTE_MS = 60_000;

/** Checks that the callback accepts a signature with our Token, and no other. */
export async function checkSignature(setup: Setup): Promise<Finding> {
  const answer = await requestEcho(setup);
  if (!isEcho(answer)) {
    if (await isClockWrong(setup, answer.date))
      return skipped("needs a correct clock; dated by the callback's, the signature is accepted");
    return wrong(
      'the callback refuses a signature with WECHAT_TOKEN: it has another Token',
      `see that the address leads to this stage, else ${toSet(setup, 'the Token of mp.weixin.qq.com')}`,
    );
  }
  const forged = await requestEcho(setup, { token: 'AnotherToken0123' });
  if (isEcho(forged)) {
    return wrong(
      'the callback accepts a wrong signature, too',
      'another program responds there: check where the address leads',
    );
  }
  return right('ours is accepted, a wrong one refused; Token here = Token there');
}

/** True if the signature is accepted when dated by the callback's own clock. */
async function isClockWrong(setup: Setup, date: number | undefined): Promise<boolean> {
  if (date === undefined || Math.abs(date - setup.now()) < MINUTE_MS) return false;
  return isEcho(await requestEcho(setup, { time: date }));
}

/** Checks that the callback decrypts with our EncodingAESKey. Only an echo is encrypted: nothing is recorded. */
export async function checkEncryption(setup: Setup): Promise<Finding> {
  if (!setup.env.WECHAT_ENCODING_AES_KEY?.trim()) return skipped('in plain mode there is no EncodingAESKey');
  const answer = await requestEcho(setup, { encrypted: true });
  if (isEcho(answer)) return right('an echo encrypted with the EncodingAESKey for our AppID came back decrypted');
  const code = answer.requestId === undefined ? undefined : await setup.refusalOf(answer.requestId);
  const { what, fix } = code === undefined ? UNKNOWN : code === 'appid' ? OTHER_APP : OTHER_KEY;
  return wrong(what, toSet(setup, fix));
}

const OTHER_APP = { what: 'the callback has another WECHAT_APP_ID', fix: 'the AppID of mp.weixin.qq.com' };
const OTHER_KEY = {
  what: 'the callback cannot decrypt with WECHAT_ENCODING_AES_KEY',
  fix: 'the EncodingAESKey of mp.weixin.qq.com',
};
const UNKNOWN = {
  what: 'the callback has another WECHAT_ENCODING_AES_KEY or WECHAT_APP_ID: the reason is only in its log (code padding or appid)',
  fix: 'the EncodingAESKey and the AppID of mp.weixin.qq.com',
};
