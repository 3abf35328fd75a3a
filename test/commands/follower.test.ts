import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runFollower } from '../../commands/follower/command.ts';
import { deliveryXml } from '../../commands/follower/delivery.ts';
import { MODES, type Mode, push } from '../../commands/follower/push.ts';
import { decrypt, encrypt, readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { sign } from '../../lib/wechat/callback/signature.ts';
import { parseXml, type XmlFields } from '../../lib/wechat/callback/xml.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';

const FAILURE = '该公众号提供的服务出现故障，请稍后再试';
const OPENID = 'oDemo0001';
const { token, appId, originalId } = SIMULATED_ACCOUNT;
const KEY = readEncodingAesKey(SIMULATED_ACCOUNT.encodingAesKey);
const NOW = 1_767_225_600_000;
const XML = deliveryXml({ openid: OPENID, originalId, type: 'text', text: '你好 ]]> <b> & 😀' }, NOW);

type Received = { query: Record<string, string>; body: string; delivery: XmlFields };
type Answer = (received: Received, seal: (xml: string) => string) => string | number;

/** An account's server that holds every delivery to the platform's rules, and answers as it is told. */
function account(answer: Answer) {
  const received: Received[] = [];
  const handler: typeof fetch = async (input, init) => {
    const query = Object.fromEntries(new URL(String(input)).searchParams);
    const body = String(init?.body);
    const { timestamp = '', nonce = '' } = query;
    if (query.signature !== sign(token, timestamp, nonce)) return new Response('', { status: 401 });
    const { Encrypt } = parseXml(body);
    if (query.encrypt_type === 'aes' && query.msg_signature !== sign(token, timestamp, nonce, String(Encrypt))) {
      return new Response('', { status: 401 });
    }
    const plain = Encrypt === undefined ? body : decrypt(KEY, appId, String(Encrypt));
    const all = { query, body, delivery: parseXml(plain) };
    received.push(all);
    const said = answer(all, (xml) => sealed(xml, timestamp, nonce));
    return typeof said === 'number' ? new Response('', { status: said }) : new Response(said);
  };
  return { received, handler };
}

function sealed(xml: string, timestamp: string, nonce: string, signedWith = token): string {
  const encrypted = encrypt(KEY, appId, xml);
  const signature = sign(signedWith, timestamp, nonce, encrypted);
  return `<xml><Encrypt>${encrypted}</Encrypt><MsgSignature>${signature}</MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce>${nonce}</Nonce></xml>`;
}

function reply(content: string, { to = OPENID, from = originalId, created = '1767225601' } = {}): string {
  return `<xml><ToUserName>${to}</ToUserName><FromUserName>${from}</FromUserName><CreateTime>${created}</CreateTime>${content}</xml>`;
}

const text = (content: string) => reply(`<MsgType>text</MsgType><Content>${content}</Content>`);

const pushTo = (answer: Answer, mode: Mode = 'safe', url = 'http://localhost:3000/webhook') => {
  const { handler, received } = account(answer);
  const pushed = push({ url, account: SIMULATED_ACCOUNT, mode, xml: XML, fetch: handler, now: () => NOW });
  return pushed.then((result) => ({ ...result, received }));
};

describe('a push', () => {
  it.each(MODES)('arrives signed in %s mode, and the answer is shown', async (mode) => {
    const { shown, attempts, received } = await pushTo(
      (_, seal) => (mode === 'safe' ? seal(text('欢迎')) : text('欢迎')),
      mode,
    );
    expect(shown).toBe('欢迎');
    expect(attempts).toMatchObject([{ outcome: 'accepted', status: 200, body: text('欢迎') }]);
    expect(received[0]?.delivery).toMatchObject({
      FromUserName: OPENID,
      Content: '你好 ]]> <b> & 😀',
      MsgType: 'text',
    });
    expect(received[0]?.query).toMatchObject({ openid: OPENID, timestamp: '1767225600' });
  });

  it('carries what each mode carries', async () => {
    const [plain, compatible, safe] = await Promise.all(
      MODES.map(async (mode) => (await pushTo(() => 'success', mode)).received[0]),
    );
    expect(plain?.body).toBe(XML);
    expect(Object.keys(plain?.query ?? {})).toEqual(['signature', 'timestamp', 'nonce', 'openid']);
    expect(Object.keys(parseXml(compatible?.body ?? ''))).toEqual([...Object.keys(parseXml(XML)), 'Encrypt']);
    expect(Object.keys(parseXml(safe?.body ?? ''))).toEqual(['ToUserName', 'Encrypt']);
    const names = ['signature', 'timestamp', 'nonce', 'openid', 'encrypt_type', 'msg_signature'];
    expect(Object.keys(compatible?.query ?? {})).toEqual(names);
    expect(Object.keys(safe?.query ?? {})).toEqual(names);
  });

  it.each(['', 'success'])('is accepted in silence with "%s"', async (answer) => {
    expect(await pushTo(() => answer)).toMatchObject({ shown: '', attempts: [{ outcome: 'accepted' }] });
  });

  it('is tried three times while the service fails, then the follower is told', async () => {
    const { shown, attempts, received } = await pushTo(() => 503);
    expect(shown).toBe(FAILURE);
    expect(attempts.map(({ why }) => why)).toEqual(['HTTP 503', 'HTTP 503', 'HTTP 503']);
    expect(new Set(received.map(({ delivery }) => delivery.MsgId)).size).toBe(1);
  });

  it('ends with the first answer that is accepted', async () => {
    const answers = [503, 301, 'success'];
    const { shown, attempts } = await pushTo(() => answers.shift() ?? 500);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'accepted']);
    expect(shown).toBe('');
  });

  it('keeps what the query of the address holds', async () => {
    const { received } = await pushTo(() => 'success', 'safe', 'http://localhost/hook?account=1');
    expect(received[0]?.query.account).toBe('1');
  });

  it.each<[string, string, Mode]>([
    ['JSON', '{"errcode":0}', 'plain'],
    ['a stray byte', 'success\n', 'plain'],
    ['broken XML', '<xml><MsgType>text', 'plain'],
    ['a text without content', text(''), 'plain'],
    ['a flat MediaId', reply('<MsgType>image</MsgType><MediaId>m</MediaId>'), 'plain'],
    ['an unknown MsgType', reply('<MsgType>toString</MsgType>'), 'plain'],
    ['another receiver', reply('<MsgType>text</MsgType><Content>a</Content>', { to: 'oOther' }), 'plain'],
    ['another sender', reply('<MsgType>text</MsgType><Content>a</Content>', { from: 'gh_other' }), 'plain'],
    ['milliseconds', reply('<MsgType>text</MsgType><Content>a</Content>', { created: '1767225601000' }), 'plain'],
    [
      'a wrong ArticleCount',
      reply('<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles><item><Title>t</Title></item></Articles>'),
      'plain',
    ],
    ['an encrypted answer', sealed(text('a'), '1767225600', '1'), 'plain'],
    ['a readable answer', text('a'), 'safe'],
    ['a wrong MsgSignature', sealed(text('a'), '1767225600', '1', 'OtherToken'), 'safe'],
    ['a TimeStamp in milliseconds', sealed(text('a'), '1767225600000', '1'), 'safe'],
  ])('is not tried again, and shown as a failure, after %s', async (_, answer, mode) => {
    const { shown, attempts } = await pushTo(() => answer, mode);
    expect(attempts).toMatchObject([{ outcome: 'unreadable', why: expect.stringMatching(/./) }]);
    expect(shown).toBe(FAILURE);
  });

  it.each([
    ['<MsgType>image</MsgType><Image><MediaId>m</MediaId></Image>', '[image m]'],
    ['<MsgType>voice</MsgType><Voice><MediaId>m</MediaId></Voice>', '[voice m]'],
    ['<MsgType>video</MsgType><Video><MediaId>m</MediaId><Title>t</Title></Video>', '[video m] t'],
    ['<MsgType>music</MsgType><Music><Title>t</Title><ThumbMediaId>m</ThumbMediaId></Music>', '[music m] t'],
    ['<MsgType>transfer_customer_service</MsgType>', '[handed over to customer service]'],
    [
      '<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles><item><Title>t</Title><Url>u</Url></item><item><Title>v</Title></item></Articles>',
      '[article] t u\n[article] v',
    ],
  ])('shows %s', async (content, shown) => {
    expect((await pushTo(() => reply(content), 'compatible')).shown).toBe(shown);
    expect((await pushTo((_, seal) => seal(reply(content)), 'compatible')).shown).toBe(shown);
  });

  it('is dropped when no answer comes in time, and tried again', async () => {
    const { url, close } = await serve(() => undefined);
    const pushed = await push({ url, account: SIMULATED_ACCOUNT, mode: 'safe', xml: XML, attempts: 2, timeoutMs: 20 });
    await close();
    expect(pushed.attempts.map(({ why }) => why)).toEqual(['no response in time', 'no response in time']);
    expect(pushed.shown).toBe(FAILURE);
  });
});

describe('npm run follower', () => {
  const folder = mkdtempSync(join(tmpdir(), 'follower-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the command against an account's server and a simulated WeChat, both reached by one fetch. */
  async function run(args: string[], answer: Answer = () => 'success', env: Record<string, string> = {}) {
    const { handler, received } = account(answer);
    const simulated = createSimulatedWeChat({ now: () => NOW });
    const called: string[] = [];
    const route: typeof fetch = (input, init) => {
      called.push(new URL(String(input)).host);
      return String(input).includes('/simulator/') ? simulated.fetch(input, init) : handler(input, init);
    };
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const code = await runFollower(args, { env, print, now: () => NOW, fetch: route });
    return { code, printed: lines.join('\n'), received, simulated, called };
  }

  it('sends a text, prints the answer and what the follower sees', async () => {
    const to = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M';
    const welcome = reply('<MsgType>text</MsgType><Content>欢迎</Content>', { to });
    const { code, printed, received } = await run(['你好'], (_, seal) => seal(welcome));
    expect(code).toBe(0);
    expect(received[0]?.delivery).toMatchObject({ MsgType: 'text', Content: '你好', FromUserName: to });
    expect(received[0]?.delivery.MsgId).toMatch(/^\d{19}$/);
    expect(printed).toMatch(/attempt 1, \d+ ms: HTTP 200 <xml>/);
    expect(printed).toContain('the follower sees: 欢迎');
  });

  it('prints how to tap a link of the reply', async () => {
    const to = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M';
    const link = '<a href="weixin://bizmsgmenu?msgmenucontent=看回答&msgmenuid=reply-abc-0">看回答</a>';
    const linked = reply(`<MsgType>text</MsgType><Content><![CDATA[wait\n${link}]]></Content>`, { to });
    const { printed } = await run(['你好'], (_, seal) => seal(linked));
    expect(printed).toContain('to tap it: npm run follower -- --tap reply-abc-0 看回答');
  });

  it('shows no text that is longer than WeChat shows', async () => {
    const to = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M';
    const sent = (bytes: number) => reply(`<MsgType>text</MsgType><Content>${'a'.repeat(bytes)}</Content>`, { to });
    expect((await run(['你好'], (_, seal) => seal(sent(2_048)))).printed).not.toContain(FAILURE);
    expect((await run(['你好'], (_, seal) => seal(sent(2_049)))).printed).toContain(FAILURE);
  });

  it.each<[string[], object]>([
    [['--event', 'subscribe'], { Event: 'subscribe', EventKey: '' }],
    [['--event', 'subscribe', '--scene', 'shop-42'], { EventKey: 'qrscene_shop-42', Ticket: 'gQdemoTicket' }],
    [['--event', 'SCAN', '--scene', 'shop-42'], { Event: 'SCAN', EventKey: 'shop-42', Ticket: 'gQdemoTicket' }],
    [['--event', 'CLICK', '--key', 'V1001_GOOD'], { MsgType: 'event', Event: 'CLICK', EventKey: 'V1001_GOOD' }],
    [['--event', 'LOCATION'], { Latitude: '31.2304', Longitude: '121.4737' }],
    [['--event', 'scancode_waitmsg', '--key', 'S'], { ScanCodeInfo: { ScanType: 'qrcode' } }],
    [['--event', 'pic_weixin', '--key', 'P'], { SendPicsInfo: { Count: '1' } }],
    [['--tap', 'reply-abc-0', '看回答'], { MsgType: 'text', Content: '看回答', bizmsgmenuid: 'reply-abc-0' }],
    [['--type', 'image'], { MsgType: 'image', MediaId: 'M-img-1' }],
    [['--type', 'location'], { Location_X: '31.2304', Label: '示例路 1 号' }],
    [['--openid', 'oOther', 'hi'], { FromUserName: 'oOther' }],
  ])('makes a delivery of %j', async (args, delivery) => {
    const { code, received } = await run(args);
    expect(code).toBe(0);
    expect(received[0]?.delivery).toMatchObject(delivery);
    expect(received[0]?.delivery).not.toHaveProperty(args.includes('--event') ? 'MsgId' : 'Event');
  });

  it('sends the same delivery several times at once, and says whether the answers agree', async () => {
    const { received, printed } = await run(['--repeat', '3', 'hi']);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ delivery }) => delivery.MsgId)).size).toBe(1);
    expect(printed).toContain('all 3 responses are the same');
    const answers = ['success', '', 'success'];
    expect((await run(['--repeat', '3', 'hi'], () => answers.pop() ?? '')).printed).toContain('THE RESPONSES DIFFER');
  });

  it('sends the XML of a file as it is', async () => {
    const file = join(folder, 'delivery.xml');
    writeFileSync(file, `${XML}\n`);
    const { received } = await run(['--xml', file, '--mode', 'plain']);
    expect(received[0]?.body).toBe(XML);
  });

  it('opens the simulated 48-hour window, and prints what the account sent meanwhile', async () => {
    let sending: Promise<unknown> | undefined;
    const world = createSimulatedWeChat({ now: () => NOW });
    const lines: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (String(input).includes('/simulator/')) return world.fetch(input, init);
      sending = sendHello(world);
      await sending;
      return new Response('success');
    };
    const print = (line: string) => void lines.push(line);
    await runFollower(['--openid', OPENID, 'hi'], { env: {}, print, now: () => NOW, fetch });
    expect(await sending).toEqual({ errcode: 0, errmsg: 'ok' });
    expect(lines.at(-1)).toContain('the account sent: {"touser":"oDemo0001"');
  });

  it('takes the account, the ports and the mode from the environment', async () => {
    const mine = { PORT: '4000', WECHAT_TOKEN: token, WECHAT_APP_ID: appId };
    const { called, received, printed } = await run(['hi'], undefined, mine);
    expect(called).toEqual(expect.arrayContaining(['localhost:4000', 'localhost:4001']));
    expect(received[0]?.body).toBe(parseXmlSource(printed));
    const asked = await run(['hi'], undefined, { WECHAT_MESSAGE_MODE: 'compatible' });
    expect(asked.received[0]?.delivery).toHaveProperty('Content', 'hi');
    expect(asked.received[0]?.body).toContain('<Encrypt>');
    const forged = await run(['hi'], undefined, { WECHAT_TOKEN: 'OtherToken' });
    expect(forged.printed).toContain('HTTP 401');
  });

  it('never tells the real WeChat', async () => {
    const { called } = await run(['hi'], undefined, { WECHAT_API_ORIGIN: 'https://api.weixin.qq.com' });
    expect(called).toEqual(['localhost:3000']);
  });

  it('ends with 1 when the service failed', async () => {
    const { code, printed } = await run(['hi'], () => 500);
    expect(code).toBe(1);
    expect(printed.match(/attempt \d, \d+ ms: HTTP 500/g)).toHaveLength(3);
    expect(printed).toContain(FAILURE);
  });

  it.each([
    [['--mode', 'secret', 'hi'], '--mode must be one of plain, compatible, safe'],
    [['--repeat', 'x', 'hi'], '--repeat must be a whole number'],
    [['--type', 'toString'], '--type must be one of text, image'],
    [['--nothing'], '--nothing'],
  ])('refuses %j', async (args, message) => {
    const { code, printed } = await run(args);
    expect(code).toBe(2);
    expect(printed).toContain(message);
    expect(printed).toContain('npm run follower');
  });

  it('tries as often as it is told', async () => {
    const { printed, received } = await run(['--try', '1', 'hi'], () => 500);

    expect(received).toHaveLength(1);
    expect(printed.match(/attempt \d/g)).toEqual(['attempt 1']);
  });

  it('runs from the command line', async () => {
    const { url, close } = await serve((response) => response.end('success'));
    const args = ['--import', 'tsx', join(process.cwd(), 'commands/follower.ts'), '--url', url, '你好'];
    const env = { ...process.env, WECHAT_API_ORIGIN: new URL(url).origin };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    await close();
    expect(stdout).toContain('HTTP 200 success');
    expect(stdout).toContain('the follower sees nothing');
  });
});

function parseXmlSource(printed: string): string {
  return printed.split('\n').find((line) => line.startsWith('<xml>')) ?? '';
}

async function sendHello(world: ReturnType<typeof createSimulatedWeChat>): Promise<unknown> {
  const secret = SIMULATED_ACCOUNT.appSecret;
  const query = new URLSearchParams({ grant_type: 'client_credential', appid: appId, secret });
  const granted = await world.fetch(`http://localhost/cgi-bin/token?${query}`);
  const { access_token } = (await granted.json()) as { access_token: string };
  const body = JSON.stringify({ touser: OPENID, msgtype: 'text', text: { content: '稍等' } });
  const url = `http://localhost/cgi-bin/message/custom/send?access_token=${access_token}`;
  return (await world.fetch(url, { method: 'POST', body })).json();
}

async function serve(answer: (response: ServerResponse) => void) {
  const server = createServer((_: IncomingMessage, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`, close };
}
