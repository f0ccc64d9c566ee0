import type { FileHandle } from 'node:fs/promises';

/** A box of ISO/IEC 14496-12: its content is `data`. */
export interface Box {
  readonly type: string;
  readonly data: Buffer;
}

export function* boxesIn(data: Buffer): Generator<Box> {
  let at = 0;
  while (at + 8 <= data.length) {
    const wide = data.readUInt32BE(at) === 1;
    const size =
      wide && at + 16 <= data.length ? Number(data.readBigUInt64BE(at + 8)) : data.readUInt32BE(at);
    if (size < (wide ? 16 : 8) || at + size > data.length) return;
    yield {
      type: data.toString('latin1', at + 4, at + 8),
      data: data.subarray(at + (wide ? 16 : 8), at + size),
    };
    at += size;
  }
}

export function childBox(data: Buffer, ...path: readonly string[]): Buffer | undefined {
  let found: Buffer | undefined = data;
  for (const type of path)
    found = found === undefined ? undefined : [...boxesIn(found)].find((box) => box.type === type)?.data;
  return found;
}

/** The tracks with pictures. */
export const videoTracks = (moov: Buffer): Buffer[] =>
  [...boxesIn(moov)]
    .filter(
      ({ type, data }) =>
        type === 'trak' && childBox(data, 'mdia', 'hdlr')?.toString('latin1', 8, 12) === 'vide',
    )
    .map(({ data }) => data);

/** Ticks a second, of a `mvhd` or `mdhd`. */
export const scaleOf = (box: Buffer): number => box.readUInt32BE(box[0] === 1 ? 20 : 12);

/** Where the content of the file's `moov` box is. */
export async function findMoov(file: FileHandle): Promise<{ position: number; length: number } | undefined> {
  const { size: fileSize } = await file.stat();
  const start = Buffer.alloc(16);
  for (let at = 0; at + 8 <= fileSize;) {
    await file.read(start, 0, 16, at);
    const wide = start.readUInt32BE(0) === 1;
    const size = wide ? Number(start.readBigUInt64BE(8)) : start.readUInt32BE(0);
    const headLength = wide ? 16 : 8;
    if (start.toString('latin1', 4, 8) === 'moov')
      return { position: at + headLength, length: size - headLength };
    if (size < 8) return undefined;
    at += size;
  }
  return undefined;
}
