import { readConfig } from './config.ts';

type Metric = {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  /** The field of the line by which values are told apart. Every value of it is a metric to be paid for. */
  readonly by?: string;
};

const { METRICS_NAMESPACE: Namespace } = readConfig(['METRICS_NAMESPACE']);

/**
 * Fields that make a log line a metric of CloudWatch as well (its embedded metric format): nothing is sent, no library is
 * loaded.
 *
 * @example log.info('delivery', { verdict, ...metrics({ name: 'deliveries', value: 1, unit: 'Count', by: 'verdict' }) })
 */
export function metrics(...all: readonly Metric[]): Record<string, unknown> {
  const CloudWatchMetrics = all.map(({ name, unit, by }) => ({
    Namespace,
    Dimensions: [by === undefined ? [] : [by]],
    Metrics: [{ Name: name, Unit: unit }],
  }));
  return {
    ...Object.fromEntries(all.map(({ name, value }) => [name, value])),
    _aws: { Timestamp: Date.now(), CloudWatchMetrics },
  };
}
