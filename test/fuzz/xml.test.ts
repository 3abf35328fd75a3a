import fc from 'fast-check';
import { sortKeyOf } from '../../lib/interactions/keys.ts';
import { cdata, legalText } from '../../lib/wechat/callback/cdata.ts';
import { encryptedTexts } from '../../lib/wechat/callback/envelope.ts';
import { parseDelivery } from '../../lib/wechat/callback/sections.ts';
import { MalformedXml, parseXml } from '../../lib/wechat/callback/xml.ts';
import {
  identityOf,
  kindOf,
  MalformedDelivery,
  readArrival,
  readDelivery,
} from '../../lib/wechat/deliveries/delivery.ts';
import { DELIVERIES } from '../fixtures/deliveries.ts';
import { fuzzed } from './runs.ts';

const MARKUP = [
  ...['<xml>', '</xml>', '<a>', '</a>', '<a/>', '<a b="c">', '<Encrypt>', '</Encrypt>', '<', '>', '/>', '</', '<a'],
  ...[
    '<![CDATA[',
    ']]>',
    ']]',
    '<!DOCTYPE xml [<!ENTITY e "x">]>',
    '<!ENTITY',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
    '<?',
    '?>',
  ],
  ...['&amp;', '&e;', '&#0;', '&#65;', '&#x1F600;', '&#xD800;', '&#99999999999;', '&', ';', '\0', '\ufeff', '\ufffe'],
  ...[
    '<__proto__>',
    '</__proto__>',
    '<constructor>',
    '<toString>',
    '</toString>',
    '<#text>',
    '<MsgType>event</MsgType>',
  ],
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...MARKUP) },
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const pieces = fc.array(piece, { maxLength: 40 }).map((all) => all.join(''));
const asDocument = fc.tuple(fc.boolean(), pieces).map(([isWhole, text]) => (isWhole ? `<xml>${text}</xml>` : text));

/** A delivery with a part of it cut out and something put there. */
const mutated = fc
  .tuple(fc.constantFrom(...Object.values(DELIVERIES)), fc.nat(), fc.nat({ max: 30 }), piece)
  .map(([xml, at, length, instead]) => {
    const start = at % xml.length;
    return xml.slice(0, start) + instead + xml.slice(start + length);
  });

const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/)
  .filter((each) => !['constructor', 'prototype'].includes(each));

/** What a line of XML can hold and gives back as it was: line ends become `\n`. */
const text = fc.string({ unit: 'binary', maxLength: 60 }).map((any) => legalText(any).replaceAll('\r', '\n'));

it.each([
  ['anything', asDocument],
  ['a delivery that was tampered with', mutated],
])('the XML reader takes %s or says that it is malformed', async (_, documents) => {
  await fuzzed(
    fc.property(documents, (source) => {
      try {
        const fields = parseXml(source);
        const delivery = readDelivery(fields);
        expect(Buffer.byteLength(sortKeyOf(delivery.createTime, identityOf(fields, delivery)))).toBeLessThan(64);
        expect(kindOf(delivery)).not.toBe('');
      } catch (error) {
        expect(error instanceof MalformedXml || error instanceof MalformedDelivery).toBe(true);
      }
    }),
    2_000,
  );
});

it('the readers of a delivery and of <Encrypt> take anything', async () => {
  await fuzzed(
    fc.property(fc.oneof(asDocument, mutated), (source) => {
      expect(encryptedTexts(source).length).toBeLessThanOrEqual(2);
      const { delivery, identity } = readArrival(source);
      expect(Buffer.byteLength(sortKeyOf(delivery.createTime, identity))).toBeLessThan(64);
      expect(delivery).not.toMatchObject({ reason: 'unexpected' });
    }),
    2_000,
  );
});

it('a document written as WeChat writes it is read in one pass as the parser reads it', async () => {
  const outcome = (source: string): unknown => {
    try {
      return parseDelivery(source);
    } catch (error) {
      return (error as Error).name;
    }
  };
  const simple = fc
    .array(
      fc.oneof(piece, fc.constantFrom('<A>', '</A>', '<A><![CDATA[', ']]></A>', '<B>1</B>', '\n', ' ', '&amp;', '\r')),
      {
        maxLength: 12,
      },
    )
    .map((all) => `<xml>${all.join('')}</xml>`);
  await fuzzed(
    fc.property(fc.oneof(asDocument, mutated, simple), (source) => {
      // The declaration leaves it to the parser.
      expect(outcome(source)).toEqual(outcome(`<?xml version="1.0"?>${source}`));
    }),
    5_000,
  );
});

it('no document of 128 KiB keeps the XML reader busy', async () => {
  const repeated = fc.tuple(fc.array(piece, { minLength: 1, maxLength: 3 }), piece).map(([unit, end]) => {
    const one = unit.join('') || ' ';
    return `<xml>${one.repeat(Math.ceil((120 * 1024) / Buffer.byteLength(one)))}${end}</xml>`;
  });
  await fuzzed(
    fc.property(repeated, (source) => {
      expect(readArrival(source).delivery).toBeDefined();
      expect(encryptedTexts(source)).toBeDefined();
    }),
    30,
  );
});

it('what was written as CDATA is read as it was', async () => {
  await fuzzed(
    fc.property(fc.dictionary(name, text, { minKeys: 1, maxKeys: 8 }), (fields) => {
      const elements = Object.entries(fields).map(([each, value]) => `<${each}>${cdata(value)}</${each}>`);
      expect({ ...parseXml(`<xml>${elements.join('\n')}</xml>`) }).toEqual({ ...fields });
    }),
    1_000,
  );
});
