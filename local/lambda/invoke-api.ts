import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { EmulatedFunction } from './function.ts';

/** Lambda's Invoke API: runs functions by name, synchronously or, with the type Event, asynchronously. */
export function invokeApi(functions: Readonly<Record<string, EmulatedFunction>>): RequestListener {
  const api = new Hono();
  api.post('/2015-03-31/functions/:name/invocations', async ({ req, json, body }) => {
    const found = functions[req.param('name')];
    if (!found) return json({ Type: 'User', Message: `Function not found: ${req.param('name')}` }, 404, NOT_FOUND);
    const text = await req.text();
    const invocation = found.invoke(text === '' ? {} : JSON.parse(text));
    if (req.header('x-amz-invocation-type') === 'Event') {
      invocation.catch(report);
      return body(null, 202);
    }
    try {
      return json((await invocation) ?? null);
    } catch (error) {
      report(error as Error);
      const { name, message } = error as Error;
      return json({ errorType: name, errorMessage: message }, 200, { 'x-amz-function-error': 'Unhandled' });
    }
  });
  return getRequestListener(api.fetch, { overrideGlobalObjects: false });
}

const NOT_FOUND = { 'x-amzn-errortype': 'ResourceNotFoundException' };

/** Logs a failure like Lambda does in the function's log. */
export const report = ({ stack, message }: Error): void => console.error(stack ?? message);
