import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Metric = { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
type Alarm = Metric & {
  AlarmName: string;
  AlarmDescription: string;
  TreatMissingData: string;
  Period?: number;
  Threshold?: number;
  Metrics?: { MetricStat?: { Metric: Metric } }[];
  AlarmActions: object[];
  OKActions: object[];
};
type Widget = { x: number; y: number; width: number; height: number; properties: { metrics?: unknown[][] } };

const STAGE = `$\{self:service}-$\{sls:stage}`;
const inFile = <P>(file: string, type: string): [id: string, properties: P][] =>
  Object.entries<{ Type: string; Properties: P }>(parse(readFileSync(file, 'utf8')).Resources).flatMap(
    ([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []),
  );

const alarms = inFile<Alarm>('stack/alarms.yml', 'AWS::CloudWatch::Alarm');
const watched = (alarm: Alarm): Metric[] =>
  alarm.Metrics?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])) ?? [alarm];

const sources = ['functions', 'lib'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
);
/** Every metric that the code counts, as `name` or `name by field`. */
const counted = sources
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/name: '(\w+)', value(?:: \w+)?, unit: '\w+'(?:, by: \['(\w+)')?/g)].map(
      ([, name, field]) => (field === undefined ? `${name}` : `${name} by ${field}`),
    ),
  );

describe('the alarms', () => {
  it('cost a dollar a month at most: ten metrics are watched for nothing, each further one for $0.10', () => {
    expect(alarms.flatMap(([, alarm]) => watched(alarm)).length).toBeLessThanOrEqual(20);
  });

  it('go off for three refusals in five minutes while nothing is recorded, and for three unreadable deliveries', () => {
    const found = new Map(alarms.map(([id, { Metrics, Period, Threshold }]) => [id, { Metrics, Period, Threshold }]));
    expect(found.get('DeliveriesRefusedAlarm')).toMatchObject({
      Threshold: 3,
      Metrics: [
        { Expression: 'IF(least > 0, total, 0)' },
        { Id: 'least', MetricStat: { Metric: { MetricName: 'refusals' }, Stat: 'Minimum', Period: 300 } },
        { Id: 'total', MetricStat: { Metric: { MetricName: 'refusals' }, Stat: 'Sum', Period: 300 } },
      ],
    });
    expect(found.get('DeliveriesUnreadableAlarm')).toMatchObject({ Threshold: 3, Period: 300 });
  });

  it('tell the same people when they go off and when it is over', () => {
    for (const [, alarm] of alarms) {
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: 'AlarmTopic' }], OKActions: [{ Ref: 'AlarmTopic' }] });
    }
  });

  it.each(alarms)(
    'say in one sentence what is the matter and what to do: %s',
    (id, { AlarmName, AlarmDescription }) => {
      expect(AlarmDescription).toMatch(/^[A-Z][^;]+; [^;]+[^;.]\.$/);
      expect(AlarmDescription.length).toBeLessThan(250);
      const words = id.replace(/Alarm$/, '').replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`);
      expect(AlarmName).toBe(`${STAGE}-${words.toLowerCase()}`);
    },
  );

  it('watch what is there: a function of ours, or a metric that the code counts', () => {
    const ours = alarms.flatMap(([, alarm]) => watched(alarm)).filter(({ Namespace }) => Namespace !== 'AWS/Lambda');
    const named = ours.map(({ MetricName, Dimensions: [by] = [] }) =>
      by ? `${MetricName} by ${by.Name}` : MetricName,
    );
    expect(ours.map(({ Namespace }) => Namespace)).toEqual(ours.map(() => STAGE));
    expect(named.filter((name) => !counted.includes(name))).toEqual([]);
    const theirs = alarms.flatMap(([, alarm]) => watched(alarm)).filter(({ Namespace }) => Namespace === 'AWS/Lambda');
    const values = theirs.flatMap(({ Dimensions = [] }) => Dimensions.map(({ Name, Value }) => `${Name} ${Value}`));
    expect([...new Set(values)]).toEqual([`FunctionName ${STAGE}-webhook`, `FunctionName ${STAGE}-slow-replies`]);
  });

  it('go off for silence where something must be heard', () => {
    const heard = alarms.filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching');
    expect(heard.map(([id]) => id)).toEqual(['NoTokenAlarm', 'RollupMissedAlarm']);
  });
});

describe('the dashboard', () => {
  const [[, properties] = []] = inFile<{ DashboardBody: { 'Fn::Sub': string } }>(
    'stack/dashboard.yml',
    'AWS::CloudWatch::Dashboard',
  );
  const text = properties?.DashboardBody['Fn::Sub'] ?? '';
  const { widgets }: { widgets: Widget[] } = JSON.parse(text);

  const expressions = widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap(([first]) => (first as { expression?: string }).expression ?? []),
  );

  it('shows every alarm, the errors of every function and every metric that the code counts', () => {
    expect([...text.matchAll(/\$\{(\w+)\.Arn\}/g)].map(([, id]) => id).sort()).toEqual(alarms.map(([id]) => id).sort());
    const named = [...text.matchAll(/"\$\{self:service\}-\$\{sls:stage\}-([\w-]+)"/g)].map(([, name]) => name);
    expect(named.filter((name) => !readdirSync('functions').includes(`${name}`))).toEqual([]);
    expect(expressions).toContain(`SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors" ${STAGE}', 'Sum')`);
    for (const metric of counted) expect(text).toContain(`"${metric.split(' ')[0]}`);
  });

  it('lays its widgets side by side', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...widgets.map(({ x, width }) => x + width))).toBe(24);
  });
});
