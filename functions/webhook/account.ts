import type { Config } from '../../lib/platform/config.ts';
import type { CallbackAccount } from '../../lib/wechat/callback/callback.ts';
import { readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';

type Settings = Config<
  | 'WECHAT_APP_ID'
  | 'WECHAT_TOKEN'
  | 'WECHAT_ENCODING_AES_KEY'
  | 'WECHAT_PREVIOUS_ENCODING_AES_KEY'
  | 'WECHAT_MESSAGE_MODE'
>;

/**
 * The account as configured at mp.weixin.qq.com. The default mode is safe with an EncodingAESKey, else plain.
 * @throws Error for safe or compatible mode without an EncodingAESKey
 */
export function callbackAccount(settings: Settings): CallbackAccount {
  const { WECHAT_ENCODING_AES_KEY: current, WECHAT_PREVIOUS_ENCODING_AES_KEY: previous } = settings;
  const mode = settings.WECHAT_MESSAGE_MODE ?? (current === undefined ? 'plain' : 'safe');
  if (mode !== 'plain' && current === undefined) {
    throw new Error(`Configuration: WECHAT_MESSAGE_MODE ${mode} needs WECHAT_ENCODING_AES_KEY`);
  }
  return {
    appId: settings.WECHAT_APP_ID,
    token: settings.WECHAT_TOKEN,
    keys: [current, previous].filter((key) => key !== undefined).map(readEncodingAesKey),
    mode,
  };
}
