import { resourceOf } from '../stage.ts';
import { askToEcho, type CallbackAnswer, isEcho, isRefusal, shown } from './callback-request.ts';
import { type Finding, failureCode, right, type Setup, wrong } from './setup.ts';

/** WeChat hangs up after 5 s; what a cold start and the way from China may add is kept free. */
const SLOW_MS = 3_500;

/** Whether WeChat would reach the callback, and get its echo back byte for byte and in time. */
export async function checkCallback(setup: Setup): Promise<Finding> {
  const fault = faultOfAddress(setup.url);
  if (fault !== undefined) return fault;
  const where = shown(setup.url ?? '');
  try {
    return judge(await askToEcho(setup), where, setup);
  } catch (error) {
    return unreachable(failureCode(error), where, setup);
  }
}

function faultOfAddress(url: string | undefined): Finding | undefined {
  if (url === undefined) return wrong('the address of the callback is not known', 'give it: --url https://…/webhook');
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    return wrong('--url is no web address', 'give it as entered at mp.weixin.qq.com: --url https://…/webhook');
  }
  if (address.port === '' || isThisComputer(address)) return undefined;
  return wrong(`WeChat calls no port but 80 and 443, not ${address.port}`, 'serve the callback at https://…/webhook');
}

const isThisComputer = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

function judge(answer: CallbackAnswer, where: string, setup: Setup): Finding {
  const { status, location, latencyMs } = answer;
  if (status >= 300 && status < 400) {
    return wrong(
      `${where} redirects (HTTP ${status}) to ${target(location, where)}, and WeChat follows no redirect`,
      'enter the final address at mp.weixin.qq.com, to the slash, or end the redirect',
    );
  }
  if (status !== 200 && !isRefusal(answer)) return wrong(`${where} answers HTTP ${status}`, mendStatus(status, setup));
  if (status === 200 && !isEcho(answer)) return spoilt(answer, where);
  if (latencyMs > SLOW_MS) {
    return wrong(
      `${where} took ${latencyMs} ms to answer; WeChat hangs up after 5000`,
      'ask again (a first start is slower); else serve it nearer to China, with more memory, without a slow proxy',
    );
  }
  return right(
    `${where} ${isRefusal(answer) ? 'answers, but refuses (see signature)' : 'echoes byte for byte'}, ${latencyMs} ms`,
  );
}

/** The address without its query, which repeats ours. */
const target = (location: string | undefined, where: string): string =>
  location !== undefined && URL.canParse(location, where) ? shown(new URL(location, where).href) : 'nowhere';

function mendStatus(status: number, { stage }: Setup): string {
  if (status === 404)
    return 'the address must end in /webhook; compare it with the one that deploy or npm start printed';
  if (status === 401 || status === 403)
    return 'something before the server refuses: exempt the path from firewall, WAF, login';
  if (status === 429) return 'it is throttled: let POST and GET /webhook pass, wait a minute';
  const log = stage === 'local' ? 'the terminal of npm start' : `the log of ${resourceOf(stage, 'webhook')}`;
  return status >= 500 ? `the server fails: see ${log}` : 'let it answer 200';
}

type Spoiling = { is: (text: string, echostr: string) => boolean; what: string; mend: string };

/** How echoes get spoilt; the first that is so is told. */
const SPOILINGS: readonly Spoiling[] = [
  { is: (text) => text === '', what: 'answers nothing', mend: 'let it answer the echostr' },
  {
    is: (text) => text.startsWith('\uFEFF'),
    what: 'puts a byte order mark (BOM) before the echo',
    mend: 'let the proxy or script before the server add nothing; save its files as UTF-8 without BOM',
  },
  {
    is: (text, echostr) => ['"', "'"].some((quote) => text.trim() === `${quote}${echostr}${quote}`),
    what: 'puts quotes around the echo',
    mend: 'let it answer the text itself, not JSON: something before or in the server turns it into JSON',
  },
  {
    is: (text, echostr) => text.trim() === echostr,
    what: 'adds a line break or white space to the echo',
    mend: 'let the proxy or script before the server add nothing to the body',
  },
  {
    is: (text) => /^\s*</.test(text),
    what: 'answers a page instead of the echo',
    mend: 'another server, a bot check or a notice page answers there: let /webhook through to this server',
  },
  {
    is: (text, echostr) => Number(text) === Number(echostr),
    what: 'reads the echo as a number and spoils its last digits',
    mend: 'let it keep the echostr a text',
  },
];

function spoilt({ body, echostr }: CallbackAnswer, where: string): Finding {
  const text = body.toString();
  const spoiling = SPOILINGS.find(({ is }) => is(text, echostr));
  if (spoiling) return wrong(`${where} ${spoiling.what}`, spoiling.mend);
  const what = `${where} does not echo: ${body.length} other bytes came for ${echostr.length}`;
  return wrong(what, 'see that the address leads to this server');
}

function unreachable(code: string, where: string, { stage }: Setup): Finding {
  if (code === 'TimeoutError')
    return wrong(`${where} does not answer`, 'open the firewall, or see why the server hangs');
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
  const mend = isLocal ? 'start it in another terminal: npm start' : 'see that the server runs and its port is open';
  return wrong(`${where} cannot be reached (${code})`, mend);
}
