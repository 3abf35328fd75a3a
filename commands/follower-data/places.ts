/**
 * All places where an openid, or a value derived from one, may be stored. Export, erase and their test use this list.
 * `keys` are prefixes of keys that may go on with an openid; `-` is the partition of deliveries without a follower.
 */
export const PLACES = {
  interactions: {
    keys: ['<openid>', '-', '-#'],
    holds: 'what a follower did and was sent; a delivery that could not be read; an event that names somebody else',
    erasing: 'replace',
  },
  pending: {
    keys: ['reply#', 'waiting#', 'send#', 'sending#', 'in-flight#'],
    holds:
      'slow and long replies under way or waiting; what an operator sends once; no follower in sending# and in-flight#',
    erasing: 'delete',
  },
  audit: {
    keys: ['<month>', 'reads#', 'sign-ins#'],
    holds: 'followers whom an operator tagged, remarked, messaged or read about',
    erasing: 'replace',
  },
  insights: {
    keys: ['<day>', 'stale'],
    holds: 'hashes of who was active and of who sent a text; openids inside scenes, keys and texts',
    erasing: 'replace',
  },
  erasures: {
    keys: ['<hash>'],
    holds: 'keyed hashes of erased followers, so that recovering does not restore their data; no function may read it',
    erasing: 'keep',
  },
  operators: {
    keys: ['operator#', 'attempts#', 'administrators'],
    holds: 'accounts of the back office: never a follower, unless an openid is used as a name',
    erasing: 'report',
  },
  'reply-rules': {
    keys: ['rules'],
    holds: 'what operators write: never a follower, unless one was written into a rule',
    erasing: 'report',
  },
  credentials: {
    keys: ['access-token#'],
    holds: 'the access_token: never a follower',
    erasing: 'report',
  },
} as const satisfies Record<string, Place>;

/**
 * The effect of erasing on an item that names the follower: `delete` it; `replace` the openid by a meaningless name (of
 * interactions, those of the follower and without a follower are deleted); `report` of it, since operators wrote it; `keep` it.
 */
type Erasing = 'delete' | 'replace' | 'report' | 'keep';

type Place = { readonly keys: readonly string[]; readonly holds: string; readonly erasing: Erasing };

export type Table = keyof typeof PLACES;

/** Data that no command can reach, and when it expires. */
export const OUT_OF_REACH = [
  'sealed deliveries and pseudonyms in the logs: 90 days; recovering skips erased followers',
  'the tables as they were: 35 days, in their continuous backups; after restoring one, erase again',
  'data of WeChat itself, also of the simulated one (.local/wechat.json)',
  'data that your own handlers wrote elsewhere',
] as const;
