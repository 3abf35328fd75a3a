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
  const fields: Record<string, unknown> = {};
  for (const { name, value, by } of all) {
    fields[name] = value;
    if (by !== undefined) fields[by[0]] = by[1];
  }
  fields._aws = { Timestamp: Date.now(), CloudWatchMetrics: [...definitions(all)] };
  return fields;
}

/** Metrics without a field are one directive: what is logged is paid for by the byte. */
function* definitions(all: readonly Metric[]) {
  for (const each of all) if (each.by !== undefined) yield directive([each.by[0]], [each]);
  const plain = all.filter(({ by }) => by === undefined);
  if (plain.length > 0) yield directive([], plain);
}

const directive = (fields: readonly string[], all: readonly Metric[]) => ({
  Namespace,
  Dimensions: [fields],
  Metrics: all.map(({ name, unit }) => ({ Name: name, Unit: unit })),
});
