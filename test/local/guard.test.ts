import type { Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Guard, guarded, isSigned } from '../../local/guard.ts';
import { closed, listening, portOf } from '../../local/listening.ts';

const servers: Server[] = [];
afterAll(() => Promise.all(servers.map(closed)));

/** The status of an answer to these lines, sent as they stand: no client in between corrects them. 200 is let in. */
async function guardedPort(guard?: Guard) {
  const server = await listening(
    guarded((_, response) => response.end('let in'), guard),
    0,
  );
  servers.push(server);
  return async (...lines: readonly string[]): Promise<number> => {
    const socket = connect(portOf(server), '127.0.0.1');
    socket.end(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(await text(socket)) ?? [];
    return Number(status);
  };
}

const GET = 'GET /api/v0.1/menu HTTP/1.1';
const POST = 'POST /api/v0.1/login HTTP/1.1';
const HOST = 'Host: localhost:3000';

describe('a local port', () => {
  let ask: Awaited<ReturnType<typeof guardedPort>>;
  beforeAll(async () => {
    ask = await guardedPort();
  });

  it.each(['localhost:3000', 'localhost', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST:3000', 'localhost.:3000'])(
    'answers a program that names this computer: %s',
    async (host) => {
      expect(await ask(GET, `Host: ${host}`)).toBe(200);
      expect(await ask(POST, `Host: ${host}`)).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '127.0.0.1.nip.io:3000',
    'localhost:3000.evil.example',
    'localhost@evil.example',
    'evil.example:3000',
    'xlocalhost',
    'localhost:port',
    'localhost..',
    '0.0.0.0:3000',
    '[::ffff:7f00:1]:3000',
    '192.168.1.7:3000',
    '',
  ])('refuses a request that names another host, as one does whose name was bound anew: %s', async (host) => {
    expect(await ask(GET, `Host: ${host}`)).toBe(403);
  });

  it('refuses a request that names no host, or two', async () => {
    expect(await ask('GET / HTTP/1.0')).toBe(403);
    expect(await ask(GET, HOST, 'Host: evil.example')).not.toBe(200);
    expect(await ask(GET, 'Host: evil.example', HOST)).not.toBe(200);
  });

  it.each(['GET http://evil.example/ HTTP/1.1', 'GET http://localhost:3000/ HTTP/1.1', 'OPTIONS * HTTP/1.1'])(
    'refuses what is meant for a proxy or for the whole server: %s',
    async (line) => expect(await ask(line, HOST)).toBe(403),
  );

  it.each([
    'https://evil.example',
    'http://localhost:3001',
    'http://localhost',
    'http://127.0.0.1:3000',
    'http://localhost:3000.evil.example',
    'http://localhost.:3000',
    'null',
    '',
    'file://',
  ])('refuses a page of another origin, whatever it asks: %s', async (origin) => {
    const lines = [GET, POST, 'OPTIONS /api/v0.1/menu HTTP/1.1', 'GET /console HTTP/1.1'];
    for (const line of lines) expect([line, await ask(line, HOST, `Origin: ${origin}`)]).toEqual([line, 403]);
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    expect(await ask('GET / HTTP/1.1', HOST, `Origin: ${origin}`, ...upgrade)).toBe(403);
  });

  it('refuses two Origins, one of them its own', async () => {
    const [own, foreign] = ['Origin: http://localhost:3000', 'Origin: https://evil.example'];
    expect(await ask(POST, HOST, own, foreign)).toBe(403);
    expect(await ask(POST, HOST, foreign, own)).toBe(403);
  });

  it('answers its own page', async () => {
    const site = 'Sec-Fetch-Site: same-origin';
    expect(await ask(POST, HOST, 'Origin: http://localhost:3000', site)).toBe(200);
    expect(await ask(POST, 'Host: [::1]:3000', 'Origin: http://[::1]:3000', site)).toBe(200);
    expect(await ask(GET, HOST, site)).toBe(200);
    expect(await ask(GET, HOST, 'Sec-Fetch-Site: none')).toBe(200);
  });

  it.each(['cross-site', 'same-site', 'whatever'])(
    'refuses what a page of another origin loads without saying its Origin: %s',
    async (site) => {
      const [image, frame] = ['Sec-Fetch-Dest: image', 'Sec-Fetch-Dest: iframe'];
      const loads = [[image], [frame, 'Sec-Fetch-Mode: navigate'], []];
      for (const headers of loads) {
        expect(await ask(GET, HOST, `Sec-Fetch-Site: ${site}`, ...headers)).toBe(403);
        expect(await ask('GET / HTTP/1.1', HOST, `Sec-Fetch-Site: ${site}`, ...headers)).toBe(403);
      }
    },
  );

  it('lets a link from elsewhere open a page, and nothing else', async () => {
    const link = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];
    for (const path of ['/', '/console', '/console/menu?x=1', '/phone']) {
      expect([path, await ask(`GET ${path} HTTP/1.1`, HOST, ...link)]).toEqual([path, 200]);
      expect([path, await ask(`POST ${path} HTTP/1.1`, HOST, ...link)]).toEqual([path, 403]);
    }
    for (const path of ['/api/v0.1/menu', '/cgi-bin/token', '/simulator/state', '/consoles', '//evil.example']) {
      expect([path, await ask(`GET ${path} HTTP/1.1`, HOST, ...link)]).toEqual([path, 403]);
    }
  });
});

describe('a tunnel', () => {
  it('is answered when PUBLIC_HOST names it, and then its own pages', async () => {
    const ask = await guardedPort({ publicHost: 'Abc.trycloudflare.com' });
    expect(await ask(GET, 'Host: abc.trycloudflare.com')).toBe(200);
    expect(await ask(POST, 'Host: abc.trycloudflare.com', 'Origin: https://abc.trycloudflare.com')).toBe(200);
    expect(await ask(GET, HOST)).toBe(200);
    for (const other of ['def.trycloudflare.com', 'abc.trycloudflare.com.evil.example', 'trycloudflare.com']) {
      expect(await ask(GET, `Host: ${other}`)).toBe(403);
    }
    expect(await ask(POST, 'Host: abc.trycloudflare.com', 'Origin: https://evil.example')).toBe(403);
  });

  it('brings what WeChat has signed under any name, and by that way nothing else', async () => {
    const ask = await guardedPort({ exempt: isSigned });
    expect(await ask('POST /webhook?signature=x HTTP/1.1', 'Host: abc.example')).toBe(200);
    expect(await ask('GET /webhook HTTP/1.1', 'Host: abc.example')).toBe(200);
    for (const line of [
      'OPTIONS /webhook HTTP/1.1',
      'POST /webhook/ HTTP/1.1',
      'POST /webhook/../api/v0.1/login HTTP/1.1',
      'POST /%77ebhook HTTP/1.1',
      'POST /api/v0.1/login?/webhook HTTP/1.1',
      'POST http://localhost/webhook HTTP/1.1',
    ]) {
      expect([line, await ask(line, 'Host: abc.example')]).toEqual([line, 403]);
    }
  });
});

describe('an internal port', () => {
  const credential = (key: string) =>
    `Authorization: AWS4-HMAC-SHA256 Credential=${key}/20261125/local/dynamodb/aws4_request`;

  it('answers whoever names the access key, and nobody else', async () => {
    const ask = await guardedPort({ accessKey: '0123456789abcdef' });
    expect(await ask('POST / HTTP/1.1', HOST, credential('0123456789abcdef'))).toBe(200);
    for (const key of ['local', '', '0123456789abcde', '0123456789abcdef0', '0123456789ABCDEF']) {
      expect([key, await ask('POST / HTTP/1.1', HOST, credential(key))]).toEqual([key, 403]);
    }
    expect(await ask('POST / HTTP/1.1', HOST)).toBe(403);
    expect(await ask('POST / HTTP/1.1', HOST, 'Authorization: Bearer 0123456789abcdef')).toBe(403);
    expect(await ask('POST /?X-Amz-Credential=0123456789abcdef/ HTTP/1.1', HOST)).toBe(403);
  });

  it('asks for the rest all the same', async () => {
    const ask = await guardedPort({ accessKey: '0123456789abcdef' });
    const key = credential('0123456789abcdef');
    expect(await ask('POST / HTTP/1.1', 'Host: evil.example', key)).toBe(403);
    expect(await ask('POST / HTTP/1.1', HOST, key, 'Origin: https://evil.example')).toBe(403);
    expect(await ask('POST / HTTP/1.1', HOST, key, 'Sec-Fetch-Site: cross-site')).toBe(403);
  });
});
