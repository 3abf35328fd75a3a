import fc from 'fast-check';
import { cdata } from '../../../../lib/wechat/callback/cdata.ts';
import { MalformedXml, parseXml } from '../../../../lib/wechat/callback/xml.ts';

function contentOf(inside: string): unknown {
  return parseXml(`<xml><Content>${inside}</Content></xml>`).Content;
}

describe('a text', () => {
  it.each([
    ['digits with leading zeros', '<![CDATA[0012]]>', '0012'],
    ['digits outside CDATA', '0012', '0012'],
    ['an id above 2^53', '24300000000000017', '24300000000000017'],
    ['an exponent', '1e5', '1e5'],
    ['a truth', 'true', 'true'],
    ['blanks around', '<![CDATA[  hi \n]]>', '  hi \n'],
    ['blanks around, outside CDATA', '  hi ', '  hi '],
    ['blanks only', '<![CDATA[   ]]>', '   '],
    ['nothing', '', ''],
    ['empty CDATA', '<![CDATA[]]>', ''],
    ['emoji', '<![CDATA[👩‍👩‍👧 𠮷]]>', '👩‍👩‍👧 𠮷'],
    ['markup in CDATA', '<![CDATA[<b> & "ok" </Content>]]>', '<b> & "ok" </Content>'],
    ['entities in CDATA', '<![CDATA[&lt;&amp;&#65;]]>', '&lt;&amp;&#65;'],
    [
      'a document type declaration in CDATA',
      '<![CDATA[<!DOCTYPE x [<!ENTITY a "b">]>]]>',
      '<!DOCTYPE x [<!ENTITY a "b">]>',
    ],
    ['a comment in CDATA', '<![CDATA[<!-- x -->]]>', '<!-- x -->'],
    ['the end of CDATA, split', '<![CDATA[a]]]]><![CDATA[>b]]>', 'a]]>b'],
    ['text, CDATA, text', 'a &lt; <![CDATA[&lt;]]> &gt; b', 'a < &lt; > b'],
    ['a comment inside', 'a<!-- <b> -->b', 'ab'],
    ['the five entities', '&lt;&gt;&amp;&quot;&apos;', '<>&"\''],
    ['numeric references', '&#65;&#x42;&#x1F600;&#10;', 'AB😀\n'],
    ['an entity decoded once', '&amp;lt;&#38;amp;', '&lt;&amp;'],
    ['entities of HTML', '&nbsp;&copy;&LT;', '&nbsp;&copy;&LT;'],
  ])('may be %s', (_what, inside, text) => {
    expect(contentOf(inside)).toBe(text);
  });

  it('survives being written as CDATA', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((candidate) => !candidate.includes('\r'));
    const marks = fc.constantFrom(']]>', ']', '>', '<![CDATA[', '<', '&', '&lt;', ' ', '😀', '0');
    fc.assert(
      fc.property(fc.array(fc.oneof(text, marks)), (pieces) => {
        expect(contentOf(cdata(pieces.join('')))).toBe(pieces.join(''));
      }),
      { seed: 20261122 },
    );
  });

  it('loses the characters XML cannot hold when written as CDATA', () => {
    expect(cdata('a\u0000\u0008b\u000b\u000c\u001fc\ufffe\uffffd\ud83de\ude00f\t\n😀')).toBe(
      '<![CDATA[abcdef\t\n😀]]>',
    );
  });

  it('is split anew where a lost character joined the end of CDATA', () => {
    expect(contentOf(cdata(']]\u0000>'))).toBe(']]>');
  });
});

describe('elements', () => {
  it('nest, and become a list where a name is repeated', () => {
    const fields = parseXml('<xml><A><B>1</B><B>2</B></A><C/><D><E><F>3</F></E></D></xml>');
    expect(fields).toEqual({ A: { B: ['1', '2'] }, C: '', D: { E: { F: '3' } } });
  });

  it('may stand on lines of their own, after a mark of byte order, a declaration and comments', () => {
    const source =
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- a --><xml>\n  <A>\n    <B>1</B>\n  </A>\n</xml>\n<!-- b -->\n';
    expect(parseXml(source)).toEqual({ A: { B: '1' } });
  });

  it('may be absent', () => {
    expect(parseXml('<xml> </xml>')).toEqual({});
  });

  it('keep the text that stands beside other elements', () => {
    expect(parseXml('<xml><A>x<B>1</B> </A></xml>')).toEqual({ A: { '#text': 'x ', B: '1' } });
  });

  it('may have attributes, which WeChat does not use', () => {
    expect(parseXml('<xml a="1"><A b="<!-- >">x</A></xml>')).toEqual({ A: 'x' });
  });

  it('mean nothing to JavaScript, whatever their names', () => {
    const fields = parseXml('<xml><toString>1</toString><hasOwnProperty><valueOf>2</valueOf></hasOwnProperty></xml>');
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect({ ...fields }).toEqual({ toString: '1', hasOwnProperty: { valueOf: '2' } });
    expect(fields.constructor).toBeUndefined();
  });

  it('may be sixteen levels deep', () => {
    expect(() => parseXml(nested(15))).not.toThrow();
  });
});

function nested(levels: number): string {
  return `<xml>${'<a>'.repeat(levels)}1${'</a>'.repeat(levels)}</xml>`;
}

const BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>';

describe('a document is refused', () => {
  it.each([
    ['that is empty', ''],
    ['that is no XML', 'hello'],
    ['that is JSON', '{"xml":{}}'],
    ['with another root', '<html><A>1</A></html>'],
    ['with a root in capitals', '<XML><A>1</A></XML>'],
    ['with two roots', '<xml><A>1</A></xml><xml><A>2</A></xml>'],
    ['with two empty roots', '<xml/><xml/>'],
    ['with a second root of another name', '<xml><A>1</A></xml><b/>'],
    ['with text after the root', '<xml><A>1</A></xml>garbage'],
    ['with CDATA after the root', '<xml><A>1</A></xml><![CDATA[garbage]]>'],
    ['with CDATA before the root', '<![CDATA[garbage]]><xml><A>1</A></xml>'],
    ['with text before the root', 'garbage<xml><A>1</A></xml>'],
    ['with text in place of elements', '<xml>garbage</xml>'],
    ['cut in a tag', '<xml><A>1</A'],
    ['cut after an element', '<xml><A>1</A>'],
    ['cut in CDATA', '<xml><A><![CDATA[1</A></xml>'],
    ['cut in a comment', '<xml><!-- <A>1</A></xml>'],
    ['with crossed tags', '<xml><A><B>1</A></B></xml>'],
    ['with a tag closed twice', '<xml><A>1</A></A></xml>'],
    ['with a tag closed in other letters', '<xml><A>1</a></xml>'],
    ['with a bare ampersand', '<xml><A>1 & 2</A></xml>'],
    ['with a reference to no character', '<xml><A>&#0;</A></xml>'],
    ['with a reference to half an emoji', '<xml><A>&#xD83D;</A></xml>'],
    ['with a reference beyond Unicode', '<xml><A>&#x110000;</A></xml>'],
    ['with a reference of many digits', `<xml><A>&#${'9'.repeat(400)};</A></xml>`],
    ['seventeen levels deep', nested(16)],
    ['ten thousand levels deep', nested(10_000)],
    ['ten thousand levels deep and never closed', '<xml>'.repeat(10_000)],
    ['with an element __proto__', '<xml><__proto__><admin>1</admin></__proto__></xml>'],
    ['with an element constructor', '<xml><constructor><prototype>1</prototype></constructor></xml>'],
    ['with a document type', '<!DOCTYPE xml><xml><A>1</A></xml>'],
    ['with a document type in small letters', '<!doctype xml><xml><A>1</A></xml>'],
    ['with a document type in mixed letters', '<!DocType xml><xml><A>1</A></xml>'],
    ['with a document type after a declaration', '<?xml version="1.0"?><!DOCTYPE xml><xml><A>1</A></xml>'],
    ['with a document type after a comment', '<!-- a --> \n<!DOCTYPE xml><xml><A>1</A></xml>'],
    ['with a document type after a mark of byte order', '\ufeff<!DOCTYPE xml><xml><A>1</A></xml>'],
    ['with a document type behind an instruction', '<?a "?><!DOCTYPE xml><xml><A>1</A></xml>'],
    ['with a document type in the root', '<xml><!DOCTYPE xml><A>1</A></xml>'],
    ['with a document type in small letters in the root', '<xml><!doctype xml><A>1</A></xml>'],
    ['with a document type after the root', '<xml><A>1</A></xml><!DOCTYPE xml>'],
    ['with an entity bomb', `${BOMB}<xml><A>&c;&c;&c;</A></xml>`],
    ['with an entity of a file', '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><A>&f;</A></xml>'],
    ['with an unknown declaration', '<xml><!ELEMENT A><A>1</A></xml>'],
  ])('%s', (_what, source) => {
    expect(() => parseXml(source)).toThrow(MalformedXml);
  });

  it('without a word of what it holds', () => {
    for (const source of [
      '<xml><A>my secret',
      '<xml><A>&#0;my secret</A></xml>',
      '<xml><constructor>my secret</constructor></xml>',
    ]) {
      expect(() => parseXml(source)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('secret') }),
      );
    }
  });

  it('with nothing but its own error, whatever comes', () => {
    const marks = fc.constantFrom(
      '<xml>',
      '</xml>',
      '<a>',
      '</a>',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<!DOCTYPE',
      '<?',
      '?>',
      '&',
      ';',
      '"',
      '<',
      '>',
      '/',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(marks, fc.string({ maxLength: 4 })), { maxLength: 30 }), (pieces) => {
        try {
          expect(typeof parseXml(`<xml>${pieces.join('')}</xml>`)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedXml);
        }
      }),
      { numRuns: 2000, seed: 20261122 },
    );
  });
});
