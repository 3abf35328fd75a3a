import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** The checks of a local port besides those of all ports. */
export type Guard = {
  /** The host of a tunnel that leads here. */
  readonly publicHost?: string | undefined;
  /** The access key required in the AWS signature of every request. */
  readonly accessKey?: string;
  /** True for requests that are authenticated otherwise and are not checked here. */
  readonly exempt?: (request: IncomingMessage) => boolean;
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The values of Sec-Fetch-Site for requests of our own pages or typed by the user. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/** The pages that links on other sites may open: the console, and the simulator's page. */
const PAGE = /^\/(console(\/.*)?|phone)?$/;

/**
 * A listener for programs and pages of this computer only: pages of other origins can reach these ports, too, and by DNS
 * rebinding even under a host of their own. A request must have a loopback Host (or that of the tunnel), no Origin or that
 * of the Host, and, from browsers that send Sec-Fetch-Site, come from the same origin or a typed address; links from
 * elsewhere may open a page. Other requests get 403.
 */
export const guarded =
  (listener: RequestListener, guard: Guard = {}): RequestListener =>
  (request, response) => {
    const fault = guard.exempt?.(request) ? undefined : faultOf(request, guard);
    if (fault === undefined) listener(request, response);
    else refuse(response, fault);
  };

/** True for the webhook, whose requests WeChat signs and sends through any tunnel. */
export const isSigned = ({ method, url }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'POST') && pathOf(url) === '/webhook';

function faultOf(request: IncomingMessage, { publicHost, accessKey }: Guard): string | undefined {
  if (!request.url?.startsWith('/')) return 'the request must name a path';
  const [host, ...more] = request.headersDistinct.host ?? [];
  if (host === undefined || more.length > 0 || !isOurs(hostnameOf(host), publicHost)) {
    return 'only requests to localhost are accepted, or to the host of a tunnel that PUBLIC_HOST names';
  }
  if (!isOwnOrigin(request.headersDistinct.origin, host) || !isOwnSite(request)) {
    return 'the request comes from a page of another origin';
  }
  if (accessKey !== undefined && !isSame(accessKeyOf(request), accessKey)) {
    return 'the access key is wrong';
  }
  return undefined;
}

/** The host without port, trailing dot and capitals: `localhost` of `LOCALHOST.:3000`. */
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

function isSame(actual: string, expected: string): boolean {
  const [one, other] = [Buffer.from(actual), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function refuse(response: ServerResponse, detail: string): void {
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ errcode: 403, errmsg: 'not permitted', detail }));
}
