/** Markers of ITU-T T.81, B.1.1.3: the second byte, after 0xff. */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const isRestart = (code: number): boolean => code >= 0xd0 && code <= 0xd7;

/**
 * Finds where a JPEG ends, going from segment to segment: tables and comments may hold the two bytes that end a
 * picture elsewhere. Remembers how far it has come while the bytes still arrive.
 */
class JpegScan {
  #at = 0;
  /** Between the start of a scan and the next marker: entropy-coded data. */
  #inScan = false;

  /** The length of the picture that `bytes` starts with; undefined while its end is missing. Throws on other bytes. */
  length(bytes: Uint8Array): number | undefined {
    for (;;) {
      if (this.#inScan) {
        const marker = bytes.indexOf(0xff, this.#at);
        this.#at = marker < 0 ? Math.max(this.#at, bytes.length) : marker;
      }
      if (this.#at + 2 > bytes.length) return undefined;
      const code = bytes[this.#at + 1];
      if (bytes[this.#at] !== 0xff) throw new Error(`no JPEG marker at byte ${this.#at} of the picture`);
      if (code === 0xff) {
        // Any number of fill bytes may stand before a marker.
        this.#at++;
      } else if (code === startOfImage || isRestart(code) || (this.#inScan && code === 0)) {
        this.#at += 2;
      } else if (code === endOfImage) {
        return this.#at + 2;
      } else {
        if (this.#at + 4 > bytes.length) return undefined;
        this.#at += 2 + (bytes[this.#at + 2] << 8) + bytes[this.#at + 3];
        this.#inScan = code === startOfScan;
      }
    }
  }
}

/**
 * Cuts a stream of JPEGs, one directly after the other, into pictures, each in memory of its own. A remainder at the
 * end is dropped: the process that wrote it was stopped.
 */
export async function* splitJpegs(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = new Uint8Array(0);
  let scan = new JpegScan();
  for await (const chunk of chunks) {
    const joined = new Uint8Array(held.length + chunk.length);
    joined.set(held);
    joined.set(chunk, held.length);
    held = joined;
    for (let length = scan.length(held); length !== undefined; length = scan.length(held)) {
      yield held.slice(0, length);
      held = held.slice(length);
      scan = new JpegScan();
    }
  }
}
