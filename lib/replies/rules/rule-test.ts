import { type Checked, checkShape, invalid, refused } from '../../contract/issues.ts';
import { hasCode } from '../../platform/error.ts';
import { parseDelivery } from '../../wechat/callback/sections.ts';
import { type Delivery, readDelivery } from '../../wechat/deliveries/delivery.ts';
import { RuleTest } from './shape.ts';

/** The delivery and time of a rule test; `now` in milliseconds. */
export type TestInput = { readonly delivery: Delivery; readonly now: number };

type Short = NonNullable<RuleTest['delivery']>;

const TEST_OPENID = 'oFollower';
const TEST_ACCOUNT = 'gh_account';

/** Reads the input of a rule test: a delivery in short, or as XML; at a time, else now. */
export function readRuleTest(body: unknown, now: number): Checked<TestInput> {
  const read = checkShape(RuleTest, body);
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
    if (hasCode(error, 'MALFORMED_XML', 'MALFORMED_DELIVERY')) return refused(invalid('xml', error.message));
    throw error;
  }
}

/** The delivery as if it came at that time, without the fields that rules do not read. */
function inFull(short: Short, now: number): Delivery {
  const envelope = { to: TEST_ACCOUNT, from: short.from ?? TEST_OPENID, createTime: Math.floor(now / 1000) };
  const fields = short.type === 'event' ? { ...short, ...requiredFields(short) } : { id: '', ...short };
  return { ...fields, ...envelope } as unknown as Delivery;
}

/** A SCAN always has a scene, a CLICK always a key. */
function requiredFields({ event, scene = '', key = '' }: Extract<Short, { type: 'event' }>): object {
  if (event === 'SCAN') return { scene };
  return event === 'CLICK' ? { key } : {};
}
