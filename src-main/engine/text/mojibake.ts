import { c1ToWindows1252, codePages } from './code-pages.ts';
import type { CodePage } from './code-pages.ts';
import { findUtf8Units } from './utf8-units.ts';
import type { Utf8Unit } from './utf8-units.ts';

// Mojibake is UTF-8 that some program took for a single-byte encoding: "cafÃ©" for "café". It is repaired where
// two things meet: its characters stand together as no writing puts them (a letter before "©", "¤" or "‡", small
// letters before capitals, two alphabets in one word), and what they stand for as UTF-8 is likely text.
// The behaviour is modelled on ftfy (github.com/rspeer/python-ftfy), which the models' own pipelines clean with.

/** Repairs text whose UTF-8 was misread once or several times over; other text is returned unchanged. */
export function repairMojibake(text: string): string {
  let repaired = text;
  for (;;) {
    const next = repairOnce(repaired);
    if (next === repaired) return c1ToWindows1252(repaired);
    repaired = next;
  }
}

function repairOnce(text: string): string {
  if (isAscii(text)) return text;
  const readings = codePages()
    .map((page) => ({ page, units: findUtf8Units(text, page) }))
    .filter(({ units }) => units.length > 0);
  for (const { units } of readings) {
    if (coversText(text, units) && units.some((unit) => isEvidence(text, unit, units))) {
      return decodeUnits(text, units);
    }
  }
  // No encoding explains the whole text: repair the stretches that one explains, beginning with the best one.
  let best: readonly Utf8Unit[] = [];
  for (const { page, units } of readings) {
    const garbled = runs(units).filter(
      (run) => !followsGarble(text, run[0], page) && run.some((unit) => isEvidence(text, unit, run)),
    );
    if (coveredLength(garbled.flat()) > coveredLength(best)) best = garbled.flat();
  }
  return decodeUnits(text, best);
}

const isAscii = (text: string): boolean => !/\P{ASCII}/u.test(text);

/** True where nothing but ASCII is outside the units. */
function coversText(text: string, units: readonly Utf8Unit[]): boolean {
  return isAscii(
    decodeUnits(
      text,
      units.map((unit) => ({ ...unit, decoded: '' })),
    ),
  );
}

function coveredLength(units: readonly Utf8Unit[]): number {
  return units.reduce((sum, unit) => sum + unit.end - unit.start, 0);
}

function decodeUnits(text: string, units: readonly Utf8Unit[]): string {
  let result = '';
  let position = 0;
  for (const unit of units) {
    result += text.slice(position, unit.start) + unit.decoded;
    position = unit.end;
  }
  return result + text.slice(position);
}

/** Units that follow each other without a gap. */
function runs(units: readonly Utf8Unit[]): Utf8Unit[][] {
  const result: Utf8Unit[][] = [];
  for (const unit of units) {
    const last = result.at(-1);
    if (last !== undefined && last[last.length - 1].end === unit.start) last.push(unit);
    else result.push([unit]);
  }
  return result;
}

/** True behind a character that can only be a stray continuation byte: a part of worse damage, left alone. */
function followsGarble(text: string, unit: Utf8Unit, page: CodePage): boolean {
  if (unit.start === 0) return false;
  const before = text[unit.start - 1];
  const byte = page.byteOf.get(before) ?? 0;
  return byte >= 0x80 && byte <= 0xbf && !/[\s\p{P}]/u.test(before);
}

const control = /[\u0080-\u009f]/;
const boxDrawing = /[\u2500-\u259f]/;
/** Letters of the code pages as words have them; ª, º, ƒ, µ and ˆ act as signs. */
const letter = /(?![ªºƒµˆ])\p{L}/u;
const scripts = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];
const scriptOf = (character: string): number => scripts.findIndex((script) => script.test(character));

/** Signs that writing does put right behind a letter; "?" and U+FFFD may be anything. */
const closing = /[…’”»›–—™®·´\s?\ufffd]/;
/** Of those, the ones that are followed by a letter only in mojibake. */
const neverInside = /[”»›™®]/;
/** First bytes of the commonest sequences in Windows-1252; as letters they hardly ever end a word. */
const commonLead = /[ÂÃÐÎ]/;
const afterCommonLead = /[…’?\ufffd]/;

/** Whether the unit shows that its text was misread. `peers`: the units that would be decoded with it. */
function isEvidence(text: string, unit: Utf8Unit, peers: readonly Utf8Unit[]): boolean {
  const source = text.slice(unit.start, unit.end);
  const before = text.slice(0, unit.start);
  if (source.includes(' ')) return /^[ÂÃ] /.test(source) && /(?:^|[a-z]\s?)$/.test(before);
  if (control.test(source)) return isLikely(unit.decoded) || !unlikely.test(unit.decoded);
  if (!isUnnatural(source, before.slice(-1), text.charAt(unit.end))) return false;
  if (source.length > 2) return !unlikely.test(unit.decoded);
  if (isLikely(unit.decoded)) {
    // "В№5": behind a Greek or Cyrillic letter a sign proves nothing, unless there is more of the kind.
    if (scriptOf(source[0]) <= 0 || hasNeighbour(unit, peers)) return true;
    return [before.slice(-1), text.charAt(unit.end)].some((beside) => scriptOf(beside) === 0);
  }
  // Rare letters, as the ə and ɣ of Azerbaijani and Kabyle, are believed where a capital would stand amid a word.
  if (unlikely.test(unit.decoded)) {
    return rareLetter.test(unit.decoded) && /\p{Ll}$/u.test(before) && /\p{Lu}/u.test(source[0]);
  }
  return commonLead.test(source[0]) || peers.filter((peer) => isWordPart(peer.decoded)).length > 1;
}

function hasNeighbour(unit: Utf8Unit, peers: readonly Utf8Unit[]): boolean {
  return peers.some((peer) => peer.end === unit.start || peer.start === unit.end);
}

function isUnnatural(source: string, before: string, next: string): boolean {
  if (!letter.test(source[0])) {
    // A sign first: three characters or more of this kind, a box before none, a sign before a sign or in a word.
    if (source.length > 2) return true;
    if (boxDrawing.test(source[0])) return !boxDrawing.test(source[1]);
    return letter.test(source[1]) ? letter.test(before) && !/\p{P}/u.test(source[0]) : !/\s/.test(source[1]);
  }
  for (let i = 0; i + 1 < source.length; i++) {
    if (isUnnaturalPair(source[i], source[i + 1], next)) return true;
  }
  return false;
}

function isUnnaturalPair(first: string, second: string, next: string): boolean {
  // Behind the sign that follows a letter, as in "â–ˆ".
  if (!letter.test(first)) return !letter.test(second) && !closing.test(second);
  if (letter.test(second)) {
    if (commonLead.test(first) && /[ŠšŒœŽžŸ]/.test(second)) return true;
    if (scriptOf(first) !== scriptOf(second)) return true;
    return /\p{Ll}/u.test(first) && /\p{Lu}/u.test(second);
  }
  if (commonLead.test(first)) return !afterCommonLead.test(second);
  // No word ends in œ, but it is byte 9C, as in "âœ”".
  if (/[Œœ]/.test(first)) return true;
  if (closing.test(second)) return neverInside.test(second) && /[\p{L}\p{N}]/u.test(next);
  return true;
}

/** Code points [first, last] that may well stand alone in a text of another script. */
const likelyAlone: readonly (readonly [number, number])[] = [
  [0x0000, 0x0000],
  // Accented Latin letters and the signs among them; before them C1, which a second repair turns into text.
  [0x0080, 0x017f],
  [0x0218, 0x021b],
  [0x1e00, 0x1eff],
  // Combining accents that letters are written with.
  [0x0300, 0x0304],
  [0x0306, 0x030c],
  [0x031b, 0x031b],
  [0x0323, 0x0328],
  // Punctuation, currencies, arrows, mathematics, boxes, dingbats; CJK punctuation.
  [0x2000, 0x206f],
  [0x20a0, 0x2bff],
  [0x3000, 0x303f],
  // Ligatures, variation selectors, byte order mark, full-width forms, U+FFFD.
  [0xfb00, 0xfb06],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xffef],
  [0xfffd, 0xfffd],
  // Emoji and the tags in flags.
  [0x1f000, 0x1faff],
  [0xe0000, 0xe007f],
];
const rareLetter = /[\u0180-\u02af]/;
const unlikely = /[\u0180-\u0217\u021c-\u02ff]|\p{Unassigned}|\p{Private_Use}/u;

function isLikely(decoded: string): boolean {
  const code = decoded.codePointAt(0) ?? 0;
  return likelyAlone.some(([first, last]) => code >= first && code <= last);
}

/** A character of another script than Latin, which makes sense in company only. */
const isWordPart = (decoded: string): boolean => !isLikely(decoded) && !unlikely.test(decoded);
