import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isOperatorsMessage } from '../lib/insights/behaviour.ts';
import { staleHours } from '../lib/insights/stale.ts';
import { MEMORY_MS, SKEW_MS } from '../lib/insights/waits.ts';
import { ofNobody, placementOf } from '../lib/interactions/interaction.ts';
import { identityIn, NOBODY, receivedAtOf, SORT_KEY } from '../lib/interactions/keys.ts';
import { unseal } from '../lib/platform/seal.ts';
import { DAY_MS, erasuresTable, LOG_DAYS } from '../lib/tables/erasures.ts';
import { insightsTable } from '../lib/tables/insights.ts';
import { history } from '../lib/tables/interactions/history.ts';
import { recorder } from '../lib/tables/interactions/record.ts';
import { type Lost, recordDelivery } from '../lib/tables/interactions/record-delivery.ts';
import { writeJson } from '../lib/wechat/api/json.ts';
import { command, required, runIfStarted, STAGE_OPTIONS, type Terminal, UsageError } from './command.ts';
import { OPENID_LENGTH, textOf } from './follower-data/names.ts';
import { linesOf, linesOfLogGroup, sealedIn } from './recover/log-lines.ts';
import { logGroupOf, resourceOf, type Stage, stageNamed } from './stage.ts';

const USAGE = `npm run recover -- --stage prod [--since 24h] [--region ap-southeast-1]
npm run recover -- --stage prod --file log.jsonl
npm run --silent recover -- --stage prod --show > sealed.jsonl

Records the deliveries that the webhook could not record while DynamoDB failed, or that were unreadable and too many, and
sealed in its log: once each, however often this is run; not those of followers who were erased since. Their replies are
recorded, too, but did not reach the followers. Of an unreadable delivery 8 KB are recorded; --show records nothing and
prints all sealed deliveries, a line of JSON each. Unreadable ones of plain mode, which anybody who captured a request
can forge, are recorded with --unproven only. --since takes hours or days (36h, 7d). --file reads lines of a log from a file, or - from standard input.
AWS is called with your own credentials (AWS_PROFILE and so on); --stage local means the database of a running npm start,
and takes --file.`;

const OPTIONS = {
  ...STAGE_OPTIONS,
  since: { type: 'string', default: '24h' },
  file: { type: 'string' },
  show: { type: 'boolean', default: false },
  unproven: { type: 'boolean', default: false },
} as const;

const HOURS_IN = { h: 1, d: 24 } as const;
const HOUR_MS = 3_600_000;

/**
 * The number of sealed lines by outcome; three attempts of one delivery are three lines. `erased`: the follower was erased
 * since; `expired`: too old to know whether the follower was erased.
 */
export type Recovered = Readonly<Record<'found' | Outcome, number>>;

type Outcome = 'recorded' | 'there' | 'unproven' | 'erased' | 'expired' | 'unreadable';

export type Recovery = ReturnType<typeof recoveryOf>;

/** The ports of recovery: the webhook's recorder, erasures, and stale hours. */
export function recoveryOf({ db, tableNamed, settings }: Stage, now: () => number) {
  const { PSEUDONYM_KEY: current, PREVIOUS_PSEUDONYM_KEY: previous } = settings;
  const table = tableNamed('interactions');
  const placement = placementOf(settings);
  return {
    keys: keysOf(settings),
    now,
    record: recorder(db, table, placement),
    history: history(db, table, { ...placement, now }),
    erasures: erasuresTable(db, tableNamed('erasures'), { current, previous }),
    stale: staleHours(insightsTable(db, tableNamed('insights')), now),
    async takeBack({ delivery: { type, from }, taken: { sortKey } }: Lost): Promise<void> {
      const isNobodys = type === 'unreadable' && from === NOBODY;
      const openid = isNobodys ? ofNobody(placement, identityIn(sortKey)) : from;
      await db.send(new DeleteCommand({ TableName: table, Key: { openid, created: sortKey } }));
    },
  };
}

/** The keys to unseal with: the current and the previous. */
function keysOf({ RECOVERY_KEY: key, PREVIOUS_RECOVERY_KEY: previous }: Stage['settings']): readonly string[] {
  if (key === undefined) throw new Error('The stage has no RECOVERY_KEY: nothing was sealed in its log.');
  return previous === undefined ? [key] : [key, previous];
}

/**
 * Records the sealed deliveries in lines of the webhook's log, unless they are recorded or their follower was erased.
 * Idempotent.
 * @throws DynamoDB's errors
 */
export async function recover(
  { keys, now, record, history, erasures, stale, takeBack }: Recovery,
  lines: AsyncIterable<string>,
  { alsoUnproven = false } = {},
): Promise<Recovered> {
  const counts = { found: 0, recorded: 0, there: 0, unproven: 0, erased: 0, expired: 0, unreadable: 0 };
  for await (const line of lines) {
    for (const sealed of sealedIn(line)) {
      counts.found += 1;
      counts[await recoverOne(sealed)] += 1;
    }
  }
  return counts;

  async function recoverOne(sealed: string): Promise<Outcome> {
    const lost = await lostIn(keys, sealed);
    if (lost === undefined) return 'unreadable';
    const { delivery, taken, isUnproven } = lost;
    if (isUnproven && !alsoUnproven) return 'unproven';
    if (taken.receivedAt < now() - LOG_DAYS * DAY_MS) return 'expired';
    if (await isErased(lost)) return 'erased';
    const moments = [taken.receivedAt, ...(await messagesAfter(lost))];
    const { isRepeated } = await stale.around(moments, () => recordDelivery(record, delivery, taken));
    if (isRepeated) return 'there';
    if (!(await isErased(lost))) return 'recorded';
    await takeBack(lost);
    return 'erased';
  }

  /** Checked again after recording: the follower may be erased concurrently. */
  async function isErased({ delivery, taken }: Lost): Promise<boolean> {
    const found = await Promise.all(followersIn(delivery).map((openid) => erasures.find(openid, now())));
    return found.some((erasure) => erasure !== undefined && taken.receivedAt <= erasure.erasedAt);
  }

  /** The times of operators' messages after this delivery, whose hours count how long the follower waited. */
  async function messagesAfter({ delivery, taken: { receivedAt: from } }: Lost): Promise<number[]> {
    const moments: number[] = [];
    const until = from + MEMORY_MS;
    for await (const interaction of history.ofFollowerBetween(delivery.from, from - SKEW_MS, until + SKEW_MS)) {
      if (isOperatorsMessage(interaction)) moments.push(receivedAtOf(interaction));
    }
    return moments;
  }
}

/** The follower of a delivery; for an unreadable one without a follower, everything in it that looks like an openid. */
function followersIn(delivery: Lost['delivery']): readonly string[] {
  if (delivery.from !== NOBODY || delivery.type !== 'unreadable') return [delivery.from];
  return [...new Set(textOf(delivery).match(/[\w-]+/g) ?? [])].filter(({ length }) => length === OPENID_LENGTH);
}

async function showAll(
  keys: readonly string[],
  lines: AsyncIterable<string>,
  print: (line: string) => void,
): Promise<number> {
  let unreadable = 0;
  for await (const line of lines) {
    for (const sealed of sealedIn(line)) {
      const lost = await lostIn(keys, sealed);
      if (lost === undefined) unreadable += 1;
      else print(writeJson(lost));
    }
  }
  return unreadable > 0 ? 1 : 0;
}

async function lostIn(keys: readonly string[], sealed: string): Promise<Lost | undefined> {
  for (const key of keys) {
    const unsealed = await unseal(key, sealed);
    if (unsealed.ok) return isLost(unsealed.value) ? unsealed.value : undefined;
  }
  return undefined;
}

/** False for a shape of an earlier or later version. */
const isLost = (value: unknown): value is Lost => v.is(LOST, value);

const LOST = v.object({
  delivery: v.looseObject({ type: v.string(), from: v.string(), createTime: v.number() }),
  taken: v.looseObject({ sortKey: v.pipe(v.string(), v.regex(SORT_KEY)), receivedAt: v.number(), kind: v.string() }),
});

type Recovering = Terminal & { readonly now?: () => number };

/** Runs `npm run recover`. Exit code 1 if something could not be read. */
export const runRecover = command(
  { usage: USAGE, options: OPTIONS },
  async ({ values }, { env, print, now = Date.now }: Recovering) => {
    const { since, file, region, show, unproven: alsoUnproven } = values;
    if (show && alsoUnproven) throw new UsageError('--show records nothing: it takes no --unproven');
    const stage = required(values.stage, '--stage');
    if (stage === 'local' && file === undefined) throw new UsageError('--stage local takes --file');
    const start = now() - durationIn(since);
    const place = await stageNamed(stage, region, env);
    const lines = file === undefined ? linesOfLogGroup(logGroupOf(resourceOf(stage, 'webhook')), start) : linesOf(file);
    if (show) return showAll(keysOf(place.settings), lines, print);
    const counts = await recover(recoveryOf(place, now), lines, { alsoUnproven });
    const { found, recorded, there, unproven, erased, expired, unreadable } = counts;
    print(`${found} found, ${recorded} recorded, ${there} already there, ${unreadable} unreadable`);
    if (unproven > 0)
      print(`Not recorded: ${unproven} that could not be read in plain mode; see --show, and --unproven.`);
    if (erased > 0) print(`Not recorded: ${erased} of followers who were erased since.`);
    if (expired > 0)
      print(`Not recorded: ${expired} older than ${LOG_DAYS} days; erasures of that time are forgotten.`);
    if (unreadable > 0)
      print(
        'Unreadable: sealed under another RECOVERY_KEY (PREVIOUS_RECOVERY_KEY names the one before), by another version, or cut off.',
      );
    return unreadable > 0 ? 1 : 0;
  },
);

function durationIn(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError('--since must be hours or days, such as 36h or 7d');
  return Number(count) * HOURS_IN[unit as keyof typeof HOURS_IN] * HOUR_MS;
}

runIfStarted(import.meta.url, (args) => runRecover(args, { env: process.env, print: console.log }));
