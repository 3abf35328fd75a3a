/**
 * How the SDK reaches a service that is emulated at an endpoint; nothing without one, and AWS is asked. What stands
 * before an @ in the endpoint is the access key.
 */
export function emulated(endpoint: string | undefined) {
  if (endpoint === undefined || endpoint === '') return {};
  const { origin, username } = new URL(endpoint);
  const credentials = { accessKeyId: username || 'local', secretAccessKey: 'local' };
  return { endpoint: origin, region: 'local', credentials };
}
