import dynalite from 'dynalite';

/**
 * The embedded DynamoDB. A caller who gives up, or is killed, in the middle of a request leaves the others' alone: dynalite
 * itself would end the process. And no connection ends while it is idle, just when a caller may be using it again.
 */
export function embeddedDatabase(options: Parameters<typeof dynalite>[0] = {}): ReturnType<typeof dynalite> {
  const database = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...options });
  const listeners = database.listeners('request');
  database.removeAllListeners('request').on('request', (request, response) => {
    for (const listener of listeners) listener.call(database, request, response);
    request.removeAllListeners('error').on('error', () => undefined);
  });
  database.keepAliveTimeout = 0;
  return database;
}
