import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Endpoint, Route } from '../../lib/http/endpoint.ts';
import { PERMISSIONS } from '../../lib/operators/permissions.ts';
import { VARIABLES } from '../../lib/platform/config.ts';
import { tableDefinitions } from '../../local/tables.ts';
import { codesIn, rowsIn } from './page.ts';

type Language = 'en' | 'zh';

/** A row as the code knows it: a name, and the cells after it; those that are missing are texts of the page. */
type Row = { readonly name: string; readonly cells?: readonly string[] };

const named = (names: readonly string[]): readonly Row[] => names.map((name) => ({ name }));

const TABLES: Readonly<Record<string, (language: Language) => readonly Row[] | Promise<readonly Row[]>>> = {
  routes: async (language) =>
    (await routes()).map(({ key, access }) => ({ name: key, cells: [ACCESS[access]?.[language] ?? `\`${access}\``] })),
  permissions: (language) =>
    Object.entries(PERMISSIONS).map(([name, text]) => (language === 'en' ? { name, cells: [text] } : { name })),
  variables: () => named(Object.keys(VARIABLES)),
  parameters: () => named(parameters()),
  alarms: (language) => alarms().map(({ name, cells }) => (language === 'en' ? { name, cells } : { name })),
  metrics: () => named(metrics()),
  tables: () => named(Object.keys(tableDefinitions())),
};

const TABLE = /(?<=<!-- table: (\w+) -->\n)(?:\|.*\|\n)+/g;

/**
 * A page with the table below each `<!-- table: name -->` brought up to date. Rows stay in the order of the page and keep
 * their texts; what the code no longer has goes, what is new comes last, with empty cells to be filled in by hand.
 */
export async function withTables(page: string, language: Language): Promise<string> {
  const rows = new Map<string, readonly Row[]>();
  for (const [, name = ''] of page.matchAll(TABLE)) rows.set(name, (await TABLES[name]?.(language)) ?? unknown(name));
  return page.replaceAll(TABLE, (table, name: string) => updated(table, rows.get(name) ?? []));
}

function unknown(name: string): never {
  throw new Error(`There is no table ${name}; tables: ${Object.keys(TABLES).join(', ')}`);
}

function updated(table: string, rows: readonly Row[]): string {
  const [head = '', rule = ''] = table.split('\n');
  const [titles = [], ...present] = rowsIn(table);
  const texts = new Map(present.map((cells) => [codesIn(cells[0] ?? '')[0], cells.slice(1)]));
  const known = new Map(rows.map((row) => [row.name, row]));
  const names = new Set([...[...texts.keys()].filter((name = '') => known.has(name)), ...known.keys()]);
  const lines = [...names].map((name = '') => {
    const [derived, kept] = [known.get(name)?.cells ?? [], texts.get(name) ?? []];
    const cells = titles.slice(1).map((_, at) => derived[at] ?? kept[at] ?? '');
    return `| \`${name}\` | ${cells.join(' | ')} |`;
  });
  return `${[head, rule, ...lines].join('\n')}\n`;
}

/** What a route that asks for no permission by name asks for. */
const ACCESS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  public: { en: 'anyone', zh: '任何人' },
  session: { en: 'signed in', zh: '已登录' },
  administrator: { en: 'administrators', zh: '管理员' },
  wechat: { en: "WeChat's signature", zh: '微信签名' },
};

/** Every route of the service with its access, as its handler has it; those of the webhook have WeChat's. */
export async function routes(): Promise<readonly { readonly key: string; readonly access: string }[]> {
  const all = await Promise.all(
    readdirSync('functions').map(async (name) => {
      const { routes: declared = [] }: { routes?: string[] } = parse(
        readFileSync(`functions/${name}/function.yml`, 'utf8'),
      );
      return (await routesOf(name)) ?? declared.map((key) => ({ key, access: 'wechat' }));
    }),
  );
  return all.flat();
}

/** The routes of every endpoint. */
export async function contractedRoutes(): Promise<readonly Route[]> {
  const all = await Promise.all(readdirSync('functions').map(routesOf));
  return all.flatMap((routes) => routes ?? []);
}

async function routesOf(name: string): Promise<readonly Route[] | undefined> {
  const { handler }: { handler: Partial<Endpoint> } = await import(`../../functions/${name}/handler.ts`);
  return handler.routes;
}

/** Made of the secret, by the stack, or for the local run. */
const MADE =
  /^(wechat(AppId|AppSecret|Token|EncodingAesKey|PreviousEncodingAesKey)|(previousS|s)essionSecret|recoveryKey|(previousP|p)seudonymKey|endpoints)$/;

/** The parameters that a deployment may be given. */
function parameters(): readonly string[] {
  const { params }: { params: { default: object } } = parse(readFileSync('serverless.yml', 'utf8'));
  return Object.keys(params.default).filter((name) => !MADE.test(name));
}

type Alarm = { Type: string; Properties: { AlarmName: string; AlarmDescription: string } };

/** Each alarm with what it means and what to do, which are the two halves of its own text. */
function alarms() {
  const { Resources }: { Resources: Record<string, Alarm> } = parse(readFileSync('stack/alarms.yml', 'utf8'));
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties: { AlarmName, AlarmDescription } }) => {
      const name = AlarmName.replace(/^.*\}-/, '');
      const halves = AlarmDescription.replace(/\.$/, '')
        .replaceAll(/npm run [\w:-]+/g, '`$&`')
        .split('; ');
      if (halves.length !== 2) throw new Error(`The text of the alarm ${name} is not "what it means; what to do."`);
      return { name, cells: halves };
    });
}

/** The names of all metrics in the code that runs on AWS. */
function metrics(): readonly string[] {
  const sources = ['functions', 'lib'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8').replaceAll(/^ \*.*$/gm, '')),
  );
  const found = sources.flatMap((source) => [...source.matchAll(/name: '(\w+)', value/g)]);
  return [...new Set(found.flatMap(([, name]) => name ?? []))];
}
