import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets generated at the first start and stored in the data folder. */
export type StoredSecrets = {
  readonly session_secret: string;
  readonly pseudonym_key: string;
  readonly admin_password: string;
  /** The access key of the embedded DynamoDB and the emulated Lambda. */
  readonly access_key: string;
};

const fileIn = (folder: string): string => join(folder, 'secrets.json');

/** The secrets stored in the folder; undefined if `npm start` has never run there. */
export function readSecrets(folder: string): Partial<StoredSecrets> | undefined {
  const file = fileIn(folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The stored secrets, after generating missing ones. Makes the folder private to the current user. */
export function ensureSecrets(folder: string): { secrets: StoredSecrets; isNew: boolean } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const found = readSecrets(folder);
  const secrets: StoredSecrets = {
    session_secret: randomBytes(48).toString('base64url'),
    pseudonym_key: randomBytes(48).toString('base64url'),
    admin_password: randomBytes(12).toString('base64url'),
    access_key: randomBytes(24).toString('hex'),
    ...found,
  };
  writeFileSync(fileIn(folder), JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return { secrets, isNew: found === undefined };
}
