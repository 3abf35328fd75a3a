/** The result of matching a rule, its condition or its window with a delivery; if it does not apply, the reason. */
export type Match = { readonly applies: true } | { readonly applies: false; readonly why: string };

export const APPLIES: Match = { applies: true };

export const unmet = (why: string): Match => ({ applies: false, why });
