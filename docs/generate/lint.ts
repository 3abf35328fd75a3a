import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';

/** Says what the linter thinks of OpenAPI documents, by the rules it recommends: a line per problem or warning. */
const config = await createConfig({ extends: ['recommended'] });
for (const file of process.argv.slice(2)) {
  const problems = await lintFromString({ source: readFileSync(file, 'utf8'), absoluteRef: file, config });
  for (const { ruleId, message } of problems) process.stdout.write(`${file}: ${ruleId}: ${message}\n`);
}
