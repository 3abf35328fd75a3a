import { checkAccessToken } from './access-token.ts';
import { checkCallback } from './callback.ts';
import { checkClock } from './clock.ts';
import { checkConfiguration, checkSecrets } from './configuration.ts';
import { checkRights } from './rights.ts';
import { type Finding, type Setup, skipped, Unreadable, wrong } from './setup.ts';
import { checkEncryption, checkSignature } from './signature.ts';
import { checkTables } from './tables.ts';

/** The checks in their order; each needs those before it that it names, and the configuration. */
const CHECKS = [
  { name: 'configuration', needs: [], check: checkConfiguration },
  { name: 'secrets', needs: [], check: checkSecrets },
  { name: 'callback', needs: ['secrets'], check: checkCallback },
  { name: 'signature', needs: ['secrets', 'callback'], check: checkSignature },
  { name: 'encryption', needs: ['secrets', 'signature'], check: checkEncryption },
  { name: 'access_token', needs: ['secrets'], check: checkAccessToken },
  { name: 'rights', needs: ['access_token'], check: checkRights },
  { name: 'clock', needs: [], check: checkClock },
  { name: 'tables', needs: [], check: checkTables },
] as const satisfies readonly {
  name: string;
  needs: readonly string[];
  check: (setup: Setup) => Promise<Finding>;
}[];

export type CheckName = (typeof CHECKS)[number]['name'];
export type Diagnosis = Finding & { readonly name: CheckName };

/** Reads a stage and examines it, one diagnosis after the other. What a wrong finding makes pointless is skipped. */
export async function* diagnose(read: () => Promise<Setup>): AsyncGenerator<Diagnosis> {
  const setup = await read().catch((error: unknown) => {
    if (error instanceof Unreadable) return error;
    throw error;
  });
  const open = new Set<string>();
  for (const { name, needs, check } of CHECKS) {
    const missing = ['configuration', ...needs].find((need) => open.has(need));
    const finding = missing === undefined ? await findingOf(check, setup) : skipped(`needs ${missing}`);
    if (finding.found !== 'right') open.add(name);
    yield { name, ...finding };
  }
}

async function findingOf(check: (setup: Setup) => Promise<Finding>, setup: Setup | Unreadable): Promise<Finding> {
  if (setup instanceof Unreadable) return wrong(setup.message, setup.mend);
  try {
    return await check(setup);
  } catch (error) {
    return wrong(`it could not be examined (${(error as Error).name})`, 'ask again');
  }
}

const SIGNS = { right: '✓', wrong: '✗', skipped: '–' } as const;

/** `✗ callback       https://… puts quotes around the echo → let it answer the text itself …` */
export const lineOf = ({ name, found, says }: Diagnosis): string => `${SIGNS[found]} ${name.padEnd(13)} ${says}`;
