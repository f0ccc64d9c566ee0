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
  if (/^[\0-\x7f]*$/.test(text)) return text;
  const readings = codePages()
    .map((page) => ({ page, units: findUtf8Units(text, page) }))
    .filter(({ units }) => units.length > 0);
  for (const { units } of readings) {
    if (coversText(text, units) && units.some((unit) => isEvidence(text, unit, units))) {
      return decodeUnits(text, units);
    }
  }
  // No encoding explains the whole text: repair the stretches that one explains.
  for (const { page, units } of readings) {
    const garbled = runs(units).filter(
      (run) => !followsGarble(text, run[0], page) && run.some((unit) => isEvidence(text, unit, run)),
    );
    if (garbled.length > 0) return decodeUnits(text, garbled.flat());
  }
  return text;
}

/** True where nothing but ASCII lies outside the units. */
function coversText(text: string, units: readonly Utf8Unit[]): boolean {
  return /^[\0-\x7f]*$/.test(decodeUnits(text, units.map((unit) => ({ ...unit, decoded: '' }))));
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

/** Whether the unit shows that its text was misread. `peers`: the units that would be decoded with it. */
function isEvidence(text: string, unit: Utf8Unit, peers: readonly Utf8Unit[]): boolean {
  return isUnnatural(text, unit) && isLikely(unit.decoded, peers);
}

const control = /[\u0080-\u009f]/;
const boxDrawing = /[\u2500-\u259f]/;
/** Letters of the code pages that come up in mojibake as letters; ª, º, ƒ, µ and ˆ act as signs. */
const letter = /(?![ªºƒµˆ])\p{L}/u;
const scripts = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];
const scriptOf = (character: string): number => scripts.findIndex((script) => script.test(character));

/** Signs that writing does put right behind a letter. */
const closing = /[…’”»›–—™®·´\s]/;
/** Of those, the ones that are followed by a letter only in mojibake. */
const neverInside = /[”»›™®]/;
/** First bytes of the commonest sequences in Windows-1252; as letters they hardly ever end a word. */
const commonLead = /[ÂÃÐÎ]/;
const afterCommonLead = /[…’]/;

function isUnnatural(text: string, unit: Utf8Unit): boolean {
  const source = text.slice(unit.start, unit.end);
  if (control.test(source)) return true;
  if (source[1] === ' ') return /^[ÂÃ]/.test(source) && /(?:^|[a-z]\s?)$/.test(text.slice(0, unit.start));
  const lead = source[0];
  if (!letter.test(lead)) {
    // A sign before letters or signs: three or more in a row, or a sign of the box or root kind before another kind.
    if (source.length > 2) return true;
    return boxDrawing.test(lead) ? !boxDrawing.test(source[1]) : /[^\p{L}\s]/u.test(source[1]);
  }
  for (let i = 0; i + 1 < source.length; i++) {
    if (isUnnaturalPair(source[i], source[i + 1], text.charAt(unit.end))) return true;
  }
  return false;
}

function isUnnaturalPair(first: string, second: string, next: string): boolean {
  if (!letter.test(first)) return false;
  if (letter.test(second)) {
    if (commonLead.test(first) && /[ŠšŒœŽžŸ]/.test(second)) return true;
    if (scriptOf(first) !== scriptOf(second)) return true;
    return /\p{Ll}/u.test(first) && /\p{Lu}/u.test(second);
  }
  if (commonLead.test(first)) return !afterCommonLead.test(second);
  if (closing.test(second)) return neverInside.test(second) && /[\p{L}\p{N}]/u.test(next);
  return true;
}

/** Characters that may well stand alone in a text of another script: accented Latin letters, signs, emoji. */
const likelyAlone =
  /[\u0000\u0080-\u017f\u0218-\u021b\u0300-\u036f\u1e00-\u1eff\u2000-\u206f\u20a0-\u2bff\u3000-\u303f\ufb00-\ufb06\ufe00-\ufe0f\ufeff-\uffef\ufffd]|[\u{1f000}-\u{1faff}\u{e0000}-\u{e007f}]/u;
const unlikely = /[\u0180-\u0217\u021c-\u02ff]|\p{Unassigned}|\p{Private_Use}/u;

/** Whether the character makes sense: by itself, or as part of a word in its script. */
function isLikely(decoded: string, peers: readonly Utf8Unit[]): boolean {
  if (likelyAlone.test(decoded)) return true;
  if (unlikely.test(decoded)) return false;
  return peers.filter((peer) => !likelyAlone.test(peer.decoded) && !unlikely.test(peer.decoded)).length > 1;
}
