import { setTimeout as sleepFor } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { retry, type Sleep } from '../../lib/platform/retry.ts';

type Ports = {
  readonly region: string;
  readonly now: () => number;
  readonly sleep?: Sleep;
  readonly client?: Pick<CloudWatchLogsClient, 'send'>;
};

/** The pauses between reads of the log; CloudWatch shows a line some seconds after it was written. */
const PAUSES_MS = Array<number>(7).fill(2_000);
const MINUTE_MS = 60_000;

/** The code of the webhook's refusal, which only its log has; undefined if it cannot be read. */
export async function refusalIn(
  logGroupName: string,
  requestId: string,
  { region, now, sleep = sleepFor, client }: Ports,
): Promise<string | undefined> {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const logs = client ?? new CloudWatchLogsClient({ region });
  const filterPattern = `{ $.request_id = ${JSON.stringify(requestId)} }`;
  const query = new FilterLogEventsCommand({ logGroupName, filterPattern, startTime: now() - MINUTE_MS });
  const code = async () => {
    const { events = [] } = await logs.send(query);
    const found = events.map(({ message = '' }) => codeIn(message)).find((each) => each !== undefined);
    if (found === undefined) throw new Error('not in the log yet');
    return found;
  };
  return retry(code, { pauses: PAUSES_MS, sleep }).catch(() => undefined);
}

function codeIn(line: string): string | undefined {
  try {
    const { code } = JSON.parse(line) as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}
