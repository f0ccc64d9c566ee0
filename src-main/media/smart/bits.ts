/** What is in a unit of a coded stream, without its emulation prevention bytes (H.264 and H.265, 7.3.1). */
export function withoutPrevention(unit: Buffer): Buffer {
  const bare = Buffer.alloc(unit.length);
  let length = 0;
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    bare[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return bare.subarray(0, length);
}

/** The same with its emulation prevention bytes. */
export function withPrevention(bare: Buffer): Buffer {
  const unit = Buffer.alloc(Math.ceil(bare.length * 1.5) + 1);
  let length = 0;
  let zeros = 0;
  for (const byte of bare) {
    if (zeros === 2 && byte <= 3) {
      unit[length++] = 3;
      zeros = 0;
    }
    unit[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return unit.subarray(0, length);
}

/** Reads numbers as H.264 and H.265 write them, most significant bit first. Throws where the data ends. */
export class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Bits that are read. */
  get position(): number {
    return this.#at;
  }

  /** The next `count` bits, 32 at most. */
  u(count: number): number {
    if (this.#at + count > 8 * this.#bytes.length) throw new RangeError('the parameters end early');
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++)
      value = value * 2 + ((this.#bytes[this.#at >> 3] >> (7 - (this.#at & 7))) & 1);
    return value;
  }

  flag(): boolean {
    return this.u(1) === 1;
  }

  skip(count: number): void {
    for (let left = count; left > 0; left -= 32) this.u(Math.min(32, left));
  }

  /** Exp-Golomb code without sign. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) if (++zeros > 31) throw new RangeError('a number of the parameters is too long');
    return 2 ** zeros - 1 + this.u(zeros);
  }

  /** Exp-Golomb code with sign. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Writes what `BitReader` reads. */
export class BitWriter {
  readonly #bits: number[] = [];

  u(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push(Math.floor(value / 2 ** bit) % 2);
  }

  ue(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.u(0, length);
    this.u(value + 1, length + 1);
  }

  /** The next `count` bits of what is read. */
  copy(reader: BitReader, count: number): void {
    for (let i = 0; i < count; i++) this.#bits.push(reader.u(1));
  }

  /** Whole bytes; what is missing of the last one is 0. */
  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, at) => (bytes[at >> 3] |= bit << (7 - (at & 7))));
    return bytes;
  }
}
