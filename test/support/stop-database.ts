export default async function stopDatabase(): Promise<void> {
  const { database } = globalThis as { database?: import('node:http').Server };
  database?.closeAllConnections();
  database?.close();
}
