import { setTimeout as sleepFor } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

type Ports = {
  readonly region: string;
  readonly now: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly client?: Pick<CloudWatchLogsClient, 'send'>;
};

/** CloudWatch shows a line some seconds after it was written. */
const ATTEMPTS = 8;
const PAUSE_MS = 2_000;
const MINUTE_MS = 60_000;

/** Why the webhook refused a request, from its log: the response never tells. Undefined if it cannot be read there. */
export async function refusalIn(
  logGroupName: string,
  requestId: string,
  { region, now, sleep = sleepFor, client }: Ports,
): Promise<string | undefined> {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const logs = client ?? new CloudWatchLogsClient({ region });
  const filterPattern = `{ $.request_id = ${JSON.stringify(requestId)} }`;
  const question = new FilterLogEventsCommand({ logGroupName, filterPattern, startTime: now() - MINUTE_MS });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(PAUSE_MS);
    const { events = [] } = await logs.send(question).catch(() => ({ events: undefined }));
    const code = events.map(({ message = '' }) => codeIn(message)).find((each) => each !== undefined);
    if (code !== undefined) return code;
  }
  return undefined;
}

function codeIn(line: string): string | undefined {
  try {
    const { code } = JSON.parse(line) as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}
