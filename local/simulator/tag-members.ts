import { type Apis, bodyOf, type Fields, OK, openidListOf, textOf } from './call.ts';
import { pageOf, requireFollower, troubleWithOpenid } from './followers.ts';
import { type Errcode, Refusal } from './refusal.ts';
import type { AccountState, Follower } from './state.ts';
import { fansOf, tagWith } from './tags.ts';

const PAGE = 10_000;
const BATCH = 50;
const TAGS_PER_FOLLOWER = 20;

/** The tags of followers. A batch is not atomic: openids that fail are listed. */
export const tagMemberApis: Apis = {
  'POST /cgi-bin/user/tag/get': ({ account, raw }) => {
    const body = bodyOf(raw);
    const fans = fansOf(account, tagWith(account, body.tagid).id);
    return pageOf(openidsOf(fans), textOf(body, 'next_openid'), PAGE);
  },
  'POST /cgi-bin/tags/members/batchtagging': ({ account, raw }) =>
    forEachFollower(account, bodyOf(raw), (follower, tagid) => {
      if (follower.tagid_list.includes(tagid)) return undefined;
      if (follower.tagid_list.length >= TAGS_PER_FOLLOWER) return 45059;
      follower.tagid_list.push(tagid);
      return undefined;
    }),
  'POST /cgi-bin/tags/members/batchuntagging': ({ account, raw }) =>
    forEachFollower(account, bodyOf(raw), (follower, tagid) => {
      follower.tagid_list = follower.tagid_list.filter((each) => each !== tagid);
      return undefined;
    }),
  'POST /cgi-bin/tags/getidlist': ({ account, raw }) => ({
    tagid_list: requireFollower(account, bodyOf(raw).openid).tagid_list,
  }),
};

type Step = (follower: Follower, tagid: number) => Errcode | undefined;

function forEachFollower(account: AccountState, body: Fields, step: Step): Fields {
  const openids = openidListOf(body, BATCH);
  const { id } = tagWith(account, body.tagid);
  const troubles = openids.map((openid) => {
    return troubleWithOpenid(account, openid) ?? step(requireFollower(account, openid), id);
  });
  const fail_openid_list = openids.filter((_, index) => troubles[index] !== undefined);
  if (fail_openid_list.length === 0) return OK;
  const all = fail_openid_list.length === openids.length;
  throw all ? new Refusal(troubles[0] ?? -1) : new Refusal(45171, { fail_openid_list });
}

function openidsOf(followers: readonly Follower[]): string[] {
  return followers.map(({ openid }) => openid);
}
