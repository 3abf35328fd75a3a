import type { WeChat } from './client.ts';
import { refuse, type WeChatResult } from './error.ts';
import { hasControlCharacter } from './json.ts';

/** WeChat's page says less than 30: bytes today, characters in older versions. 29 bytes satisfy both. */
const MAX_REMARK_BYTES = 29;

/** Sets the account's own name for a follower; an empty remark removes it. Someone who has unfollowed gives 43004. */
export async function setRemark(wechat: WeChat, openid: string, remark: string): Promise<WeChatResult> {
  checkRemark(remark);
  return wechat('/cgi-bin/user/info/updateremark', { body: { openid, remark } });
}

function checkRemark(remark: string): void {
  const bytes = Buffer.byteLength(remark);
  if (bytes > MAX_REMARK_BYTES) refuse(40092, `remark is ${bytes} bytes, at most ${MAX_REMARK_BYTES}`);
  if (hasControlCharacter(remark)) refuse(40092, 'remark has a control character or half an emoji');
}
