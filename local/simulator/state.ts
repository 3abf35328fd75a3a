/** `until` is in milliseconds. A replaced token ends with 40001 ("not latest"), any other with 42001 ("expired"). */
export type Token = { access_token: string; family: 'classic' | 'stable'; until: number; replaced: boolean };

/** The action of a follower that permits messages. */
export type Trigger = 'message' | 'menu' | 'follow' | 'scan';

/** `until` is in milliseconds. */
type Allowance = { trigger: Trigger; left: number; until: number };

export type Leaf = { type: string; name: string; [field: string]: unknown };
export type Button = Leaf | { name: string; sub_button: Leaf[] };
export type ConditionalMenu = { menuid: number; button: Button[]; matchrule: Record<string, string> };

export type Tag = { id: number; name: string };

export type Follower = {
  openid: string;
  subscribe: boolean;
  subscribe_time: number;
  subscribe_scene: string;
  qr_scene_str: string;
  remark: string;
  /** In the order of tagging: a conditional menu matches the last. */
  tagid_list: number[];
  client_platform_type: string;
  allowances: Allowance[];
};

/** A message to a follower besides passive replies; `at` in milliseconds, `msgid` above 2^53. */
export type Sent = { openid: string; msgid: string; at: number; message: Record<string, unknown> };

/** Calls of one API in the current day and minute (or, for clear_quota, the current month). */
type Usage = { period: string; count: number };

/** The state of a simulated account, as plain JSON. */
export type AccountState = {
  appid: string;
  /** The allow-list of addresses for token calls; null allows all. */
  allowed_ips: string[] | null;
  /** False as for personal and unverified accounts: customer-service messages are refused (48001). */
  may_send_messages?: boolean;
  tokens: Token[];
  forced_at: number;
  menu: Button[] | null;
  conditional_menus: ConditionalMenu[];
  next_menuid: number;
  tags: Tag[];
  next_tagid: number;
  followers: Record<string, Follower>;
  blacklist: string[];
  sent: Sent[];
  next_msgid: string;
  usage: Record<string, Usage>;
};

export type State = { accounts: Record<string, AccountState> };

const FIRST_FOLLOWERS = [
  'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
  'o6_bmjrPTlm6_2sgVt7hMZOPfL2N',
  'o6_bmjrPTlm6_2sgVt7hMZOPfL2P',
  'oAbCdJ3kT9uQx7Lw2Zs5Yv8Rn1Mo',
  'oAbCdJ8hW4eRt6Yu1Io3Pa5Sd7Fg',
  'ocYxcuAEy30bX0NXmGn4ypqx3tI0',
  'ocYxcuBt0mRugKZ7tGAHPnUaOW7Y',
];

/** A new follower; `now` in milliseconds. */
export function newFollower(openid: string, now: number): Follower {
  return {
    openid,
    subscribe: true,
    subscribe_time: Math.floor(now / 1000),
    subscribe_scene: 'ADD_SCENE_SEARCH',
    qr_scene_str: '',
    remark: '',
    tagid_list: [],
    client_platform_type: '2',
    allowances: [],
  };
}

/** The state of a new account, with seven followers and the tag that every account has. */
export function newAccountState(appid: string, now: number): AccountState {
  return {
    appid,
    allowed_ips: null,
    tokens: [],
    forced_at: 0,
    menu: null,
    conditional_menus: [],
    next_menuid: 430000001,
    tags: [{ id: 2, name: '星标组' }],
    next_tagid: 134,
    followers: Object.fromEntries(FIRST_FOLLOWERS.map((openid) => [openid, newFollower(openid, now)])),
    blacklist: [],
    sent: [],
    next_msgid: '2430000000000000101',
    usage: {},
  };
}
