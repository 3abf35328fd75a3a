import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { State } from './state.ts';

/** What an earlier run kept, or nothing. */
export function readStateFile(path: string): State | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as State) : undefined;
}

/** Replaces the file in one step: a run that is killed leaves the old file or the new one. */
export function writeStateFile(path: string, state: State): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.tmp`;
  writeFileSync(unfinished, JSON.stringify(state));
  renameSync(unfinished, path);
}
