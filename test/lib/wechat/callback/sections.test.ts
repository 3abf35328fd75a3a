import fc from 'fast-check';
import { legalText } from '../../../../lib/wechat/callback/cdata.ts';
import { envelopeOf, parseDelivery } from '../../../../lib/wechat/callback/sections.ts';
import { MalformedXml } from '../../../../lib/wechat/callback/xml.ts';
import { readArrival } from '../../../../lib/wechat/deliveries/delivery.ts';
import { DELIVERIES, documentOf, eventDocument, VARIANTS } from '../../../fixtures/deliveries.ts';

/** As WeChat writes a text: whatever a follower wrote between the marks, unchanged. */
const written = (name: string, text: string): string => `<${name}><![CDATA[${text}]]></${name}>`;
const ID = '<MsgId>24300000000000017</MsgId>';

const INJECTIONS = [
  ['XML with a section', '为什么报错 <order><id><![CDATA[42]]></id></order>'],
  ['code', 'if (a[b[i]]>c) return; <b>'],
  ['the end of a section', ']]>'],
  ['ends of sections, one after the other', ']]>]]>]]>'],
  ['the beginning of a section', '<![CDATA['],
  ['an end and a beginning', 'a]]><![CDATA[b'],
  ['what is split, and an end', 'a]]]]><![CDATA[>b]]>c'],
  ['brackets at its end', 'a]]'],
  ['a mis-closed tag', '<a><b>x</a></b>'],
  ['an end tag alone', '</Content></xml>'],
  ['a comment that begins', ']]><!-- '],
  ['a document type', ']]><!DOCTYPE x [<!ENTITY a "b">]>'],
  ['an instruction', ']]><?php ?>'],
  ['another Content', 'a]]></Content><Content><![CDATA[b'],
  ['its own end', 'a]]></Content>'],
  ['its own end twice', 'a]]></Content>]]></Content>'],
  ['another MsgType', 'a]]></Content><MsgType><![CDATA[event]]></MsgType><Content><![CDATA[b'],
  ['another follower', ']]></Content><FromUserName><![CDATA[oVictim]]></FromUserName><Content><![CDATA['],
  ['another MsgId', ']]></Content><MsgId>1</MsgId><Content><![CDATA['],
  ['a new element', ']]></Content><Evil>1</Evil><Content><![CDATA['],
  ['the end of the document', ']]></Content></xml>'],
  ['a whole document', `]]></Content></xml>${DELIVERIES['event.subscribe']}`],
  ['a comment over what follows', ']]></Content><Evil>1</Evil><!--'],
  ['emoji', '👩‍👩‍👧]]>𠮷'],
] as const;

describe("a follower's text", () => {
  it.each(INJECTIONS)('with %s is read to the letter, and is nothing but a text', (_, content) => {
    const source = documentOf('text', written('Content', content) + ID);
    const plain = readArrival(documentOf('text', written('Content', 'x') + ID));

    expect(readArrival(source)).toEqual({ ...plain, delivery: { ...plain.delivery, content } });
  });

  it.each(INJECTIONS)('with %s is read to the letter where the device authenticated it', (_, text) => {
    const recognition = text.replaceAll('Content', 'Recognition');
    const source = documentOf('voice', `${written('MediaId', 'M')}${written('Recognition', recognition)}${ID}`);

    expect(readArrival(source).delivery).toMatchObject({ type: 'voice', media_id: 'M', recognition });
    expect(readArrival(source).delivery).not.toHaveProperty('other');
  });

  it.each(INJECTIONS)('with %s is read to the letter in a code that was scanned', (_, text) => {
    const scanned = text.replaceAll('Content', 'ScanResult');
    const source = eventDocument(
      'scancode_waitmsg',
      `${written('EventKey', 'K')}<ScanCodeInfo>${written('ScanType', 'qrcode')}${written('ScanResult', scanned)}</ScanCodeInfo>`,
    );

    expect(readArrival(source).delivery).toMatchObject({ key: 'K', scan_result: scanned });
  });

  it('of any characters is read to the letter', () => {
    const piece = fc.oneof(
      fc.constantFrom(']]>', ']', '>', '<![CDATA[', '</Content>', '<Content>', '<MsgType>', '<!--', '&lt;', '</xml>'),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => legalText(text).replaceAll('\r', '\n')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const content = pieces.join('');
        const split = /^(?!.*\]\]\]\]><!\[CDATA\[>)/s;
        fc.pre(split.test(content));
        expect(readArrival(documentOf('text', written('Content', content) + ID)).delivery).toMatchObject({
          content,
          id: '24300000000000017',
        });
      }),
      { seed: 20261126, numRuns: 500 },
    );
  });

  it('that somebody split is joined', () => {
    const source = documentOf('text', written('Content', 'a]]]]><![CDATA[>b]]]]><![CDATA[>') + ID);
    expect(parseDelivery(source).Content).toBe('a]]>b]]>');
  });
});

const link = (title: string, description: string, url = 'https://example.com/') =>
  documentOf('link', `${written('Title', title)}${written('Description', description)}${written('Url', url)}${ID}`);

describe('a kind with several texts', () => {
  it.each(INJECTIONS)('with %s in the first is read to the letter', (_, text) => {
    expect(readArrival(link(text, text)).delivery).toMatchObject({ title: text, description: text });
  });

  it.each([
    ['the end of the first', link('a]]></Title>', 'd')],
    ['an element more', link('a]]></Title><Evil>1</Evil><Title><![CDATA[b', 'd')],
    ['the second in the first', link('a]]></Title><Description><![CDATA[b', 'd')],
    ['the first in the second', link('t', ']]></Description><Title><![CDATA[x]]></Title><Description><![CDATA[')],
    ['another order', documentOf('link', `${written('Url', 'u')}${written('Title', 't')}${ID}`)],
    [
      'a place that ends itself',
      eventDocument(
        'location_select',
        `<SendLocationInfo>${written('Label', 'x]]></Label><Evil>1</Evil><Label><![CDATA[')}${written('Poiname', '')}</SendLocationInfo>`,
      ),
    ],
  ])('is unreadable with %s, and the follower is known', (_, source) => {
    expect(readArrival(source).delivery).toMatchObject({ type: 'unreadable', from: 'oDemo0001', raw: source });
  });
});

describe('elsewhere', () => {
  it.each([
    ['a tap', eventDocument('CLICK', written('EventKey', 'a]]></EventKey><Evil>1</Evil><EventKey><![CDATA[b'))],
    [
      'a type nobody has heard of',
      documentOf('hologram', written('A', 'x]]></A><MsgType>text</MsgType><A><![CDATA[y')),
    ],
    [
      'a message before its MsgType',
      `<xml>${written('Content', 'a]]></Content><MsgType>event</MsgType><Content><![CDATA[')}<MsgType>text</MsgType></xml>`,
    ],
    [
      'an invoice',
      eventDocument('submit_invoice_title', written('title', 'a]]></title><tax_no>1</tax_no><title><![CDATA[')),
    ],
  ])('%s with an element more in a text is unreadable', (_, source) => {
    expect(() => parseDelivery(source)).toThrow(MalformedXml);
  });

  it.each(Object.entries({ ...DELIVERIES, ...VARIANTS }))('%s is read as XML has it', (_, source) => {
    expect(readArrival(source).delivery.type).not.toBe('unreadable');
    expect(readArrival(source.replaceAll('><', '>\n  <')).delivery.type).not.toBe('unreadable');
  });
});

describe('an envelope', () => {
  it.each([
    ['of a whole document', DELIVERIES['event.CLICK'], { FromUserName: 'oDemo0001', MsgType: 'event', Event: 'CLICK' }],
    ['of one that breaks off', DELIVERIES.text.slice(0, 150), { FromUserName: 'oDemo0001' }],
    ['that is no document', 'hello <FromUserName>o</FromUserName>', {}],
    ['that a text imitates', '<xml><Content>x</Content><FromUserName>o</FromUserName></xml>', {}],
    ['that is empty', '', {}],
  ])('%s is read as far as it goes', (_, source, found) => {
    expect(envelopeOf(source)).toMatchObject(found);
    expect(Object.keys(envelopeOf(source)).length).toBeLessThanOrEqual(Object.keys(found).length + 2);
  });
});

it.each([
  ['sections that end with no element', '<A><![CDATA[x]]></B>'],
  ['texts that never end', '<Content><![CDATA[x]]>'],
  ['ends of the text', ']]></Content>'],
  ['beginnings', '<![CDATA['],
  ['beginnings of the text', '<Content><![CDATA['],
  ['ends', ']]>'],
  ['blanks', '                    <![CDATA['],
  ['splits', ']]]]><![CDATA[>'],
])('128 KiB of %s are read in a time that is linear: quadratic, it would run out', (_, piece) => {
  const texts = piece.repeat((128 * 1024) / piece.length);
  for (const source of [
    texts,
    documentOf('text', texts),
    documentOf('text', `<Content><![CDATA[${texts}]]></Content>`),
  ]) {
    expect(readArrival(source).delivery).toBeDefined();
  }
});
