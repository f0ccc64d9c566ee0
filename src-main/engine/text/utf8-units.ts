import type { CodePage } from './code-pages.ts';
import { lostByte } from './code-pages.ts';

/** Characters that, taken for bytes of a code page, are the UTF-8 form of one character. */
export interface Utf8Unit {
  /** Positions [start, end) in the misread text. */
  readonly start: number;
  readonly end: number;
  /** What they stand for. */
  readonly decoded: string;
}

const nbspByte = 0xa0;
const space = ' ';

/**
 * Finds every UTF-8 sequence of two to four bytes in `text`, read as bytes of `page`. Repairs three losses that
 * such text often suffered on its way: byte A0 turned into a plain space, bytes turned into U+FFFD or "?"
 * (the sequence is then U+FFFD), and characters written as two surrogates (CESU-8) or as C0 80.
 */
export function findUtf8Units(text: string, page: CodePage): Utf8Unit[] {
  const units: Utf8Unit[] = [];
  let position = 0;
  while (position < text.length) {
    const unit = unitAt(text, position, page);
    if (unit !== null) units.push(unit);
    position = unit?.end ?? position + 1;
  }
  return units;
}

/** The text's characters as bytes of the page; ASCII and what the page lacks as −1. */
function byteAt(text: string, position: number, page: CodePage): number {
  return page.byteOf.get(text.charAt(position)) ?? -1;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

const isContinuation = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;

function unitAt(text: string, start: number, page: CodePage): Utf8Unit | null {
  const lead = byteAt(text, start, page);
  if (lead === 0xc0 && byteAt(text, start + 1, page) === 0x80) {
    return { start, end: start + 2, decoded: '\u0000' };
  }
  const length = sequenceLength(lead);
  if (length === 0 || start + length > text.length) return null;
  const bytes = [lead];
  let spaces = 0;
  let lost = 0;
  let questionMarks = 0;
  for (let i = start + 1; i < start + length; i++) {
    const byte = byteAt(text, i, page);
    if (isContinuation(byte)) bytes.push(byte);
    else if (text[i] === space) {
      spaces++;
      bytes.push(nbspByte);
    } else if (page.lenient && byte === lostByte) lost++;
    else if (page.lenient && text[i] === '?') questionMarks++;
    else return null;
  }
  const end = start + length;
  if (lost + questionMarks > 0) {
    const isAcceptable =
      spaces === 0 && questionMarks <= 1 && (length > 2 || lost === 1 || lead === 0xc2 || lead === 0xc3);
    return isAcceptable ? { start, end, decoded: '\ufffd' } : null;
  }
  if (spaces > 0) return page.name === 'macintosh' ? null : withSpace(text, start, bytes, spaces);
  const codePoint = decodeSequence(bytes);
  if (codePoint === null) return null;
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return surrogatePairAt(text, start, codePoint, page);
  return { start, end, decoded: String.fromCodePoint(codePoint) };
}

/** Strict UTF-8, except for surrogates, which are returned as they are. Null for overlong forms and beyond Unicode. */
function decodeSequence(bytes: readonly number[]): number | null {
  const payload = bytes[0] & (0x7f >> bytes.length);
  const codePoint = bytes.slice(1).reduce((value, byte) => value * 64 + (byte & 0x3f), payload);
  const smallest = [0, 0, 0x80, 0x800, 0x10000][bytes.length];
  return codePoint >= smallest && codePoint <= 0x10ffff ? codePoint : null;
}

function surrogatePairAt(text: string, start: number, high: number, page: CodePage): Utf8Unit | null {
  if (high > 0xdbff) return null;
  const bytes = [3, 4, 5].map((offset) => byteAt(text, start + offset, page));
  if (bytes[0] !== 0xed || !isContinuation(bytes[1]) || !isContinuation(bytes[2])) return null;
  const low = decodeSequence(bytes);
  if (low === null || low < 0xdc00 || low > 0xdfff) return null;
  return { start, end: start + 6, decoded: String.fromCharCode(high, low) };
}

/** Lead bytes after which A0 makes a common character: no-break space, à, Š, Π, Р, ٠. */
const leadsBeforeNbsp = new Set([0xc2, 0xc3, 0xc5, 0xce, 0xd0, 0xd9]);

/** A sequence in which one space stands for byte A0, if the character so made is a likely one. */
function withSpace(text: string, start: number, bytes: readonly number[], spaces: number): Utf8Unit | null {
  const [lead, second] = bytes;
  const end = start + bytes.length;
  if (spaces > 1) return null;
  // 85 is passed over in three-byte sequences: in many code pages it is "…", and then a space is a space.
  const isLikely =
    bytes.length === 2
      ? leadsBeforeNbsp.has(lead)
      : bytes.length === 3
        ? lead <= 0xe3 && !bytes.includes(0x85) && (second !== nbspByte || lead >= 0xe2)
        : lead === 0xf0;
  const codePoint = decodeSequence(bytes);
  if (!isLikely || codePoint === null) return null;
  // "Ã la mode" was "à la mode", its two spaces joined to one: the space stays, except for Portuguese "às", "àquele".
  const keepsSpace = lead === 0xc3 && !/^(?: |quele|quela|quilo|s )/.test(text.slice(end));
  return { start, end, decoded: String.fromCodePoint(codePoint) + (keepsSpace ? space : '') };
}
