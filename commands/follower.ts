import { existsSync } from 'node:fs';
import { runFollower, USAGE } from './follower/command.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

try {
  process.exitCode = await runFollower(process.argv.slice(2), { env: process.env, print: console.log });
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
