import './environment.ts';

// The environment comes first: what follows reads it when it is imported.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Row, Section } from './section.ts';
import { table } from './table.ts';

/**
 * `npm run bench -- [section …] [--smoke] [--json]`. Without a name all sections run, one after the other. Each is loaded
 * when its turn comes: the functions it imports are made for the environment they find then.
 */
const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  load: async () => (await import('./load.ts')).load,
  webhook: async () => (await import('./webhook.ts')).webhook,
  concurrency: async () => (await import('./concurrency.ts')).concurrency,
  capacity: async () => (await import('./capacity.ts')).capacity,
  history: async () => (await import('./history.ts')).history,
  rollup: async () => (await import('./rollup.ts')).rollup,
  'sign-in': async () => (await import('./sign-in.ts')).signIn,
  'reply-rules': async () => (await import('./reply-rules.ts')).replyRules,
  cost: async () => (await import('./cost.ts')).cost,
  heat: async () => (await import('./heat.ts')).heat,
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
  results[name] = names.length === 1 ? await measured(name) : await measuredAlone(name);
  if (!asked.includes('--json')) await print(name, results[name]);
}
if (asked.includes('--json')) console.log(JSON.stringify(results, null, 2));

function sectionNamed(name: string): Promise<Section> {
  return (SECTIONS[name] as () => Promise<Section>)();
}

async function measured(name: string): Promise<readonly Row[]> {
  const { measure } = await sectionNamed(name);
  return measure(effort);
}

/** In a process of its own, so that no section leaves anything behind for the next. */
async function measuredAlone(name: string): Promise<readonly Row[]> {
  const args = [...process.execArgv, 'bench/run.ts', name, '--json', ...(effort === 'smoke' ? ['--smoke'] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout)[name];
}

async function print(name: string, rows: readonly Row[]): Promise<void> {
  const { title, about } = await sectionNamed(name);
  console.log(`${name} · ${title}\n${about}\n\n${table(rows)}\n`);
}
