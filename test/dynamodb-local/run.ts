/** `npm run test:dynamodb-local`: all tests but those in a browser on Amazon's DynamoDB Local. Words are passed on to jest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { keepingEmptyStrings } from './empty-strings.ts';
import { startDynamoDBLocal } from './engine.ts';

/** Last, since it takes all the words behind it. */
const WITHOUT_BROWSER = ['--testPathIgnorePatterns', 'test/browser/'];

const engine = await startDynamoDBLocal();
const front = await keepingEmptyStrings(engine.url);
const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...process.argv.slice(2), ...WITHOUT_BROWSER], {
  stdio: 'inherit',
  env: { ...process.env, DYNAMODB_ENDPOINT: front.url },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
const [code] = await once(jest, 'exit');
front.close();
engine.stop();
process.exitCode = code ?? 1;
