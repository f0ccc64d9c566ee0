/** A single-byte encoding that UTF-8 bytes are often misread in. */
export interface CodePage {
  readonly name: string;
  /** Bytes that the encoding leaves undefined are read as Latin-1, as browsers do; U+FFFD stands for a lost byte. */
  readonly lenient: boolean;
  /** The byte of each character outside ASCII. */
  readonly byteOf: ReadonlyMap<string, number>;
}

/** Stands for a byte that the misreading program could not represent and replaced by U+FFFD. */
export const lostByte = 0x1a;

/**
 * Windows-1252, bytes 0x80 … 0x9F; above them it is Latin-1. Spelled out because Node 20's TextDecoder reads
 * this one encoding as Latin-1 throughout.
 */
const windows1252Controls = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f' + '\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** IBM code page 437, bytes 0x80 … 0xFF: which the platform's decoder does not know. */
const cp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»' +
  '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function upperHalf(label: string): string[] {
  const decoder = new TextDecoder(label);
  return Array.from({ length: 128 }, (_, i) => decoder.decode(new Uint8Array([0x80 + i])));
}

function codePage(name: string, lenient: boolean, characters: readonly string[]): CodePage {
  const byteOf = new Map<string, number>();
  characters.forEach((character, i) => {
    if (character !== '\ufffd') byteOf.set(character, 0x80 + i);
    else if (lenient) byteOf.set(String.fromCharCode(0x80 + i), 0x80 + i);
  });
  if (lenient) byteOf.set('\ufffd', lostByte);
  return { name, lenient, byteOf };
}

const latin1 = Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i));

let pages: readonly CodePage[] | undefined;

/** The encodings in the order in which they are tried: how often each is met as the cause of garbled text. */
export function codePages(): readonly CodePage[] {
  // Pure constants, built on first use so that importing this file costs nothing.
  pages ??= [
    codePage('latin-1', false, latin1),
    codePage('windows-1252', true, [...windows1252Controls, ...latin1.slice(32)]),
    codePage('windows-1251', true, upperHalf('windows-1251')),
    codePage('windows-1250', true, upperHalf('windows-1250')),
    codePage('windows-1253', true, upperHalf('windows-1253')),
    codePage('windows-1254', true, upperHalf('windows-1254')),
    codePage('windows-1257', true, upperHalf('windows-1257')),
    codePage('iso-8859-2', false, upperHalf('iso-8859-2')),
    codePage('macintosh', false, upperHalf('macintosh')),
    codePage('cp437', false, [...cp437]),
  ];
  return pages;
}

/** C1 control characters (U+0080 … U+009F) as the Windows-1252 characters of the same bytes. */
export function c1ToWindows1252(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (character) => windows1252Controls[character.charCodeAt(0) - 0x80]);
}
