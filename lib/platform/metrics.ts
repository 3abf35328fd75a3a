import { readConfig } from './config.ts';

type Metric = {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  /** The dimension: a field of the line, and its value. Each distinct value is billed as a metric of its own. */
  readonly by?: readonly [field: string, value: string];
};

const { METRICS_NAMESPACE: Namespace } = readConfig(['METRICS_NAMESPACE']);

/**
 * The fields that make a log line a CloudWatch metric (embedded metric format): nothing is sent, no library is loaded.
 * CloudWatch silently ignores a metric whose dimension is not a string.
 *
 * @example log.info('delivery', metrics({ name: 'deliveries', value: 1, unit: 'Count', by: ['verdict', 'lost'] }))
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metrics(...all: readonly Metric[]): Record<string, unknown> {
  const CloudWatchMetrics = all.map(({ name, unit, by }) => ({
    Namespace,
    Dimensions: [by === undefined ? [] : [by[0]]],
    Metrics: [{ Name: name, Unit: unit }],
  }));
  return {
    ...Object.fromEntries(all.flatMap(({ name, value, by }) => [[name, value], ...(by === undefined ? [] : [by])])),
    _aws: { Timestamp: Date.now(), CloudWatchMetrics },
  };
}
