import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** The sealed delivery in a log line of the webhook. */
const SEALED = /\\?"sealed\\?":\s*\\?"([\w.-]+)/g;

/** The sealed deliveries in a text: a JSON line, one quoted in another, or an export of the console. */
export const sealedIn = (text: string): string[] => [...text.matchAll(SEALED)].map(([, sealed = '']) => sealed);

/** The lines of a file; `-` is standard input. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  yield* file === '-' ? createInterface({ input: process.stdin }) : (await open(file)).readLines();
}

/** The lines of a log group since a time (milliseconds) that hold something sealed, oldest first. */
export async function* linesOfLogGroup(logGroupName: string, startTime: number): AsyncGenerator<string> {
  const { CloudWatchLogsClient, paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient({});
  const query = { logGroupName, startTime, filterPattern: '"\\"sealed\\":"' };
  for await (const { events = [] } of paginateFilterLogEvents({ client }, query)) {
    for (const { message = '' } of events) yield message;
  }
}
