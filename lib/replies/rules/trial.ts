import { type Checked, checkShape, invalid, refused } from '../../contract/issues.ts';
import { parseDelivery } from '../../wechat/callback/sections.ts';
import { MalformedXml } from '../../wechat/callback/xml.ts';
import { type Delivery, MalformedDelivery, readDelivery } from '../../wechat/deliveries/delivery.ts';
import { Trial } from './shape.ts';

/** What the rules are tried with. */
export type TestInput = { readonly delivery: Delivery; readonly now: number };

type Short = NonNullable<Trial['delivery']>;

const SOMEBODY = 'oFollower';
const US = 'gh_account';

/** Reads what to try the rules with: a delivery in short, or as XML; at a moment, else now. */
export function readTrial(body: unknown, now: number): Checked<TestInput> {
  const read = checkShape(Trial, body);
  if (!read.ok) return read;
  const { delivery, xml, at } = read.value;
  const moment = at === undefined ? now : Date.parse(at);
  if (delivery === undefined && xml === undefined)
    return refused({ path: 'delivery', code: 'missing', message: 'is missing' });
  if (delivery !== undefined && xml !== undefined) return refused(invalid('', 'delivery and xml are both given'));
  if (delivery !== undefined) return { ok: true, value: { delivery: inFull(delivery, moment), now: moment } };
  return readXml(xml ?? '', moment);
}

function readXml(xml: string, now: number): Checked<TestInput> {
  try {
    return { ok: true, value: { delivery: readDelivery(parseDelivery(xml)), now } };
  } catch (error) {
    if (error instanceof MalformedXml || error instanceof MalformedDelivery)
      return refused(invalid('xml', error.message));
    throw error;
  }
}

/** The delivery as if it came at that moment. What rules do not look at is missing. */
function inFull(short: Short, now: number): Delivery {
  const envelope = { to: US, from: short.from ?? SOMEBODY, createTime: Math.floor(now / 1000) };
  const asked = short.type === 'event' ? { ...short, ...needed(short) } : { id: '', ...short };
  return { ...asked, ...envelope } as unknown as Delivery;
}

/** A scan always tells a scene, a click always a key. */
function needed({ event, scene = '', key = '' }: Extract<Short, { type: 'event' }>): object {
  if (event === 'SCAN') return { scene };
  return event === 'CLICK' ? { key } : {};
}
