import { createInterface } from 'node:readline/promises';
import { isNobodys } from '../lib/interactions/keys.ts';
import { LOG_DAYS } from '../lib/tables/erasures.ts';
import { writeJson } from '../lib/wechat/api/json.ts';
import { command, required, runIfStarted, STAGE_OPTIONS, type Terminal, UsageError } from './command.ts';
import { OUT_OF_REACH, PLACES } from './follower-data/places.ts';
import { type Erased, type FollowerRecords, followerRecords } from './follower-data/records.ts';
import { stageNamed } from './stage.ts';

const USAGE = `npm run --silent follower:export -- --stage prod --openid ID > follower.jsonl
npm run follower:erase -- --stage prod --openid ID
npm run follower:erase -- --stage prod --unsubscribed [--before 2026-01-31]

Export prints all stored data of one follower, a line of JSON for each interaction, oldest first, and for each other item
that names them, with its table. Erase deletes it, or replaces the openid by a meaningless name in data of others; with
--unsubscribed, the data of everyone who unsubscribed (before a time) and has shown no sign of following since. It asks
for confirmation, unless --yes is given. Both read every table. An erasure is remembered as a keyed hash for ${LOG_DAYS} days, so
that recovering does not restore the data. Out of reach:
${OUT_OF_REACH.map((place) => `- ${place}`).join('\n')}
AWS is called with your own credentials (AWS_PROFILE and so on; --region if it is not
ap-southeast-1); --stage local means the database of a running npm start.`;

const OPTIONS = {
  ...STAGE_OPTIONS,
  openid: { type: 'string' },
  unsubscribed: { type: 'boolean', default: false },
  before: { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const;

type CliContext = Terminal & {
  readonly report: (line: string) => void;
  /** Prompts for input; '' if stdin is not a terminal. */
  readonly ask: (question: string) => Promise<string>;
  readonly now?: () => number;
};

/** Runs `npm run follower:export` and `follower:erase`. Exit code 1 if erasing was not confirmed. */
export const runFollowerData = command(
  { usage: USAGE, options: OPTIONS, hasWords: true },
  async ({ values, words }, { now = Date.now, ...context }: CliContext) => {
    const { region, openid, unsubscribed, before, yes } = values;
    const action = words.join(' ');
    if (action !== 'export' && action !== 'erase') throw new UsageError('Say export or erase');
    const stage = required(values.stage, '--stage');
    const place = await stageNamed(stage, region, context.env);
    const records = followerRecords(place, { now });

    if (action === 'export') {
      if (unsubscribed || before !== undefined || yes) throw new UsageError('Export takes --openid only');
      return exportFollower(records, checkOpenid(openid), context);
    }
    if (unsubscribed === (openid !== undefined)) throw new UsageError('Say either --openid or --unsubscribed');
    if (before !== undefined && !unsubscribed) throw new UsageError('--before goes with --unsubscribed');
    const table = place.tableNamed('interactions');
    const confirm = (what: string) => isConfirmed(`Erase ${what} in ${table}?`, yes, context);
    if (openid !== undefined) return eraseFollower(records, checkOpenid(openid), { ...context, now, confirm });
    return eraseUnsubscribed(records, before === undefined ? now() : timeIn(before), { ...context, now, confirm });
  },
);

async function exportFollower(records: FollowerRecords, openid: string, { print, report }: CliContext) {
  let count = 0;
  for await (const interaction of records.of(openid)) {
    print(writeJson(interaction));
    count += 1;
  }
  let elsewhere = 0;
  for await (const item of records.elsewhere(openid)) {
    print(writeJson(item));
    elsewhere += 1;
  }
  report(`${count} interactions of ${openid}${elsewhere > 0 ? `, ${elsewhere} items that name them elsewhere` : ''}`);
  return 0;
}

type Confirming = CliContext & {
  readonly now: () => number;
  readonly confirm: (what: string) => Promise<boolean>;
};

async function eraseFollower(records: FollowerRecords, openid: string, context: Confirming) {
  const { report, confirm } = context;
  const count = await records.count(openid);
  if (count > 0 && !(await confirm(`${count} interactions of ${openid}, and what names them elsewhere,`))) return 1;
  const erased = await records.erase(new Set([openid]));
  report(`Erased ${erased.interactions} interactions of ${openid}`);
  reportMore(erased, context);
  return 0;
}

/** Checks each follower again just before erasing: those who came back are not erased. */
async function eraseUnsubscribed(records: FollowerRecords, before: number, context: Confirming) {
  const { report, confirm } = context;
  const left = new Set<string>();
  for await (const openid of records.unsubscribed(before)) left.add(openid);
  report(`${left.size} followers have left`);
  if (left.size === 0) return 0;
  if (!(await confirm(`all interactions of ${left.size} followers who left, and what names them elsewhere,`))) return 1;
  for (const openid of left) if (!(await records.isUnsubscribed(openid, before))) left.delete(openid);
  const erased = await records.erase(left);
  report(`Erased ${erased.interactions} interactions of ${left.size} followers`);
  reportMore(erased, context);
  return 0;
}

/** The longest that a delivery may be processed: the slowest reply, with all retries. */
const UNDER_WAY_MS = 120_000;

function reportMore({ elsewhere, newest }: Erased, { report, now }: Confirming): void {
  for (const [table, items] of elsewhere)
    report(`${table === 'interactions' ? 'Replaced or deleted' : DONE[PLACES[table].erasing]} in ${table}: ${items}`);
  if (now() - newest < UNDER_WAY_MS)
    report('Some of it is less than two minutes old. What comes of it may still be recorded: run this again then.');
}

const DONE = {
  delete: 'Deleted',
  replace: 'Replaced',
  report: 'Left as operators wrote it, for you to change,',
  keep: 'Kept',
} as const;

async function isConfirmed(question: string, yes: boolean, { ask, report }: CliContext): Promise<boolean> {
  if (yes || /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim())) return true;
  report('Nothing was erased (answer y, or add --yes)');
  return false;
}

/** Checks an openid. `-` is refused: it stands for deliveries that concern the account, or could not be read. */
function checkOpenid(openid: string | undefined): string {
  if (openid !== undefined && !isNobodys(openid) && /^[^\s\p{Cc}]{1,128}$/u.test(openid)) return openid;
  throw new UsageError(openid === undefined ? '--openid is missing' : `--openid ${openid} is not an openid`);
}

function timeIn(text: string): number {
  const time = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError('--before must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z');
  return time;
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  const typing = createInterface({ input: process.stdin, output: process.stderr });
  return typing.question(question).finally(() => typing.close());
}

runIfStarted(import.meta.url, (args) =>
  runFollowerData(args, { env: process.env, print: console.log, report: console.error, ask }),
);
