/** Put into the texts and passwords of tests; `after-all.ts` looks for it in the log, where it must never be. */
export const CANARY = 'canary-3fd1a0c7';
