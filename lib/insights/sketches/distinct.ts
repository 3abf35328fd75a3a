import { hashesIn } from './hash.ts';
import {
  emptyRegisters,
  estimate,
  mergeRegisters,
  RELATIVE_ERROR,
  type Registers,
  readRegisters,
  register,
  writeRegisters,
} from './hyperloglog.ts';

/** The number of distinct values: exact up to `MOST_EXACT` in memory and `MOST_STORED` in a row, then estimated. */
export type Distinct = { readonly seen: Set<string>; registers: Registers | undefined };

export type StoredDistinct = { readonly hashes?: string; readonly registers?: string };

const MOST_EXACT = 50_000;
const MOST_STORED = 1_024;

export const DISTINCT_ERROR = RELATIVE_ERROR;

export const noneDistinct = (): Distinct => ({ seen: new Set(), registers: undefined });

export function addDistinct(distinct: Distinct, hash: string): void {
  if (distinct.registers) register(distinct.registers, hash);
  else if (distinct.seen.add(hash).size > MOST_EXACT) estimated(distinct);
}

export function mergeDistinct(into: Distinct, from: Distinct): void {
  if (from.registers) mergeRegisters(estimated(into), from.registers);
  for (const hash of from.seen) addDistinct(into, hash);
}

export const countDistinct = ({ seen, registers }: Distinct): number => (registers ? estimate(registers) : seen.size);

export const isEstimated = ({ registers }: Distinct): boolean => registers !== undefined;

export function storeDistinct({ seen, registers }: Distinct): StoredDistinct {
  if (registers) return { registers: writeRegisters(registers) };
  if (seen.size > MOST_STORED) return { registers: writeRegisters(estimated({ seen: new Set(seen), registers })) };
  return seen.size === 0 ? {} : { hashes: [...seen].sort().join('') };
}

export const readDistinct = ({ hashes = '', registers }: StoredDistinct): Distinct => ({
  seen: new Set(hashesIn(hashes)),
  registers: registers === undefined ? undefined : readRegisters(registers),
});

function estimated(distinct: Distinct): Registers {
  if (distinct.registers) return distinct.registers;
  distinct.registers = emptyRegisters();
  for (const hash of distinct.seen) register(distinct.registers, hash);
  distinct.seen.clear();
  return distinct.registers;
}
