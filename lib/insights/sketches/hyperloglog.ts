/**
 * HyperLogLog (Flajolet 2007) over 64-bit hashes, with Ertl's estimator (2017), which needs no correction at either
 * end. Our own forty lines: what npm has is unmaintained or brings eight packages.
 */
const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
const RANKS = 64 - INDEX_BITS;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The standard error is 1.04 / √registers, 0.81 %; three times that holds for 99.7 % of all counts. */
export const RELATIVE_ERROR = (3 * 1.04) / Math.sqrt(REGISTERS);

export type Registers = Uint8Array;

export const emptyRegisters = (): Registers => new Uint8Array(REGISTERS);

/** Notes one hash (`hashOf`). */
export function register(registers: Registers, hash: string): void {
  const bytes = Buffer.from(hash, 'base64url');
  const high = bytes.readUInt32BE(0);
  const index = high >>> (32 - INDEX_BITS);
  const rest = (high << INDEX_BITS) >>> 0;
  const zeros = rest === 0 ? 32 - INDEX_BITS + Math.clz32(bytes.readUInt32BE(4)) : Math.clz32(rest);
  registers[index] = Math.max(registers[index] ?? 0, zeros + 1);
}

export function mergeRegisters(into: Registers, from: Registers): void {
  for (let at = 0; at < REGISTERS; at++) into[at] = Math.max(into[at] ?? 0, from[at] ?? 0);
}

export function estimate(registers: Registers): number {
  const counts = new Array<number>(RANKS + 2).fill(0);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  let sum = REGISTERS * tau(1 - (counts[RANKS + 1] ?? 0) / REGISTERS);
  for (let rank = RANKS; rank >= 1; rank--) sum = (sum + (counts[rank] ?? 0)) / 2;
  sum += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
  return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * sum));
}

/** A character for each register: a rank is 0–51. */
export const writeRegisters = (registers: Registers): string =>
  Array.from(registers, (rank) => DIGITS[rank] ?? '').join('');

export const readRegisters = (written: string): Registers => Uint8Array.from(written, (digit) => DIGITS.indexOf(digit));

/** x + Σ x^(2^k) 2^(k-1) */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let [sum, power, weight, before] = [x, x, 1, -1];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight *= 2;
  }
  return sum;
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3 */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [sum, root, weight, before] = [1 - x, x, 1, -1];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    weight /= 2;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
