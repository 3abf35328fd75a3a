import { readFileSync } from 'node:fs';
import { type ConversionConfig, type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import type { Contract } from '../../lib/contract/contract.ts';
import { BadInput, Failure, WeChatRefusal } from '../../lib/contract/failures.ts';
import { Figures } from '../../lib/contract/insights.ts';
import { Interaction } from '../../lib/contract/interactions.ts';
import { Account, Operator } from '../../lib/contract/operators.ts';
import { Rule } from '../../lib/contract/reply-rules.ts';
import { BASE_PATH, type Route } from '../../lib/http/endpoint.ts';
import { Draft, Reply } from '../../lib/replies/rules/shape.ts';
import { codesIn, readPage } from './page.ts';
import { contractedRoutes } from './tables.ts';

/** Shapes that are written once. */
const TAKEN = { RuleInput: Draft };
const RETURNED = { BadInput, Failure, WeChatRefusal, Operator, Account, Interaction, Reply, Rule, Figures };

const DIALECT = {
  errorMode: 'ignore',
  target: 'draft-2020-12',
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const;

/** The API as an OpenAPI 3.1 document, made of the routes' contracts and of the texts in the table of `docs/api.md`. */
export async function openApi(): Promise<string> {
  const { version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
  const texts = textsOfRoutes();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of await contractedRoutes()) {
    const [method = '', path = ''] = route.key.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route, texts.get(route.key) ?? '') };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'WeChatServer',
      version,
      license: { name: license, identifier: license },
      description: 'The back office of a WeChat Official Account. Unknown parameters and fields are refused by name.',
    },
    servers: [{ url: BASE_PATH }],
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of `POST /login`.' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'token', description: 'The same, as `POST /login` sets it.' },
      },
      schemas: { ...schemasOf(TAKEN, 'input'), ...schemasOf(RETURNED, 'output') },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** What each route does, in the words of the table. */
function textsOfRoutes(): ReadonlyMap<string, string> {
  const [routes = []] = readPage('docs/api.md').tables.filter(([head]) => head?.[0] === 'Route');
  return new Map(routes.slice(1).map(([route = '', , does = '']) => [codesIn(route)[0] ?? '', does]));
}

function operation({ key, access, contract }: Route, does: string): object {
  const parameters = [...pathParameters(key), ...queryParameters(key, contract), ...headerParameters(contract)];
  return {
    operationId: operationId(key),
    summary: does,
    tags: [key.replace('/cgi-bin', '').split('/')[1]],
    ...(access === 'public' ? { security: [] } : { description: `Needs: ${access}` }),
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(contract),
    responses: {
      200: { description: 'Done, or refused as WeChat refuses', ...content(returned(contract.response)) },
      400: { description: 'The input is missing or wrong', ...content(returned(BadInput)) },
      default: { description: 'Refused, or failed', ...content(returned(Failure)) },
    },
  };
}

/** `PUT /cgi-bin/user/remark` is `putCgiBinUserRemark`. */
const operationId = (key: string): string =>
  key.toLowerCase().replaceAll(/[^a-z]+([a-z]?)/g, (_, letter: string) => letter.toUpperCase());

const pathParameters = (key: string): object[] =>
  [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

/** A form of DELETE may also be sent in the query string. */
function queryParameters(key: string, { query, form }: Contract): object[] {
  if (query) return parametersIn('query', taken(query));
  return form && key.startsWith('DELETE ') ? parametersIn('query', { ...taken(form), required: [] }) : [];
}

const headerParameters = ({ headers }: Contract): object[] => (headers ? parametersIn('header', taken(headers)) : []);

const parametersIn = (place: string, { properties = {}, required = [] }: JsonSchema): object[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }));

function bodyOf({ json, form }: Contract): object {
  if (json) return { requestBody: { required: true, ...content(taken(json)) } };
  if (!form) return {};
  const schema = taken(form);
  const types = ['multipart/form-data', 'application/x-www-form-urlencoded', 'application/json'];
  return { requestBody: { content: Object.fromEntries(types.map((type) => [type, { schema }])) } };
}

const content = (schema: object): object => ({ content: { 'application/json': { schema } } });

const taken = (shape: v.GenericSchema): JsonSchema => schemaOf(shape, { typeMode: 'input', definitions: TAKEN });

const returned = (shape: v.GenericSchema): JsonSchema => schemaOf(shape, { typeMode: 'output', definitions: RETURNED });

/** Checks and transformations beyond JSON Schema are left out: the document says a little less than the service asks. */
function schemaOf(shape: v.GenericSchema, config: Pick<ConversionConfig, 'typeMode' | 'definitions'>): JsonSchema {
  const { $schema: _, $defs: __, ...schema } = toJsonSchema(shape, { ...config, ...DIALECT });
  return schema;
}

const schemasOf = (definitions: Record<string, v.GenericSchema>, typeMode: 'input' | 'output'): object =>
  toJsonSchemaDefs(definitions, { typeMode, ...DIALECT });
