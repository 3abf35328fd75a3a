import type { Server } from 'node:http';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { documentClient } from '../lib/tables/client.ts';
import { operatorsTable } from '../lib/tables/operators.ts';
import { replyRulesTable } from '../lib/tables/reply-rules.ts';
import { createAdministrator } from './create-administrator.ts';
import { addFirstRule } from './first-rule.ts';
import { greeting } from './greeting.ts';
import { readSettings, type Settings } from './settings.ts';
import { createTables, tableDefinitions } from './tables.ts';
import { createSimulatedWeChat } from './wechat/app.ts';
import { listen } from './wechat/listen.ts';

/** The parts of the Serverless Framework's service that the local run touches. */
type Service = {
  provider: { environment: Record<string, unknown> };
  functions: Record<string, { environment?: Record<string, unknown> }>;
  custom: { tables: Record<string, string>; 'serverless-offline'?: object };
};

type Running = { greet: () => void; stop: () => Promise<void> };

/** Starts what surrounds the functions, and tells them by their variables where it is. */
export async function startService(service: Service): Promise<Running> {
  const settings = readSettings();
  const { http: httpPort, lambda: lambdaPort } = settings.ports;
  service.custom['serverless-offline'] = { ...service.custom['serverless-offline'], httpPort, lambdaPort };
  for (const environment of environmentsOf(service)) override(environment, settings.variables);
  Object.assign(service.provider.environment, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const database = settings.ownDatabase ? await startDatabase(settings) : undefined;
  const wechat = settings.isSimulated ? await startWeChat(settings) : undefined;
  await prepare(service, settings);
  return {
    greet: () => process.stdout.write(greeting(settings)),
    async stop() {
      await wechat?.close();
      await new Promise((closed) => (database ? database.close(closed) : closed(undefined)));
    },
  };
}

const environmentsOf = ({ provider, functions }: Service) => [
  provider.environment,
  ...Object.values(functions).map((one) => one.environment ?? {}),
];

/** A function is told only what its `function.yml` names. */
function override(environment: Record<string, unknown>, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) if (name in environment) environment[name] = value;
}

async function startDatabase({ folder, ports }: Settings): Promise<Server> {
  const server = dynalite({ path: join(folder, 'dynamodb'), createTableMs: 0 });
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(ports.database, '127.0.0.1', ready));
  return server;
}

const startWeChat = ({ folder, ports }: Settings) =>
  listen(createSimulatedWeChat({ stateFile: join(folder, 'wechat.json') }), ports.wechat);

async function prepare({ custom }: Service, { variables, adminPassword, isSimulated }: Settings): Promise<void> {
  const db = documentClient(variables);
  const nameOf = (table: string) => custom.tables[table] ?? table;
  const made = await createTables(db, tableDefinitions(), nameOf);
  if (isSimulated && made.includes('reply-rules')) await addFirstRule(replyRulesTable(db, nameOf('reply-rules')));
  await createAdministrator(operatorsTable(db, nameOf('operators')), { username: 'admin', password: adminPassword });
}
