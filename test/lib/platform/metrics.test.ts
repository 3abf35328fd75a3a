import { metrics } from '../../../lib/platform/metrics.ts';

/** What CloudWatch's documentation asks of a line, and silently ignores a line that has it otherwise. */
type Line = { _aws: { Timestamp: number; CloudWatchMetrics: Directive[] }; [field: string]: unknown };
type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] };

const line = metrics(
  { name: 'wechat_errors', value: 1, unit: 'Count', by: ['errcode', '40164'] },
  { name: 'reply_ms', value: 812.5, unit: 'Milliseconds' },
) as Line;

describe('a line that is a metric', () => {
  it('says how its fields are to be counted, in the namespace of the stage', () => {
    const [errors, times] = line._aws.CloudWatchMetrics;
    expect(errors).toEqual({
      Namespace: 'wechat-server',
      Dimensions: [['errcode']],
      Metrics: [{ Name: 'wechat_errors', Unit: 'Count' }],
    });
    expect(times).toMatchObject({ Dimensions: [[]], Metrics: [{ Name: 'reply_ms', Unit: 'Milliseconds' }] });
    expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(60_000);
  });

  it('has a number for every metric, and a string for what it is counted by', () => {
    const fields = line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
      ...Metrics.map(({ Name }) => [Name, line[Name]]),
      ...Dimensions.flat().map((field) => [field, line[field]]),
    ]);
    expect(Object.fromEntries(fields)).toEqual({ wechat_errors: 1, errcode: '40164', reply_ms: 812.5 });
  });
});
