/** The length of WeChat's openids, which are random: a match anywhere is an openid. */
export const OPENID_LENGTH = 28;
const NAME_CHARACTER = /[\p{L}\p{N}_-]/u;

/** Finds and replaces openids in texts. Linear in the text for each length of openid. */
export type Names = ReturnType<typeof namesOf>;

/** @param named the replacement of each openid */
export function namesOf(named: ReadonlyMap<string, string>) {
  const lengths = [...new Set([...named.keys()].map((openid) => openid.length))].sort((one, other) => other - one);

  return { isIn, replacedIn };

  /** True if one of them occurs in a value: in a text, a list, a name or value of a record. */
  function isIn(value: unknown): boolean {
    if (typeof value === 'string') return foundIn(value, 0) !== undefined;
    if (typeof value !== 'object' || value === null) return false;
    if (value instanceof Set) return [...value].some(isIn);
    return Object.entries(value).some(([name, each]) => isIn(name) || isIn(each));
  }

  /** The value with each of them replaced. */
  function replacedIn<T>(value: T): T;
  function replacedIn(value: unknown): unknown {
    if (typeof value === 'string') return replacedInText(value);
    if (Array.isArray(value)) return value.map(replacedIn);
    if (value instanceof Set) return new Set([...value].map(replacedIn));
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [replacedInText(name), replacedIn(each)]));
  }

  function replacedInText(text: string): string {
    const parts: string[] = [];
    let from = 0;
    for (let found = foundIn(text, 0); found !== undefined; found = foundIn(text, from)) {
      parts.push(text.slice(from, found.at), named.get(found.openid) ?? '');
      from = found.at + found.openid.length;
    }
    return parts.join('') + text.slice(from);
  }

  function foundIn(text: string, from: number): { at: number; openid: string } | undefined {
    for (let at = from; at < text.length; at++) {
      for (const length of lengths) {
        const openid = text.slice(at, at + length);
        if (named.has(openid) && isWhole(text, at, length)) return { at, openid };
      }
    }
    return undefined;
  }
}

/** True unless a shorter openid, of a test or the simulated account, is a part of a longer name. */
const isWhole = (text: string, at: number, length: number): boolean =>
  length === OPENID_LENGTH || !(isPart(text[at - 1]) || isPart(text[at + length]));

const isPart = (character: string | undefined): boolean => character !== undefined && NAME_CHARACTER.test(character);

/** The text of a delivery that could not be read; what is not ASCII may be wrong. */
export const textOf = ({ raw, encoding }: { readonly raw?: unknown; readonly encoding?: unknown }): string =>
  encoding === 'base64' ? Buffer.from(String(raw), 'base64').toString('latin1') : String(raw ?? '');
