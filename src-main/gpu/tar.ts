/** A file of an archive, or of a folder, while it is being read. */
export interface ArchiveEntry {
  /** With `/`. */
  readonly name: string;
  /** Its content, to be read before the next entry, or not at all. */
  readonly content: AsyncIterable<Buffer>;
}

const block = 512;

/** Takes bytes from a stream in the amounts that are asked for. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes; none at the end. */
  async some(most: number): Promise<Buffer> {
    while (this.#waiting.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return this.#waiting;
      this.#waiting = next.value;
    }
    const taken = this.#waiting.subarray(0, most);
    this.#waiting = this.#waiting.subarray(taken.length);
    return taken;
  }

  /** So many bytes; fewer only at the end. */
  async all(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0;) {
      const part = await this.some(left);
      if (part.length === 0) break;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** Whether the sum over the header, its own field as blanks, is the one that it states. */
function isHeader(header: Buffer): boolean {
  const stated = Number.parseInt(textAt(header, 148, 8).trim(), 8);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return sum === stated;
}

/** Sizes above 8 GiB, which have another form, are not read. */
function sizeIn(header: Buffer): number {
  const size = Number.parseInt(textAt(header, 124, 12).trim() || '0', 8);
  if (!Number.isSafeInteger(size)) throw new Error('a file in it has no size');
  return size;
}

/**
 * The files of a tar stream (POSIX ustar, with the long names of GNU and pax).
 * Throws Error where it ends amid a file or is none.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ArchiveEntry> {
  const reader = new ByteReader(source);
  let longName: string | undefined;
  for (;;) {
    const header = await reader.all(block);
    // Two blocks of zeros end it; some writers leave them out.
    if (header.length === 0 || header.every((byte) => byte === 0)) return;
    if (header.length < block || !isHeader(header)) throw new Error('it is no tar archive, or damaged');
    const size = sizeIn(header);
    const padding = (block - (size % block)) % block;
    const type = String.fromCharCode(header[156]);
    if (type === 'L' || type === 'x') {
      const text = (await reader.all(size)).toString('utf8');
      await reader.all(padding);
      longName = type === 'L' ? text.replace(/\0.*$/s, '') : (/^\d+ path=(.*)$/m.exec(text)?.[1] ?? longName);
      continue;
    }
    const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
    const name = longName ?? (prefix === '' ? '' : `${prefix}/`) + textAt(header, 0, 100);
    longName = undefined;
    let left = size;
    const content = async function* (): AsyncGenerator<Buffer> {
      while (left > 0) {
        const part = await reader.some(left);
        if (part.length === 0) throw new Error(`it ends amid ${name}`);
        left -= part.length;
        yield part;
      }
    };
    if (type === '0' || type === '\0') yield { name: name.replace(/^\.\//, ''), content: content() };
    // What was not asked for.
    while (left > 0) {
      const part = await reader.some(left);
      if (part.length === 0) throw new Error(`it ends amid ${name}`);
      left -= part.length;
    }
    await reader.all(padding);
  }
}
