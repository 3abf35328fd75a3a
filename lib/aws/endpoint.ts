/**
 * The SDK's options for an emulated service at an endpoint; empty without one, for AWS. The access key is in the endpoint,
 * before an @.
 */
export function emulated(endpoint: string | undefined) {
  if (endpoint === undefined || endpoint === '') return {};
  const { origin, username } = new URL(endpoint);
  const credentials = { accessKeyId: username || 'local', secretAccessKey: 'local' };
  return { endpoint: origin, region: 'local', credentials };
}
