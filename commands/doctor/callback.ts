import { resourceOf } from '../stage.ts';
import { type EchoResponse, isEcho, isRefusal, requestEcho, withoutQuery } from './callback-request.ts';
import { type Finding, failureCode, right, type Setup, wrong } from './setup.ts';

/** The most latency: WeChat hangs up after 5 s, less a margin for a cold start and the distance from China. */
const SLOW_MS = 3_500;

/** Checks that WeChat reaches the callback and gets its echo back byte for byte and in time. */
export async function checkCallback(setup: Setup): Promise<Finding> {
  const fault = faultOfAddress(setup.url);
  if (fault !== undefined) return fault;
  const where = withoutQuery(setup.url ?? '');
  try {
    return findingOf(await requestEcho(setup), where, setup);
  } catch (error) {
    return unreachable(failureCode(error), where, setup);
  }
}

function faultOfAddress(url: string | undefined): Finding | undefined {
  if (url === undefined) return wrong('the address of the callback is not known', 'give it: --url https://…/webhook');
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    return wrong('--url is not an http(s) URL', 'give it as entered at mp.weixin.qq.com: --url https://…/webhook');
  }
  if (address.port === '' || isThisComputer(address)) return undefined;
  return wrong(`WeChat calls no port but 80 and 443, not ${address.port}`, 'serve the callback at https://…/webhook');
}

const isThisComputer = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

function findingOf(answer: EchoResponse, where: string, setup: Setup): Finding {
  const { status, location, latencyMs } = answer;
  if (status >= 300 && status < 400) {
    return wrong(
      `${where} redirects (HTTP ${status}) to ${target(location, where)}, and WeChat follows no redirect`,
      'enter the final address at mp.weixin.qq.com, to the slash, or end the redirect',
    );
  }
  if (status !== 200 && !isRefusal(answer))
    return wrong(`${where} responds with HTTP ${status}`, fixForStatus(status, setup));
  if (status === 200 && !isEcho(answer)) return wrongEcho(answer, where);
  if (latencyMs > SLOW_MS) {
    return wrong(
      `${where} took ${latencyMs} ms to respond; WeChat hangs up after 5000`,
      'try again (a cold start is slower); else serve it nearer to China, with more memory, without a slow proxy',
    );
  }
  return right(
    `${where} ${isRefusal(answer) ? 'responds, but refuses (see signature)' : 'echoes byte for byte'}, ${latencyMs} ms`,
  );
}

/** The redirect's target without its query, which repeats ours. */
const target = (location: string | undefined, where: string): string =>
  location !== undefined && URL.canParse(location, where) ? withoutQuery(new URL(location, where).href) : 'nowhere';

function fixForStatus(status: number, { stage }: Setup): string {
  if (status === 404)
    return 'the address must end in /webhook; compare it with the one that deploy or npm start printed';
  if (status === 401 || status === 403)
    return 'something before the server refuses: exempt the path from firewall, WAF, login';
  if (status === 429) return 'it is throttled: let POST and GET /webhook pass, wait a minute';
  const log = stage === 'local' ? 'the terminal of npm start' : `the log of ${resourceOf(stage, 'webhook')}`;
  return status >= 500 ? `the server fails: see ${log}` : 'let it respond with 200';
}

type EchoFault = { is: (text: string, echostr: string) => boolean; what: string; fix: string };

/** The known faults of echoes, most specific first. */
const ECHO_FAULTS: readonly EchoFault[] = [
  { is: (text) => text === '', what: 'responds with nothing', fix: 'let it respond with the echostr' },
  {
    is: (text) => text.startsWith('\uFEFF'),
    what: 'puts a byte order mark (BOM) before the echo',
    fix: 'let the proxy or script before the server add nothing; save its files as UTF-8 without BOM',
  },
  {
    is: (text, echostr) => ['"', "'"].some((quote) => text.trim() === `${quote}${echostr}${quote}`),
    what: 'puts quotes around the echo',
    fix: 'let it respond with the text itself, not JSON: something before or in the server turns it into JSON',
  },
  {
    is: (text, echostr) => text.trim() === echostr,
    what: 'adds a line break or white space to the echo',
    fix: 'let the proxy or script before the server add nothing to the body',
  },
  {
    is: (text) => /^\s*</.test(text),
    what: 'responds with a page instead of the echo',
    fix: 'another server, a bot check or a notice page responds there: let /webhook through to this server',
  },
  {
    is: (text, echostr) => Number(text) === Number(echostr),
    what: 'reads the echo as a number and spoils its last digits',
    fix: 'let it treat the echostr as a string',
  },
];

function wrongEcho({ body, echostr }: EchoResponse, where: string): Finding {
  const text = body.toString();
  const spoiling = ECHO_FAULTS.find(({ is }) => is(text, echostr));
  if (spoiling) return wrong(`${where} ${spoiling.what}`, spoiling.fix);
  const what = `${where} does not echo: ${body.length} other bytes came for ${echostr.length}`;
  return wrong(what, 'see that the address leads to this server');
}

function unreachable(code: string, where: string, { stage }: Setup): Finding {
  if (code === 'TimeoutError')
    return wrong(`${where} does not respond`, 'open the firewall, or find out why the server hangs');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return wrong(`the name in ${where} is not known (${code})`, 'correct the address, or its DNS record');
  }
  if (/CERT|SIGNATURE|SSL|TLS|SELF_SIGNED/.test(code)) {
    return wrong(
      `the certificate of ${where} is not valid (${code})`,
      'renew it, with its whole chain and for this name',
    );
  }
  const isLocal = stage === 'local' && isThisComputer(new URL(where));
  const fix = isLocal ? 'start it in another terminal: npm start' : 'see that the server runs and its port is open';
  return wrong(`${where} cannot be reached (${code})`, fix);
}
