import type { WeChat } from './client.ts';
import { meaningOf } from './errcodes.ts';
import { isWeChatError, refusal, refuse, WeChatError, type WeChatResult } from './error.ts';
import type { Remedy } from './remedies.ts';

/** WeChat takes 50 openids per call; we take 1,000 per request. */
const OPENIDS_PER_CALL = 50;
const MAX_OPENIDS = 1_000;

/** Refusals that concern the openids of one call or this moment. After any other the next call would fail as well. */
const GOES_ON_AFTER: readonly Remedy[] = ['follower', 'time'];

const PARTLY_FAILED = 45171;

export type Tagging = { readonly openid_list: readonly string[]; readonly tagid: number };

/** A page of a tag's followers, beginning after `next_openid`. An empty page has no `data`. */
export const followersOf = (wechat: WeChat, tagid: number, next_openid = ''): Promise<WeChatResult> =>
  wechat('/cgi-bin/user/tag/get', { body: { tagid, next_openid } });

/** The tags of a follower, at most 20: `{"tagid_list":[134,2]}`. */
export const tagsOf = (wechat: WeChat, openid: string): Promise<WeChatResult> =>
  wechat('/cgi-bin/tags/getidlist', { body: { openid } });

/**
 * Tags up to 1,000 followers, 50 per call, one call after the other (WeChat refuses parallel ones).
 * @throws WeChatError 45171, its `result` with `fail_openid_list` (failed and not tried, in order) and its `detail` with
 * the cause
 */
export const tagFollowers = (wechat: WeChat, tagging: Tagging): Promise<WeChatResult> =>
  inChunks(wechat, '/cgi-bin/tags/members/batchtagging', tagging);

/** Untags up to 1,000 followers, in the same way. */
export const untagFollowers = (wechat: WeChat, tagging: Tagging): Promise<WeChatResult> =>
  inChunks(wechat, '/cgi-bin/tags/members/batchuntagging', tagging);

async function inChunks(wechat: WeChat, path: string, { openid_list, tagid }: Tagging): Promise<WeChatResult> {
  const openids = checkCount([...new Set(openid_list)]);
  const send = (chunk: string[]) => wechat(path, { body: { openid_list: chunk, tagid } });
  if (openids.length <= OPENIDS_PER_CALL) return send(openids);

  const failed: string[] = [];
  const causes: string[] = [];
  for (let start = 0; start < openids.length; start += OPENIDS_PER_CALL) {
    const chunk = openids.slice(start, start + OPENIDS_PER_CALL);
    const failure = await failureOf(send(chunk));
    if (failure === undefined) continue;
    const stops = stopsAll(failure);
    failed.push(...(stops ? openids.slice(start) : failedOf(failure, chunk)));
    causes.push(causeOf(failure, stops ? openids.length - start : 0));
    if (stops) break;
  }
  return failed.length === 0 ? { errcode: 0, errmsg: 'ok' } : partFailed(failed, causes);
}

function checkCount(openids: string[]): string[] {
  if (openids.length > MAX_OPENIDS)
    refuse(40032, `openid_list has ${openids.length} openids, 1 to ${MAX_OPENIDS} allowed`);
  return openids;
}

/** WeChat's failure, if it failed. */
async function failureOf(sending: Promise<WeChatResult>): Promise<WeChatError | undefined> {
  try {
    await sending;
    return undefined;
  } catch (error) {
    if (isWeChatError(error)) return error;
    throw error;
  }
}

const stopsAll = ({ code, errcode }: WeChatError): boolean =>
  code !== 'WECHAT_REFUSED' || !GOES_ON_AFTER.includes(meaningOf(errcode).advice.remedy);

/** The openids WeChat names; the whole chunk if it names none. */
function failedOf({ result }: WeChatError, chunk: string[]): string[] {
  const named = result?.fail_openid_list;
  return Array.isArray(named) ? named.map(String) : chunk;
}

function causeOf({ errcode, errmsg, detail }: WeChatError, not_done: number): string {
  const { en } = meaningOf(errcode);
  const cause = detail ?? `${errcode} ${errmsg} (${en})`;
  return not_done === 0 ? cause : `${cause} ${not_done} openids were given up.`;
}

function partFailed(failed: string[], causes: string[]): never {
  const { errcode, errmsg } = refusal(PARTLY_FAILED, '');
  const detail = [...new Set(causes)].join('; ');
  const result = { errcode, errmsg, fail_openid_list: failed };
  throw new WeChatError({ reason: 'refused', errcode, errmsg, detail, result });
}
