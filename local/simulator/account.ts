/** The settings of an Official Account at mp.weixin.qq.com. */
export type Account = {
  appId: string;
  appSecret: string;
  token: string;
  encodingAesKey: string;
  originalId: string;
};

/** The account of `npm start` and `npm run follower` without one in `.env`. All values are invented. */
export const SIMULATED_ACCOUNT: Account = {
  appId: 'wx0123456789abcdef',
  appSecret: '5e1f0c2b7a9d48366d2e84b1f0a3c957',
  token: 'PawTok3n2026',
  encodingAesKey: 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA',
  originalId: 'gh_0123456789ab',
};
