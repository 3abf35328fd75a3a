import { type Apis, bodyOf, OK, openidListOf, textOf } from './call.ts';
import { pageOf, requireFollower } from './followers.ts';

const PAGE = 1000;
const BATCH = 20;

/** The blacklist: read in pages of 1,000, changed in atomic batches of 20. */
export const blacklistApis: Apis = {
  'POST /cgi-bin/tags/members/getblacklist': ({ account, raw }) => ({
    total: account.blacklist.length,
    ...pageOf(account.blacklist, textOf(bodyOf(raw), 'begin_openid'), PAGE),
  }),
  'POST /cgi-bin/tags/members/batchblacklist': ({ account, raw }) => {
    const openids = openidListOf(bodyOf(raw), BATCH);
    for (const openid of openids) requireFollower(account, openid);
    account.blacklist = [...new Set([...account.blacklist, ...openids])];
    return OK;
  },
  'POST /cgi-bin/tags/members/batchunblacklist': ({ account, raw }) => {
    const openids = openidListOf(bodyOf(raw), BATCH);
    account.blacklist = account.blacklist.filter((openid) => !openids.includes(openid));
    return OK;
  },
};
