import { cdata } from './cdata.ts';
import { encrypt } from './encryption.ts';
import { sign } from './signature.ts';

export interface Seal {
  readonly key: Buffer;
  readonly appId: string;
  readonly token: string;
  /** Unix seconds, as text. WeChat's client refuses milliseconds. */
  readonly timestamp: string;
  readonly nonce: string;
}

/** The encrypted form of a passive reply: what answers a delivery in safe mode. `success` is never sealed. */
export function sealReply(xml: string, { key, appId, token, timestamp, nonce }: Seal): string {
  const encrypted = encrypt(key, appId, xml);
  const signature = sign(token, timestamp, nonce, encrypted);
  return (
    `<xml><Encrypt>${cdata(encrypted)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
  );
}
