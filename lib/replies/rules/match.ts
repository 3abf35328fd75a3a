/** Whether a rule, its condition or its window applies to a delivery; if not, the reason that a rule test returns. */
export type Match = { readonly applies: true } | { readonly applies: false; readonly why: string };

export const APPLIES: Match = { applies: true };

export const unmet = (why: string): Match => ({ applies: false, why });
