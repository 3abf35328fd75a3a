import type { Env } from '../command.ts';

/** Responds with the address that a request came from. */
const IP_ECHO_URL = 'https://checkip.amazonaws.com';
const PATIENCE_MS = 3_000;

type Network = { SubnetIds?: string[] | undefined };

/** The outgoing address of a deployed access-token function, as far as its configuration tells. */
export function addressOfFunction(env: Env, { SubnetIds = [] }: Network = {}): string {
  const proxy = proxyOf(env);
  if (proxy !== undefined) return proxy;
  if (SubnetIds.length > 0) return `the NAT gateway of ${SubnetIds.join(', ')} (enter its Elastic IP, every one)`;
  return "none that lasts (Lambda's own changes: deploy with --param egress=subnets or --param httpsProxy=…)";
}

/** The outgoing address of this computer as others see it; the loopback address with the simulated WeChat. */
export async function addressOfThisComputer(env: Env, origin: string, fetch: typeof globalThis.fetch): Promise<string> {
  const proxy = proxyOf(env);
  if (proxy !== undefined) return proxy;
  const { hostname } = new URL(origin);
  if (hostname === 'localhost' || hostname === '127.0.0.1') return '127.0.0.1, this computer';
  try {
    const answer = await fetch(IP_ECHO_URL, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const seen = (await answer.text()).trim();
    return /^[0-9a-f.:]{3,45}$/i.test(seen) ? `${seen}, as others see this computer` : "this computer's";
  } catch {
    return "this computer's";
  }
}

/** The proxy without the user and password that its address may hold. */
function proxyOf({ HTTPS_PROXY }: Env): string | undefined {
  const address = HTTPS_PROXY?.trim() ?? '';
  return URL.canParse(address) ? `the proxy ${new URL(address).host}` : undefined;
}
