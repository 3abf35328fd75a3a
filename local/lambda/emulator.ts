import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type EmulatedFunction, emulatedFunction, type FunctionOptions } from './function.ts';
import { invokeApi, report } from './invoke-api.ts';

type Environment = Record<string, unknown>;

/** The parts of the Serverless Framework's service that the emulation reads and changes. */
export type Service = {
  provider: { environment: Environment; region: string; timeout: number; memorySize: number };
  functions: Record<string, FunctionDefinition>;
  custom: { 'serverless-offline'?: { location?: string } };
};

type FunctionDefinition = {
  name: string;
  handler: string;
  timeout?: number;
  memorySize?: number;
  environment?: Environment;
};

export type Handlers = Record<string, (event: unknown) => Promise<unknown>>;

/**
 * Runs the service's functions, each in its own thread, in place of serverless-offline, which starts a copy of a function
 * for every concurrent event (too much for forty at once) and responds to failures with HTTP 200. It still makes API
 * Gateway's events and runs the schedules; in place of the bundles it loads `handlers`, which call the threads. Its servers
 * listen on sockets in a private folder.
 */
export function emulateLambda(service: Service, plugin: string) {
  const folder = mkdtempSync(join(tmpdir(), 'wechat-server-'));
  const bundles = resolve(service.custom['serverless-offline']?.location ?? '.');
  const functions = Object.fromEntries(
    Object.entries(service.functions).map(([key, definition]) => {
      writeStub(folder, key, definition.handler, plugin);
      return [key, emulatedFunction(optionsOf(service, definition, bundles))];
    }),
  );
  Object.assign(service.custom, {
    'serverless-offline': {
      ...service.custom['serverless-offline'],
      location: folder,
      httpPort: socketIn(folder, 'api'),
      lambdaPort: socketIn(folder, 'lambda'),
      useInProcess: true,
      noTimeout: true,
    },
  });
  // Each function's variables are set in its own thread only.
  service.provider.environment = {};
  for (const definition of Object.values(service.functions)) definition.environment = {};
  return {
    functions,
    handlers: handlersOf(functions),
    invokeApi: invokeApiOf(service, functions),
    async stop() {
      await Promise.all(Object.values(functions).map((each) => each.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes the file that serverless-offline loads as the function's bundle. `plugin` is the URL of our plugin. */
function writeStub(folder: string, key: string, handler: string, plugin: string): void {
  const [path = '', name = ''] = handler.split('.');
  const file = join(folder, `${path}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  const source = `import { handlers } from ${JSON.stringify(plugin)};\nexport const ${name} = handlers[${JSON.stringify(key)}];\n`;
  writeFileSync(file, source);
}

function optionsOf({ provider }: Service, definition: FunctionDefinition, bundles: string): FunctionOptions {
  const [path = '', handler = ''] = definition.handler.split('.');
  const { name, timeout = provider.timeout, memorySize = provider.memorySize } = definition;
  const inherited = Object.entries(process.env).filter(([variable]) => variable.startsWith('AWS_'));
  const variables = Object.entries({ ...provider.environment, ...definition.environment });
  return {
    name,
    file: join(bundles, `${path}.mjs`),
    handler,
    timeoutSeconds: timeout,
    memorySize,
    environment: {
      ...Object.fromEntries(inherited),
      AWS_REGION: provider.region,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      ...Object.fromEntries(variables.map(([variable, value]) => [variable, String(value)])),
    },
  };
}

/** Windows has pipes instead. */
const socketIn = (folder: string, name: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '-')}-${name}` : join(folder, `${name}.sock`);

function handlersOf(functions: Readonly<Record<string, EmulatedFunction>>): Handlers {
  return Object.fromEntries(Object.entries(functions).map(([key, { invoke }]) => [key, asApiGateway(invoke)]));
}

/** Responds to a failed HTTP request like API Gateway, without the reason. */
const asApiGateway =
  (invoke: EmulatedFunction['invoke']) =>
  async (event: unknown): Promise<unknown> => {
    try {
      return await invoke(event);
    } catch (error) {
      if (!isHttp(event)) throw error;
      report(error as Error);
      return INTERNAL_SERVER_ERROR;
    }
  };

const isHttp = (event: unknown): boolean => 'routeKey' in Object(event);

const INTERNAL_SERVER_ERROR: APIGatewayProxyStructuredResultV2 = {
  statusCode: 500,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: 'Internal Server Error' }),
};

function invokeApiOf({ functions }: Service, emulated: Readonly<Record<string, EmulatedFunction>>): RequestListener {
  const byName = Object.entries(functions).flatMap(([key, { name }]) => {
    const found = emulated[key];
    return found ? [[name, found] as const] : [];
  });
  return invokeApi(Object.fromEntries(byName));
}
