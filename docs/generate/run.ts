import { writeFileSync } from 'node:fs';
import { generate } from './generate.ts';

/** `npm run docs`: writes the generated parts of the documentation. */
for (const [file, text] of generate()) writeFileSync(file, text);
