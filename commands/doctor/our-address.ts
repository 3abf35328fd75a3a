import type { Env } from '../command.ts';

/** Answers the address a request came from, and nothing else. */
const MIRROR = 'https://checkip.amazonaws.com';
const PATIENCE_MS = 3_000;

type Network = { SubnetIds?: string[] | undefined };

/** How a deployed access-token function goes out. Its address cannot be read from here, only what it depends on. */
export function addressOfFunction(env: Env, { SubnetIds = [] }: Network = {}): string {
  const proxy = proxyOf(env);
  if (proxy !== undefined) return proxy;
  if (SubnetIds.length > 0) return `the NAT gateway of ${SubnetIds.join(', ')} (enter its Elastic IP, every one)`;
  return "none that lasts (Lambda's own changes: deploy with --param egress=subnets or --param httpsProxy=…)";
}

/** How this computer goes out, as others see it; with the simulated WeChat it does not. */
export async function addressOfThisComputer(env: Env, origin: string, fetch: typeof globalThis.fetch): Promise<string> {
  const proxy = proxyOf(env);
  if (proxy !== undefined) return proxy;
  const { hostname } = new URL(origin);
  if (hostname === 'localhost' || hostname === '127.0.0.1') return '127.0.0.1, this computer';
  try {
    const answer = await fetch(MIRROR, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const seen = (await answer.text()).trim();
    return /^[0-9a-f.:]{3,45}$/i.test(seen) ? `${seen}, as others see this computer` : "this computer's";
  } catch {
    return "this computer's";
  }
}

/** Without the user and password a proxy's address may hold. */
function proxyOf({ HTTPS_PROXY }: Env): string | undefined {
  const address = HTTPS_PROXY?.trim() ?? '';
  return URL.canParse(address) ? `the proxy ${new URL(address).host}` : undefined;
}
