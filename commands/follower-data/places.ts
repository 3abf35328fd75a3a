/**
 * Every place where an openid, or anything made of one, may lie. Export, erase and their test are made from this list.
 * The rest of a key that begins as said may name a follower; `-` is the partition of deliveries that name nobody.
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
    holds: 'whom an operator tagged, remarked, answered or read about',
    erasing: 'replace',
  },
  insights: {
    keys: ['<day>', 'stale'],
    holds: 'hashes of who was active and of who sent a text; openids inside scenes, keys and texts',
    erasing: 'replace',
  },
  erasures: {
    keys: ['<hash>'],
    holds: 'a keyed hash of who was erased, so that recovering does not bring them back; no function may read it',
    erasing: 'keep',
  },
  operators: {
    keys: ['operator#', 'attempts#', 'administrators'],
    holds: 'people of the back office: never a follower, unless as what one was called',
    erasing: 'tell',
  },
  'reply-rules': {
    keys: ['rules'],
    holds: 'what operators write: never a follower, unless one was written into a rule',
    erasing: 'tell',
  },
  credentials: {
    keys: ['access-token#'],
    holds: 'the access_token: never a follower',
    erasing: 'tell',
  },
} as const satisfies Record<string, Place>;

/**
 * What erasing does to an item that names the follower: `delete` it; `replace` the openid by a name that leads nowhere (of
 * interactions, those of the follower and of nobody are deleted); `tell` of it, since operators wrote it; `keep` it.
 */
type Erasing = 'delete' | 'replace' | 'tell' | 'keep';

type Place = { readonly keys: readonly string[]; readonly holds: string; readonly erasing: Erasing };

export type Table = keyof typeof PLACES;

/** What no command can reach, and when it ends. */
export const OUT_OF_REACH = [
  'sealed deliveries and pseudonyms in the logs: 90 days; recovering skips who was erased',
  'the tables as they were: 35 days, in their continuous backups; after restoring one, erase again',
  'what WeChat itself keeps, also the simulated one (.local/wechat.json)',
  'what your own handlers wrote elsewhere',
] as const;
