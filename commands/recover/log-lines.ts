import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** What the webhook logged of one delivery that it could not record: still sealed. */
const SEALED = /\\?"sealed\\?":\s*\\?"([\w.-]+)/g;

/** Whatever stands around it: a line of JSON, one quoted in another, or an export of the console's. */
export const sealedIn = (text: string): string[] => [...text.matchAll(SEALED)].map(([, sealed = '']) => sealed);

/** The lines of a file; `-` is standard input. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  yield* file === '-' ? createInterface({ input: process.stdin }) : (await open(file)).readLines();
}

/** The lines of a log group since a time (milliseconds) that hold something sealed, oldest first. */
export async function* linesOfLogGroup(logGroupName: string, startTime: number): AsyncGenerator<string> {
  const { CloudWatchLogsClient, paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient({});
  const question = { logGroupName, startTime, filterPattern: '"\\"sealed\\":"' };
  for await (const { events = [] } of paginateFilterLogEvents({ client }, question)) {
    for (const { message = '' } of events) yield message;
  }
}
