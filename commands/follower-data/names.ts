/** WeChat's own are 28 characters of chance: wherever one stands, it is meant. */
export const OPENID_LENGTH = 28;
const IS_PART_OF_A_NAME = /[\p{L}\p{N}_-]/u;

/** Finds openids in texts, and puts something else in their place. Linear in the text for each length of openid. */
export type Names = ReturnType<typeof namesOf>;

/** @param named what takes the place of each openid */
export function namesOf(named: ReadonlyMap<string, string>) {
  const lengths = [...new Set([...named.keys()].map((openid) => openid.length))].sort((one, other) => other - one);

  return { isIn, replacedIn };

  /** Whether one of them stands anywhere in a value: in a text, a list, a name or value of a record. */
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
        if (named.has(openid) && isMeant(text, at, length)) return { at, openid };
      }
    }
    return undefined;
  }
}

/** A shorter one, of a test or of an account that is simulated, may be a part of another. */
const isMeant = (text: string, at: number, length: number): boolean =>
  length === OPENID_LENGTH || !(isPart(text[at - 1]) || isPart(text[at + length]));

const isPart = (character: string | undefined): boolean => character !== undefined && IS_PART_OF_A_NAME.test(character);

/** The text of a delivery that could not be read; what is not ASCII may be wrong. */
export const textOf = ({ raw, encoding }: { readonly raw?: unknown; readonly encoding?: unknown }): string =>
  encoding === 'base64' ? Buffer.from(String(raw), 'base64').toString('latin1') : String(raw ?? '');
