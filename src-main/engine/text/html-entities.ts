import { decodeHTML } from 'entities';
import { c1ToWindows1252 } from './code-pages.ts';

/**
 * Resolves HTML character references as the HTML5 standard says, the old ones without a semicolon too:
 * "&lt;" → "<", "&amp" → "&", "&#128;" → "€". References to control characters and to code points that are no
 * characters vanish; surrogates and numbers beyond Unicode become U+FFFD. (Python's html.unescape.)
 */
export function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#([0-9]+);?|#[xX]([0-9a-fA-F]+);?|[^\t\n\f <&#;]{1,32};?)/g,
    (reference: string, decimal: string | undefined, hexadecimal: string | undefined) => {
      if (decimal !== undefined) return fromNumber(Number.parseInt(decimal, 10));
      if (hexadecimal !== undefined) return fromNumber(Number.parseInt(hexadecimal, 16));
      return decodeHTML(reference);
    },
  );
}

function fromNumber(code: number): string {
  if (code === 0) return '\ufffd';
  if (code === 0x0d) return '\r';
  // The web's pages were written in Windows-1252, whatever they said.
  if (code >= 0x80 && code <= 0x9f) return c1ToWindows1252(String.fromCharCode(code));
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return '\ufffd';
  const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0c;
  const isNoncharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
  if (isControl || code === 0x7f || isNoncharacter) return '';
  return String.fromCodePoint(code);
}

/**
 * Resolves only what can hardly mean anything else: references that end in a semicolon. Names in capitals are
 * read too where no other entity has that name: "&EACUTE;" → "É".
 */
export function unescapeHtmlCautiously(text: string): string {
  return text.replace(/&#?[0-9A-Za-z]{1,24};/g, (reference) => {
    const resolved = wholeReference(reference);
    if (resolved !== null) return resolved;
    const isUnknown = unescapeHtml(reference) === reference;
    if (!isUnknown || reference !== reference.toUpperCase()) return reference;
    return wholeReference(reference.toLowerCase())?.toUpperCase() ?? reference;
  });
}

/** What the reference stands for, or null where it is none, or only its beginning is ("&notin1;" → "¬in1;"). */
function wholeReference(reference: string): string | null {
  if (reference === '&semi;') return ';';
  const resolved = unescapeHtml(reference);
  return resolved.includes(';') ? null : resolved;
}
