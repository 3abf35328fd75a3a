import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** What a port of this computer answers to, beside what every one of them asks. */
export type Guard = {
  /** The host of a tunnel that leads here. */
  readonly publicHost?: string | undefined;
  /** The access key that the AWS signature of every request must name. */
  readonly accessKey?: string;
  /** Whether a request carries a proof of its own, so that nothing is asked of it here. */
  readonly exempt?: (request: IncomingMessage) => boolean;
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Sites from which a browser says it sends a request of our own page, or one that its user typed. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/** What a browser may show when another page leads there: the console, and the simulator's page. */
const PAGE = /^\/(console(\/.*)?|phone)?$/;

/**
 * A listener that is asked only by this computer's own programs and by its own pages: a page of another origin can reach
 * these ports, too, and by DNS rebinding even under a name that looks like its own. A request must name a loopback host
 * (or that of the tunnel), carry no Origin or the one of that host, and, where a browser says from which site it comes,
 * come from the same origin or from nobody; a link from elsewhere may open a page. What is refused is 403.
 */
export const guarded =
  (listener: RequestListener, guard: Guard = {}): RequestListener =>
  (request, response) => {
    const fault = guard.exempt?.(request) ? undefined : faultOf(request, guard);
    if (fault === undefined) listener(request, response);
    else refuse(response, fault);
  };

/** The only path that carries a proof of its own: WeChat signs what it delivers, and comes by any tunnel. */
export const isSigned = ({ method, url }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'POST') && pathOf(url) === '/webhook';

function faultOf(request: IncomingMessage, { publicHost, accessKey }: Guard): string | undefined {
  if (!request.url?.startsWith('/')) return 'the request must name a path';
  const [host, ...more] = request.headersDistinct.host ?? [];
  if (host === undefined || more.length > 0 || !isOurs(hostnameOf(host), publicHost)) {
    return 'only requests to localhost are answered, or to the host of a tunnel that PUBLIC_HOST names';
  }
  if (!isOwnOrigin(request.headersDistinct.origin, host) || !isOwnSite(request)) {
    return 'the request comes from a page of another origin';
  }
  if (accessKey !== undefined && !isSame(accessKeyOf(request), accessKey)) {
    return 'the access key is not the one of this run';
  }
  return undefined;
}

/** Without the port, the dot at the end and capitals: `localhost` of `LOCALHOST.:3000`. */
const hostnameOf = (host: string): string => host.toLowerCase().replace(/\.?(:\d{1,5})?$/, '');

const isOurs = (hostname: string, publicHost: string | undefined): boolean =>
  LOOPBACK.includes(hostname) || hostname === publicHost?.toLowerCase();

function isOwnOrigin(origins: readonly string[] = [], host: string): boolean {
  return origins.every((origin) => URL.canParse(origin) && new URL(origin).host === host.toLowerCase());
}

function isOwnSite({ headers, method, url }: IncomingMessage): boolean {
  if (OWN_SITES.includes(headers['sec-fetch-site'])) return true;
  const isNavigation = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return method === 'GET' && isNavigation && PAGE.test(pathOf(url));
}

const pathOf = (url = ''): string => url.split('?', 1)[0] ?? '';

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html */
function accessKeyOf({ headers }: IncomingMessage): string {
  return /^AWS4-HMAC-SHA256 Credential=([\w-]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function refuse(response: ServerResponse, detail: string): void {
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ errcode: 403, errmsg: 'not permitted', detail }));
}
