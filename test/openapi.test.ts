import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contractedRoutes } from '../docs/generate/tables.ts';
import { CONTRACTS } from '../lib/contract/routes.ts';

type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  security?: object[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, object> };
  responses: Record<string, object>;
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: object } };

/** That it is not stale is asked of it with the rest of what `npm run docs` writes. */
const document: Document = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
const operations = new Map<string, Operation>(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  ),
);

describe('the OpenAPI document', () => {
  it('is 3.1, and accepted by the linter, which would notice a missing parameter of a path', async () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const broken = structuredClone(document);
    delete broken.paths['/interactions/{openid}']?.get?.parameters;
    const file = join(tmpdir(), `openapi-${process.pid}.json`);
    writeFileSync(file, JSON.stringify(broken));
    const lint = ['--import', 'tsx', 'docs/generate/lint.ts', 'docs/openapi.json', file];
    const { stdout } = await promisify(execFile)(process.execPath, lint);
    expect(stdout.trim().split('\n')).toEqual([expect.stringContaining(`${file}: path-parameters-defined`)]);
  });

  it('has every route of the handlers, with its text and who may call it', async () => {
    const routes = await contractedRoutes();
    expect([...operations.keys()].sort()).toEqual(routes.map(({ key }) => key).sort());
    for (const { key, access } of routes) {
      const { security, description, summary } = operations.get(key) as Operation;
      expect(summary).toMatch(/\S/);
      expect({ key, security, description }).toEqual(
        access === 'public'
          ? { key, security: [], description: undefined }
          : { key, security: undefined, description: `Needs: ${access}` },
      );
    }
  });

  it('names what each route takes, and nothing else', () => {
    for (const [key, contract] of Object.entries(CONTRACTS) as [string, object][]) {
      const { query, form, json } = contract as Record<string, { entries: object } | undefined>;
      const { parameters = [], requestBody } = operations.get(key) as Operation;
      const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
      const taken = query ?? (key.startsWith('DELETE ') ? form : undefined);
      expect([key, inQuery]).toEqual([key, Object.keys(taken?.entries ?? {})]);
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(key.match(/\{\w+\}/g) ?? []);
      expect([key, Object.keys(requestBody?.content ?? {}).length]).toEqual([key, json ? 1 : form ? 3 : 0]);
    }
  });
});

it('every route of the handlers has the contract that is written down, and no contract is without a route', async () => {
  const routes = await contractedRoutes();
  expect(Object.fromEntries(routes.map(({ key, contract }) => [key, contract]))).toEqual({ ...CONTRACTS });
});
