import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { writeJson } from '../lib/wechat/json.ts';
import { databaseOf, type Env, runIfStarted } from './command.ts';
import { type FollowerRecords, followerRecords } from './follower-records.ts';

export const USAGE = `npm run --silent follower:export -- --stage prod --openid ID > follower.jsonl
npm run follower:erase -- --stage prod --openid ID
npm run follower:erase -- --stage prod --unsubscribed [--before 2026-01-31]

Export prints all that is kept of one follower, a line of JSON for each interaction, oldest first. Erase deletes it; with
--unsubscribed, that of everyone who left (before a time) and has neither come back nor written since. It asks first,
unless --yes is given. What is erased can still be restored for 35 days from the table's continuous backup, and from
backups of your own. AWS is asked with your own credentials (AWS_PROFILE and so on; --region if it is not
ap-southeast-1); --stage local means the database of a running npm start.`;

const OPTIONS = {
  stage: { type: 'string' },
  region: { type: 'string' },
  openid: { type: 'string' },
  unsubscribed: { type: 'boolean', default: false },
  before: { type: 'string' },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export type Surroundings = {
  readonly env: Env;
  readonly print: (line: string) => void;
  /** For people: export writes nothing else to where `print` writes. */
  readonly tell: (line: string) => void;
  /** Answers what was typed, or nothing where nobody can type. */
  readonly ask: (question: string) => Promise<string>;
  readonly now?: () => number;
};

/** A command that cannot be meant. */
class Misused extends Error {}

/**
 * What `npm run follower:export` and `follower:erase` do. Answers the exit code: 0 done, 1 not confirmed, 2 misused.
 */
export async function runFollowerData(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await run(args, surroundings);
  } catch (error) {
    if (!(error instanceof Misused) && !isParseError(error)) throw error;
    surroundings.tell(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function run(args: readonly string[], { now = Date.now, ...surroundings }: Surroundings): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const { stage, region, openid, unsubscribed, before, yes, help } = values;
  if (help) {
    surroundings.tell(USAGE);
    return 0;
  }
  const command = positionals.join(' ');
  if (command !== 'export' && command !== 'erase') throw new Misused('Say export or erase');
  if (stage === undefined) throw new Misused('--stage is missing');
  const tables = tablesOf(stage, region, surroundings.env);
  const records = followerRecords(tables.db, tables, { now });

  if (command === 'export') {
    if (unsubscribed || before !== undefined || yes) throw new Misused('Export takes --openid only');
    return exportFollower(records, checkOpenid(openid), surroundings);
  }
  if (unsubscribed === (openid !== undefined)) throw new Misused('Say either --openid or --unsubscribed');
  if (before !== undefined && !unsubscribed) throw new Misused('--before goes with --unsubscribed');
  const confirm = (what: string) => isConfirmed(`Erase ${what} in ${tables.interactions}?`, yes, surroundings);
  if (openid !== undefined) return eraseFollower(records, checkOpenid(openid), { ...surroundings, confirm });
  return eraseWhoLeft(records, before === undefined ? now() : timeIn(before), { ...surroundings, confirm });
}

async function exportFollower(records: FollowerRecords, openid: string, { print, tell }: Surroundings) {
  let count = 0;
  for await (const interaction of records.of(openid)) {
    print(writeJson(interaction));
    count += 1;
  }
  tell(`${count} interactions of ${openid}`);
  return 0;
}

type Confirming = Surroundings & { readonly confirm: (what: string) => Promise<boolean> };

async function eraseFollower(records: FollowerRecords, openid: string, { tell, confirm }: Confirming) {
  const count = await records.count(openid);
  if (count > 0 && !(await confirm(`${count} interactions of ${openid}`))) return 1;
  tell(`Erased ${await records.erase(openid)} interactions of ${openid}`);
  return 0;
}

/** Looked at again just before erasing: whoever came back in the meantime stays. */
async function eraseWhoLeft(records: FollowerRecords, before: number, { tell, confirm }: Confirming) {
  const openids: string[] = [];
  for await (const openid of records.whoLeft(before)) openids.push(openid);
  tell(`${openids.length} followers have left`);
  if (openids.length > 0 && !(await confirm(`all interactions of ${openids.length} followers who left`))) return 1;
  let followers = 0;
  let erased = 0;
  for (const openid of openids) {
    if (!(await records.hasLeft(openid, before))) continue;
    erased += await records.erase(openid);
    followers += 1;
  }
  tell(`Erased ${erased} interactions of ${followers} followers`);
  return 0;
}

async function isConfirmed(question: string, yes: boolean, { ask, tell }: Surroundings): Promise<boolean> {
  if (yes || /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim())) return true;
  tell('Nothing was erased (answer y, or add --yes)');
  return false;
}

/** `-` stands for nobody: deliveries that concern the account. */
function checkOpenid(openid: string | undefined): string {
  if (openid !== undefined && openid !== '-' && /^[\x21-\x7e]{1,128}$/.test(openid)) return openid;
  throw new Misused(openid === undefined ? '--openid is missing' : `--openid ${openid} is no openid`);
}

function timeIn(text: string): number {
  const time = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Misused('--before must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z');
  return time;
}

const isParseError = (error: unknown): error is Error =>
  String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

function tablesOf(stage: string, region: string | undefined, env: Env) {
  const named = (table: string, name?: string) => (stage === 'local' && name) || `wechat-server-${stage}-${table}`;
  return {
    db: databaseOf(stage, region, env),
    interactions: named('interactions', env.INTERACTIONS_TABLE),
    pending: named('pending', env.PENDING_TABLE),
  };
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  const typing = createInterface({ input: process.stdin, output: process.stderr });
  return typing.question(question).finally(() => typing.close());
}

runIfStarted(import.meta.url, (args) =>
  runFollowerData(args, { env: process.env, print: console.log, tell: console.error, ask }),
);
