import { type Recovery, recoveryOf } from '../../commands/recover.ts';
import { localStage } from '../../commands/stage.ts';
import { NOW } from './callback.ts';

export const RECOVERY_KEY = 'a recovery key of the tests, of 40 bytes';

/** What `npm run recover` works with, over the embedded tables. */
export const recovery = (but: Partial<Recovery> = {}, now = () => NOW): Recovery => ({
  ...recoveryOf(localStage({ ...process.env, RECOVERY_KEY }), now),
  ...but,
});
