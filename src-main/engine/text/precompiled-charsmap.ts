/** Text that a rule applies to as a whole: a character with one accent, or two letters. */
const longestGraphemeBytes = 5;

/**
 * The normalisation table of a SentencePiece model (`precompiled_charsmap` in tokenizer.json, base64): a
 * double-array trie from UTF-8 sequences to their replacements. Layout: uint32 trie size in bytes, the trie's
 * uint32 units (darts-clone), then the replacements, each ended by a zero byte; all little-endian.
 */
export class PrecompiledCharsmap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  readonly #segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

  /** Throws RangeError where the table is cut short. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const trieBytes = view.getUint32(0, true);
    this.#units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.#replacements = bytes.subarray(4 + trieBytes);
  }

  /**
   * Applies the table as the `tokenizers` library does, on which the models were trained: a grapheme of up to
   * five bytes is looked up whole, and where even its beginning has a rule, that rule replaces all of it;
   * otherwise every code point is looked up by itself.
   */
  normalize(text: string): string {
    let result = '';
    for (const { segment } of this.#segmenter.segment(text)) {
      const bytes = this.#encoder.encode(segment);
      const whole = bytes.length <= longestGraphemeBytes ? this.#lookUp(bytes) : undefined;
      if (whole !== undefined) {
        result += whole;
        continue;
      }
      for (const character of segment) {
        result += this.#lookUp(this.#encoder.encode(character)) ?? character;
      }
    }
    return result;
  }

  /** The replacement of the shortest beginning of `key` that has one. */
  #lookUp(key: Uint8Array): string | undefined {
    const units = this.#units;
    let position = childOffset(units[0]);
    for (const byte of key) {
      if (byte === 0) return undefined;
      position ^= byte;
      const unit = units[position];
      if (unit === undefined || labelOf(unit) !== byte) return undefined;
      position ^= childOffset(unit);
      if (hasLeaf(unit)) return this.#replacementAt(units[position] & 0x7fffffff);
    }
    return undefined;
  }

  #replacementAt(start: number): string {
    const end = this.#replacements.indexOf(0, start);
    return this.#decoder.decode(this.#replacements.subarray(start, end < 0 ? undefined : end));
  }
}

// The fields of a darts-clone unit: bits 0–7 label, bit 8 "has a leaf", bit 9 "offset is in units of 256",
// bits 10–30 offset, bit 31 "is a leaf" (then bits 0–30 are its value).
const hasLeaf = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;
const childOffset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
