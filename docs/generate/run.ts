// The environment comes first: the handlers read it when they are imported.
import '../../test/support/environment.ts';
import { writeFileSync } from 'node:fs';
import { generate } from './generate.ts';

/** `npm run docs`: writes the generated parts of the documentation. */
for (const [file, text] of await generate()) writeFileSync(file, text);
