import { parseArgs } from 'node:util';
import { Unsealable, unseal } from '../lib/sealed.ts';
import { type Lost, recordDelivery } from '../lib/tables/interactions/record-delivery.ts';
import { writeJson } from '../lib/wechat/json.ts';
import { runIfStarted, useRegion } from './command.ts';
import { linesOf, linesOfLogGroup, sealedIn } from './recover/log-lines.ts';
import { deployedStage, localStage, type Stage, webhookOf } from './recover/stage.ts';

export const USAGE = `npm run recover -- --stage prod [--since 24h] [--region ap-southeast-1]
npm run recover -- --stage prod --file log.jsonl
npm run --silent recover -- --stage prod --show > sealed.jsonl

Records the deliveries that the webhook could not record while DynamoDB was away, or that were unreadable and too many,
and left sealed in its log: once each, however often this is run, and as they came. What they would have been answered is
kept with them, but it did not reach the followers. Of a delivery that cannot be read 8 KB are recorded; --show records
nothing and prints all that is sealed, a line of JSON each. Unreadable ones of plain mode, which anybody can have made who
captured a request, are recorded with --unproven only. --since takes hours or days (36h, 7d). --file reads lines of a log from a file, or - from standard input.
AWS is asked with your own credentials (AWS_PROFILE and so on); --stage local means the database of a running npm start,
and takes --file.`;

const OPTIONS = {
  stage: { type: 'string' },
  since: { type: 'string', default: '24h' },
  file: { type: 'string' },
  region: { type: 'string' },
  show: { type: 'boolean', default: false },
  unproven: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const HOURS_IN = { h: 1, d: 24 } as const;
const HOUR_MS = 3_600_000;

/** `found` are sealed lines; three of them are one delivery when WeChat sent it three times. */
export type Recovered = {
  readonly found: number;
  readonly recorded: number;
  readonly there: number;
  readonly unproven: number;
  readonly unreadable: number;
};

/**
 * Records what is sealed in some lines of the webhook's log, unless it is there.
 * @throws what DynamoDB throws; done again, it goes on
 */
export async function recover(
  { record, key }: Stage,
  lines: AsyncIterable<string>,
  { alsoUnproven = false } = {},
): Promise<Recovered> {
  const counts = { found: 0, recorded: 0, there: 0, unproven: 0, unreadable: 0 };
  for await (const line of lines) {
    for (const sealed of sealedIn(line)) {
      counts.found += 1;
      counts[await recoverOne(sealed)] += 1;
    }
  }
  return counts;

  async function recoverOne(sealed: string): Promise<'recorded' | 'there' | 'unproven' | 'unreadable'> {
    const lost = lostIn(key, sealed);
    if (lost === undefined) return 'unreadable';
    if (lost.isUnproven && !alsoUnproven) return 'unproven';
    const { isRepeated } = await recordDelivery(record, lost.delivery, lost.taken);
    return isRepeated ? 'there' : 'recorded';
  }
}

async function showAll(key: string, lines: AsyncIterable<string>, print: (line: string) => void): Promise<number> {
  let unreadable = 0;
  for await (const line of lines) {
    for (const sealed of sealedIn(line)) {
      const lost = lostIn(key, sealed);
      if (lost === undefined) unreadable += 1;
      else print(writeJson(lost));
    }
  }
  return unreadable > 0 ? 1 : 0;
}

function lostIn(key: string, sealed: string): Lost | undefined {
  try {
    return unseal(key, sealed) as Lost;
  } catch (error) {
    if (error instanceof Unsealable) return undefined;
    throw error;
  }
}

type Surroundings = {
  readonly env: Record<string, string | undefined>;
  readonly print: (line: string) => void;
  readonly now?: () => number;
};

/** A command that cannot be meant. */
class Misused extends Error {}

/** What `npm run recover` does. Answers the exit code: 0 done, 1 something could not be read, 2 misused. */
export async function runRecover(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await run(args, surroundings);
  } catch (error) {
    if (!(error instanceof Misused) && !isParseError(error)) throw error;
    surroundings.print(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function run(args: readonly string[], { env, print, now = Date.now }: Surroundings): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { stage, since, file, region, show, unproven: alsoUnproven, help } = values;
  if (show && alsoUnproven) throw new Misused('--show records nothing: it takes no --unproven');
  if (help) {
    print(USAGE);
    return 0;
  }
  if (stage === undefined) throw new Misused('--stage is missing');
  if (stage === 'local' && file === undefined) throw new Misused('--stage local takes --file');
  const start = now() - durationIn(since);
  if (stage !== 'local') useRegion(env, region);
  const lines = file === undefined ? linesOfLogGroup(`/aws/lambda/${webhookOf(stage)}`, start) : linesOf(file);
  const place = stage === 'local' ? localStage(env) : await deployedStage(stage);
  if (show) return showAll(place.key, lines, print);
  const { found, recorded, there, unproven, unreadable } = await recover(place, lines, { alsoUnproven });
  print(`${found} found, ${recorded} recorded, ${there} already there, ${unreadable} unreadable`);
  if (unproven > 0)
    print(`Not recorded: ${unproven} that could not be read in plain mode; see --show, and --unproven.`);
  if (unreadable > 0) print('Unreadable: sealed under another RECOVERY_KEY, by another version, or cut off.');
  return unreadable > 0 ? 1 : 0;
}

function durationIn(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  if (count === undefined) throw new Misused('--since must be hours or days, such as 36h or 7d');
  return Number(count) * HOURS_IN[unit as keyof typeof HOURS_IN] * HOUR_MS;
}

const isParseError = (error: unknown): error is Error =>
  String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

runIfStarted(import.meta.url, (args) => runRecover(args, { env: process.env, print: console.log }));
