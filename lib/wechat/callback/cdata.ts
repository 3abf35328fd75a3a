const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** The text as CDATA: `]]>` split in two, and without the characters that XML 1.0 cannot hold. */
export function cdata(text: string): string {
  return `<![CDATA[${legalText(text).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** The text without the characters that XML 1.0 cannot hold: most control characters and halves of an emoji. */
export function legalText(text: string): string {
  return text.replace(ILLEGAL, '');
}
