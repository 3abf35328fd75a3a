/** The kinds of remedies for a refusal. */
export type Remedy = 'nothing' | 'time' | 'token' | 'request' | 'quota' | 'follower' | 'person';

/** The fix for a refusal, in both languages. `retry` is what the client does by itself. */
export type Advice = { remedy: Remedy; en: string; zh: string; retry?: 'later' | 'with-new-token' };

/** The fixes by name. The table of errcodes names one of these for every code. */
export const REMEDIES = {
  nothing: { remedy: 'nothing', en: 'Nothing needs doing.', zh: '无需处理。' },
  busy: { remedy: 'time', en: 'Try again in a moment.', zh: '请稍后再试。', retry: 'later' },
  minute: { remedy: 'time', en: 'Wait a minute before trying again.', zh: '请等待一分钟后再试。' },
  token: {
    remedy: 'token',
    en: 'The access_token is renewed by itself; if this stays, check the AppSecret.',
    zh: 'access_token 会自动更新；若持续出现，请检查 AppSecret。',
    retry: 'with-new-token',
  },
  request: {
    remedy: 'request',
    en: 'Correct the request; do not repeat it as it is.',
    zh: '请修改请求，不要原样重试。',
  },
  upload: {
    remedy: 'request',
    en: 'Upload the media again and use its new media_id.',
    zh: '请重新上传素材，使用新的 media_id。',
  },
  room: { remedy: 'request', en: 'Remove some of the existing ones first.', zh: '请先删除一部分再试。' },
  failed: {
    remedy: 'follower',
    en: 'Repeat for those in fail_openid_list only.',
    zh: '请只对 fail_openid_list 中的用户重试。',
  },
  follower: { remedy: 'follower', en: 'Leave this follower out.', zh: '请跳过该用户。' },
  login: { remedy: 'follower', en: 'Let the user sign in again.', zh: '请让用户重新授权登录。' },
  action: { remedy: 'follower', en: 'Wait until the follower acts again.', zh: '请等待用户再次互动。' },
  later_minute: { remedy: 'quota', en: 'Wait until the next minute.', zh: '请等到下一分钟。' },
  quota: {
    remedy: 'quota',
    en: 'Wait until the quota is renewed (the next day), or call clear_quota.',
    zh: '请等待额度恢复（次日），或调用 clear_quota。',
  },
  rights: {
    remedy: 'person',
    en: "Check the account's rights and verification at mp.weixin.qq.com.",
    zh: '请到 mp.weixin.qq.com 检查账号的接口权限与认证状态。',
  },
  account: { remedy: 'person', en: 'Fix this at mp.weixin.qq.com.', zh: '请到 mp.weixin.qq.com 处理。' },
  appid: {
    remedy: 'person',
    en: 'Set WECHAT_APP_ID to the AppID shown at mp.weixin.qq.com (upper and lower case matter).',
    zh: '请把 WECHAT_APP_ID 设为 mp.weixin.qq.com 上显示的 AppID（区分大小写）。',
  },
  secret: {
    remedy: 'person',
    en: 'Set WECHAT_APP_SECRET to the current AppSecret of mp.weixin.qq.com; it may have been reset.',
    zh: '请把 WECHAT_APP_SECRET 设为 mp.weixin.qq.com 上当前的 AppSecret，它可能已被重置。',
  },
  frozen: {
    remedy: 'person',
    en: 'Unfreeze the AppSecret at mp.weixin.qq.com.',
    zh: '请到 mp.weixin.qq.com 解除 AppSecret 的冻结。',
  },
  allow_list: {
    remedy: 'person',
    en: 'Add the address to the IP allow-list at mp.weixin.qq.com.',
    zh: '请到 mp.weixin.qq.com 把该地址加入 IP 白名单。',
  },
  confirm: {
    remedy: 'person',
    en: "Let the account's administrator confirm the new address in WeChat.",
    zh: '请公众号管理员在微信中确认新的 IP 地址。',
  },
  confirm_later: {
    remedy: 'person',
    en: "The account's administrator refused this address; try again after the time that WeChat names.",
    zh: '公众号管理员拒绝了该 IP 地址，请在微信规定的时间之后再申请。',
  },
} as const satisfies Record<string, Advice>;

export type AdviceName = keyof typeof REMEDIES;
