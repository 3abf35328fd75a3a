import type { WeChat } from './client.ts';
import { meaningOf } from './errcodes.ts';
import { refusal, refuse, WeChatError, type WeChatResult } from './error.ts';
import type { Remedy } from './remedies.ts';
import { checkTagId } from './tags.ts';

/** WeChat takes 50 openids a call; we take 1,000 a request and stop after 25 s, before the gateway does at 30. */
const OPENIDS_PER_CALL = 50;
const MAX_OPENIDS = 1_000;
const MAX_TAGGING_MS = 25_000;

/** Refusals that concern the openids of one call or this moment. After any other the next call would fail as well. */
const GOES_ON_AFTER: readonly Remedy[] = ['follower', 'time'];

const PARTLY_FAILED = 45171;

/** `deadline` in ms since 1970, by default 25 s from now. */
export type Tagging = { openid_list: readonly string[]; tagid: unknown; deadline?: number | undefined };

/** A page of a tag's followers, beginning after `next_openid`. An empty page has no `data`. */
export const followersOf = async (
  call: WeChat,
  tagid: unknown,
  next_openid = '',
  deadline?: number,
): Promise<WeChatResult> =>
  call('/cgi-bin/user/tag/get', { body: { tagid: checkTagId(tagid, 'tagid'), next_openid }, deadline });

/** The tags of a follower, at most 20: `{"tagid_list":[134,2]}`. */
export async function tagsOf(call: WeChat, openid: string, deadline?: number): Promise<WeChatResult> {
  if (openid === '') refuse(40003, 'openid is empty');
  return call('/cgi-bin/tags/getidlist', { body: { openid }, deadline });
}

/**
 * Gives up to 1,000 followers a tag, 50 a call, one call after the other (WeChat refuses parallel ones). Throws WeChatError
 * 45171, its `answer` with `fail_openid_list` (failed and not tried, in order) and its `detail` with the cause.
 */
export const tagFollowers = (call: WeChat, tagging: Tagging, now: () => number = Date.now): Promise<WeChatResult> =>
  inChunks(call, '/cgi-bin/tags/members/batchtagging', tagging, now);

/** Takes a tag from up to 1,000 followers, as `tagFollowers` gives it. */
export const untagFollowers = (call: WeChat, tagging: Tagging, now: () => number = Date.now): Promise<WeChatResult> =>
  inChunks(call, '/cgi-bin/tags/members/batchuntagging', tagging, now);

async function inChunks(
  call: WeChat,
  path: string,
  { openid_list, tagid: id, deadline = Number.POSITIVE_INFINITY }: Tagging,
  now: () => number,
): Promise<WeChatResult> {
  const tagid = checkTagId(id, 'tagid');
  const openids = checkOpenids(openid_list);
  const ends = Math.min(deadline, now() + MAX_TAGGING_MS);
  const send = (chunk: string[]) => call(path, { body: { openid_list: chunk, tagid }, deadline: ends });
  if (openids.length <= OPENIDS_PER_CALL) return send(openids);

  const failed: string[] = [];
  const causes: string[] = [];
  for (let start = 0; start < openids.length; start += OPENIDS_PER_CALL) {
    const chunk = openids.slice(start, start + OPENIDS_PER_CALL);
    const failure = now() < ends ? await failureOf(send(chunk)) : TIME_USED_UP;
    if (failure === undefined) continue;
    const stops = stopsAll(failure);
    failed.push(...(stops ? openids.slice(start) : failedOf(failure, chunk)));
    causes.push(causeOf(failure, stops ? openids.length - start : 0));
    if (stops) break;
  }
  return failed.length === 0 ? { errcode: 0, errmsg: 'ok' } : partFailed(failed, causes);
}

const TIME_USED_UP = new WeChatError({
  reason: 'too_slow',
  errcode: 504,
  errmsg: 'time used up',
  detail: 'The time for this request was used up.',
});

function checkOpenids(list: readonly string[]): string[] {
  const empty = list.indexOf('');
  if (empty >= 0) refuse(40003, `openid_list[${empty}] is empty`);
  const openids = [...new Set(list)];
  if (openids.length >= 1 && openids.length <= MAX_OPENIDS) return openids;
  return refuse(40032, `openid_list has ${openids.length} openids, 1 to ${MAX_OPENIDS} allowed`);
}

/** How WeChat failed, or undefined; what is not WeChat's failure is thrown on. */
async function failureOf(sending: Promise<WeChatResult>): Promise<WeChatError | undefined> {
  try {
    await sending;
    return undefined;
  } catch (error) {
    if (error instanceof WeChatError) return error;
    throw error;
  }
}

const stopsAll = ({ reason, errcode }: WeChatError): boolean =>
  reason !== 'refused' || !GOES_ON_AFTER.includes(meaningOf(errcode).advice.remedy);

/** The openids WeChat names; the whole chunk if it names none. */
function failedOf({ answer }: WeChatError, chunk: string[]): string[] {
  const named = answer?.fail_openid_list;
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
  const answer = { errcode, errmsg, fail_openid_list: failed };
  throw new WeChatError({ reason: 'refused', errcode, errmsg, detail, answer });
}
