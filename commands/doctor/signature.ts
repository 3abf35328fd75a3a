import { askToEcho, isEcho } from './callback-request.ts';
import { type Finding, right, type Setup, skipped, toSet, wrong } from './setup.ts';

/** So much apart, clocks may be why a signature is refused. */
const MINUTE_MS = 60_000;

/** Whether the callback accepts a signature by our Token, and no other. */
export async function checkSignature(setup: Setup): Promise<Finding> {
  const answer = await askToEcho(setup);
  if (!isEcho(answer)) {
    if (await isClockToBlame(setup, answer.date))
      return skipped('needs a right clock; dated by its own, it is accepted');
    return wrong(
      'the callback refuses a signature by WECHAT_TOKEN: there another Token counts',
      `see that the address leads to this stage, else ${toSet(setup, 'the Token of mp.weixin.qq.com')}`,
    );
  }
  const forged = await askToEcho(setup, { token: 'AnotherToken0123' });
  if (isEcho(forged)) {
    return wrong(
      'the callback accepts a wrong signature, too',
      'another program answers there: see where the address leads',
    );
  }
  return right('ours is accepted, a wrong one refused; Token here = Token there');
}

/** Whether the same signature, dated by the callback's own clock, is accepted. */
async function isClockToBlame(setup: Setup, date: number | undefined): Promise<boolean> {
  if (date === undefined || Math.abs(date - setup.now()) < MINUTE_MS) return false;
  return isEcho(await askToEcho(setup, { time: date }));
}

/** Whether the callback opens what is encrypted with our EncodingAESKey. The echo is encrypted: nothing is recorded. */
export async function checkEncryption(setup: Setup): Promise<Finding> {
  if (!setup.env.WECHAT_ENCODING_AES_KEY?.trim()) return skipped('in plain mode there is no EncodingAESKey');
  const answer = await askToEcho(setup, { encrypted: true });
  if (isEcho(answer)) return right('an echo encrypted with the EncodingAESKey for our AppID came back opened');
  const code = answer.requestId === undefined ? undefined : await setup.refusalOf(answer.requestId);
  const { what, mend } = code === undefined ? UNTOLD : code === 'appid' ? OTHER_APP : OTHER_KEY;
  return wrong(what, toSet(setup, mend));
}

const OTHER_APP = { what: 'the callback has another WECHAT_APP_ID', mend: 'the AppID of mp.weixin.qq.com' };
const OTHER_KEY = {
  what: 'the callback cannot open what is encrypted with WECHAT_ENCODING_AES_KEY',
  mend: 'the EncodingAESKey of mp.weixin.qq.com',
};
const UNTOLD = {
  what: 'the callback has another WECHAT_ENCODING_AES_KEY or WECHAT_APP_ID: why it refuses is in its log alone (code padding or appid)',
  mend: 'the EncodingAESKey and the AppID of mp.weixin.qq.com',
};
