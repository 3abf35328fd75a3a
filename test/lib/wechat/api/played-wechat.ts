import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WeChat, wechatClient } from '../../../../lib/wechat/api/client.ts';
import type { WeChatResult } from '../../../../lib/wechat/api/error.ts';

/** One request as WeChat would see it. */
export type PlayedRequest = {
  method: string | undefined;
  path: string;
  query: Record<string, string>;
  body: string;
  type: string | undefined;
};

type Play = (asked: PlayedRequest, response: ServerResponse, count: number) => void;

/** A server that plays WeChat: `play` answers, `asked` keeps what came in. Each file closes its own. */
export async function playWeChat(play: Play) {
  const asked: PlayedRequest[] = [];
  const server = createServer(async (request, response) => {
    const one = await read(request);
    asked.push(one);
    play(one, response, asked.length);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise((closed) => server.close(closed).closeAllConnections());
  return { origin, asked, close };
}

async function read(request: IncomingMessage): Promise<PlayedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://wechat');
  return {
    method: request.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    body: Buffer.concat(chunks).toString(),
    type: request.headers['content-type'],
  };
}

/** The client over a network of one function: what was sent, and WeChat's answer to the nth call (the last one stays). */
export function wechatThatAnswers(...answers: WeChatResult[]): {
  call: WeChat;
  sent: { path: string; body: unknown }[];
} {
  const sent: { path: string; body: unknown }[] = [];
  const fetch = async (url: unknown, init?: RequestInit) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? { errcode: 0, errmsg: 'ok' };
    sent.push({
      path: (url as URL).pathname,
      body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    return Response.json(answer);
  };
  const token = { current: async () => 'token-1', refused: async () => 'token-2' };
  return { call: wechatClient({ token, origin: 'https://wechat.example', fetch, sleep: async () => undefined }), sent };
}
