import type { RequestListener, Server } from 'node:http';
import { join } from 'node:path';
import { documentClient } from '../lib/aws/dynamodb.ts';
import { createAdministrator } from '../lib/operators/administrator.ts';
import { operatorsTable } from '../lib/tables/operators.ts';
import { replyRulesTable } from '../lib/tables/reply-rules.ts';
import { startDatabase } from './database.ts';
import { addFirstRule } from './first-rule.ts';
import { greeting } from './greeting.ts';
import { guarded, isSigned } from './guard.ts';
import { emulateLambda, type Handlers, type Service as LambdaService } from './lambda/emulator.ts';
import { closed, listening, listeningTwice } from './listening.ts';
import { readSettings, type Settings } from './settings.ts';
import { createSimulatedWeChat } from './simulator/app.ts';
import { listen } from './simulator/listen.ts';
import { createTables, tableDefinitions } from './tables.ts';

/** The parts of the Serverless Framework's service that the local run uses. */
type Service = LambdaService & { custom: { tables: Record<string, string> } };

/** The hapi server of serverless-offline, which turns requests into events. */
type ApiGateway = { readonly listener: Server };

type Running = {
  readonly handlers: Handlers;
  /** Passes requests on to the server from now on. */
  readonly connect: (apiGateway: ApiGateway) => void;
  readonly greet: () => void;
  /** Loads the rebuilt bundles. */
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
};

/** Starts the local services, and sets the functions' variables to their addresses. */
export async function startService(service: Service, plugin: string): Promise<Running> {
  const settings = readSettings();
  const { ports, publicHost, accessKey } = settings;
  Object.assign(service.provider.environment, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  for (const environment of environmentsOf(service)) override(environment, settings.variables);
  let listener: RequestListener = (_, response) => response.writeHead(503).end();
  const api = guarded((request, response) => listener(request, response), { publicHost, exempt: isSigned });
  const lambda = emulateLambda(service, plugin);
  const servers = [
    ...(await listeningTwice(api, ports.http)),
    await listening(guarded(lambda.invokeApi, { accessKey }), ports.lambda),
  ];
  const database = settings.ownDatabase ? await startDatabase(databaseOf(settings)) : undefined;
  const wechat = settings.isSimulated ? await startWeChat(settings) : undefined;
  await Promise.all([prepare(service, settings), lambda.functions.webhook?.warm()]);
  return {
    handlers: lambda.handlers,
    connect({ listener: server }) {
      listener = (request, response) => {
        // It would grant CORS to any Origin; events are made from the raw headers.
        delete request.headers.origin;
        server.emit('request', request, response);
      };
    },
    greet: () => process.stdout.write(greeting(settings)),
    reload: () =>
      Object.values(lambda.functions).forEach(({ reload }) => {
        reload();
      }),
    async stop() {
      await Promise.all(servers.map(closed));
      await Promise.all([lambda.stop(), wechat?.close(), database?.stop()]);
    },
  };
}

const environmentsOf = ({ provider, functions }: Service) => [
  provider.environment,
  ...Object.values(functions).map((one) => one.environment ?? {}),
];

/** Overrides the variables that a function declares, and adds none. */
function override(environment: Record<string, unknown>, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) if (name in environment) environment[name] = value;
}

const databaseOf = ({ folder, ports, accessKey }: Settings) => ({
  path: join(folder, 'dynamodb'),
  port: ports.database,
  accessKey,
});

const startWeChat = ({ folder, ports, publicHost }: Settings) =>
  listen(createSimulatedWeChat({ stateFile: join(folder, 'wechat.json') }), ports.wechat, { publicHost });

async function prepare({ custom }: Service, { variables, adminPassword, isSimulated }: Settings): Promise<void> {
  const db = documentClient(variables);
  const nameOf = (table: string) => custom.tables[table] ?? table;
  const made = await createTables(db, tableDefinitions(), nameOf);
  if (isSimulated && made.includes('reply-rules')) await addFirstRule(replyRulesTable(db, nameOf('reply-rules')));
  await createAdministrator(operatorsTable(db, nameOf('operators')), { username: 'admin', password: adminPassword });
}
