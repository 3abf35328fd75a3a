import { checkAccessToken } from './access-token.ts';
import { checkCallback } from './callback.ts';
import { checkClock } from './clock.ts';
import { checkConfiguration, checkSecrets } from './configuration.ts';
import { checkRights } from './rights.ts';
import { type Finding, type Setup, StageUnreadable, skipped, wrong } from './setup.ts';
import { checkEncryption, checkSignature } from './signature.ts';
import { checkTables } from './tables.ts';

/** The checks in order, with those that they depend on besides the configuration. */
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

/** Reads a stage and checks it. A check whose dependencies failed is skipped. */
export async function* diagnose(read: () => Promise<Setup>): AsyncGenerator<Diagnosis> {
  const setup = await read().catch((error: unknown) => {
    if (error instanceof StageUnreadable) return error;
    throw error;
  });
  const unmet = new Set<string>();
  for (const { name, needs, check } of CHECKS) {
    const missing = ['configuration', ...needs].find((need) => unmet.has(need));
    const finding = missing === undefined ? await findingOf(check, setup) : skipped(`needs ${missing}`);
    if (finding.found !== 'right') unmet.add(name);
    yield { name, ...finding };
  }
}

async function findingOf(check: (setup: Setup) => Promise<Finding>, setup: Setup | StageUnreadable): Promise<Finding> {
  if (setup instanceof StageUnreadable) return wrong(setup.message, setup.fix);
  try {
    return await check(setup);
  } catch (error) {
    return wrong(`the check failed (${(error as Error).name})`, 'try again');
  }
}

const SIGNS = { right: '✓', wrong: '✗', skipped: '–' } as const;

/** `✗ callback       https://… puts quotes around the echo → let it answer the text itself …` */
export const lineOf = ({ name, found, message: says }: Diagnosis): string =>
  `${SIGNS[found]} ${name.padEnd(13)} ${says}`;
