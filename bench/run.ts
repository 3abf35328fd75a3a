import './environment.ts';

// The environment comes first: what follows reads it when it is imported.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { capacity } from './capacity.ts';
import { concurrency } from './concurrency.ts';
import { cost } from './cost.ts';
import { heat } from './heat.ts';
import { history } from './history.ts';
import { load } from './load.ts';
import type { Row, Section } from './section.ts';
import { signIn } from './sign-in.ts';
import { table } from './table.ts';
import { webhook } from './webhook.ts';

/** `npm run bench -- [section …] [--smoke] [--json]`. Without a name all sections run, one after the other. */
const SECTIONS: Readonly<Record<string, Section>> = {
  load,
  webhook,
  concurrency,
  capacity,
  history,
  'sign-in': signIn,
  cost,
  heat,
};

const asked = process.argv.slice(2);
const named = Object.keys(SECTIONS).filter((name) => asked.includes(name));
const names = named.length > 0 ? named : Object.keys(SECTIONS);
const effort = asked.includes('--smoke') ? 'smoke' : 'full';
const unknown = asked.filter((word) => !['--smoke', '--json', ...names].includes(word));
if (unknown.length > 0)
  throw new Error(`There is no ${unknown.join(', ')}; sections: ${Object.keys(SECTIONS).join(', ')}`);

const results: Record<string, readonly Row[]> = {};
for (const name of names) {
  const section = SECTIONS[name] as Section;
  results[name] = names.length === 1 ? await section.measure(effort) : await measuredAlone(name);
  if (!asked.includes('--json')) print(name, section, results[name]);
}
if (asked.includes('--json')) console.log(JSON.stringify(results, null, 2));

/** In a process of its own, so that no section leaves anything behind for the next. */
async function measuredAlone(name: string): Promise<readonly Row[]> {
  const args = [...process.execArgv, 'bench/run.ts', name, '--json', ...(effort === 'smoke' ? ['--smoke'] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout)[name];
}

function print(name: string, { title, about }: Section, rows: readonly Row[]): void {
  console.log(`${name} · ${title}\n${about}\n\n${table(rows)}\n`);
}
