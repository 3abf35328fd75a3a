import { type Apis, bodyOf, type Fields, isFields, OK, textOf } from './call.ts';
import { followerOf, pageOf, requireFollower } from './followers.ts';
import { Refusal } from './refusal.ts';
import type { AccountState, Follower } from './state.ts';

const PAGE = 10_000;
const BATCH = 100;
const REMARK_BELOW_BYTES = 30;

/** Followers: the list, their fields, and the remark. */
export const userApis: Apis = {
  'GET /cgi-bin/user/get': ({ account, query }) => {
    const openids = followingOf(account);
    return { total: openids.length, ...pageOf(openids, query('next_openid') ?? '', PAGE) };
  },
  'GET /cgi-bin/user/info': ({ account, query }) => infoOf(account, query('openid')),
  'POST /cgi-bin/user/info/batchget': ({ account, raw }) => {
    const { user_list } = bodyOf(raw);
    if (!Array.isArray(user_list) || user_list.length < 1 || user_list.length > BATCH) throw new Refusal(40032);
    const infos = user_list.map((user) => infoOf(account, isFields(user) ? user.openid : undefined));
    return { user_info_list: infos };
  },
  'POST /cgi-bin/user/info/updateremark': ({ account, raw }) => {
    const body = bodyOf(raw);
    const follower = followerOf(account, body.openid);
    if (textOf(body, 'openid') === '') throw new Refusal(40003);
    if (!follower?.subscribe) throw new Refusal(43004);
    if (typeof body.remark !== 'string' || Buffer.byteLength(body.remark) >= REMARK_BELOW_BYTES) {
      throw new Refusal(40092);
    }
    follower.remark = body.remark;
    return OK;
  },
};

function followingOf(account: AccountState): string[] {
  return Object.values(account.followers)
    .filter(({ subscribe }) => subscribe)
    .map(({ openid }) => openid);
}

function infoOf(account: AccountState, openid: unknown): Fields {
  const known = followerOf(account, openid);
  if (known && !known.subscribe) return { subscribe: 0, openid };
  return publicFields(requireFollower(account, openid));
}

/** The fields that WeChat returns empty since 2021-12-27: name, picture and region. */
function publicFields(follower: Follower): Fields {
  const { openid, subscribe_time, remark, tagid_list, subscribe_scene, qr_scene_str } = follower;
  const withheld = { nickname: '', sex: 0, language: '', city: '', province: '', country: '', headimgurl: '' };
  const visible = { subscribe_time, remark, groupid: tagid_list[0] ?? 0, tagid_list, subscribe_scene };
  return { subscribe: 1, openid, ...withheld, ...visible, qr_scene: 0, qr_scene_str };
}
