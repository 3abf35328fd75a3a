import { readConfig } from '../../lib/platform/config.ts';
import { type WeChat, wechatClient } from '../../lib/wechat/api/client.ts';
import { meaningOf } from '../../lib/wechat/api/errcodes.ts';
import { isWeChatError, type WeChatError } from '../../lib/wechat/api/error.ts';
import { currentToken } from './access-token.ts';
import { type Finding, right, type Setup, wrong } from './setup.ts';

/** One read-only call of each family of APIs. Remarks and customer-service messages are granted with the followers. */
const PROBES: readonly { family: string; path: string; body?: unknown }[] = [
  { family: 'addresses', path: '/cgi-bin/getcallbackip' },
  { family: 'menu in use', path: '/cgi-bin/get_current_selfmenu_info' },
  { family: 'menu', path: '/cgi-bin/menu/get' },
  { family: 'tags', path: '/cgi-bin/tags/get' },
  { family: 'followers, remarks, messages', path: '/cgi-bin/user/get' },
  { family: 'blacklist', path: '/cgi-bin/tags/members/getblacklist', body: { begin_openid: '' } },
];

/** "There is no menu": the call was permitted. */
const NO_MENU = 46003;
const NO_RIGHT = 48001;

type Refused = { family: string; path: string; error: WeChatError };

/** Checks the account's API permissions by a call of each family. */
export async function checkRights(setup: Setup): Promise<Finding> {
  const call = await clientFor(setup);
  const refused: Refused[] = [];
  for (const { family, path, body } of PROBES) {
    const error = await refusalOf(call, path, body);
    if (error !== undefined) refused.push({ family, path, error });
  }
  if (refused.length === 0) return right(PROBES.map(({ family }) => family).join(' · '));
  return wrong(refused.map(described).join(' · '), fixFor(refused));
}

async function clientFor(setup: Setup): Promise<WeChat> {
  const { WECHAT_API_ORIGIN: origin } = readConfig(['WECHAT_API_ORIGIN'], setup.env);
  const token = await currentToken(setup);
  const { fetch } = setup;
  return wechatClient({ token: { current: async () => token, refused: async () => token }, origin, fetch });
}

async function refusalOf(call: WeChat, path: string, body: unknown): Promise<WeChatError | undefined> {
  try {
    await call(path, { body });
    return undefined;
  } catch (error) {
    if (!isWeChatError(error)) throw error;
    return error.errcode === NO_MENU ? undefined : error;
  }
}

function described({ family, path, error: { reason, errcode, errmsg } }: Refused): string {
  const { en, zh } = meaningOf(errcode);
  return `${family} (${path}): ${reason === 'refused' ? `${errcode} ${en} ${zh}` : errmsg}`;
}

function fixFor(refused: readonly Refused[]): string {
  const others = refused.find(({ error }) => error.errcode !== NO_RIGHT);
  if (others) return others.error.reason === 'refused' ? meaningOf(others.error.errcode).advice.en : 'try again';
  return 'verify the account at mp.weixin.qq.com (微信认证), or do without these: deliveries and replies need none';
}
