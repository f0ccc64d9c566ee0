import { entryFieldBytes, type SampleTable } from './sample-table.ts';

/** Pictures in the order of decoding. */
export interface JoinedPictures {
  readonly sizes: readonly number[];
  /** When each is shown, in ticks from the first frame on. */
  readonly shown: readonly number[];
  readonly sync: readonly boolean[];
  /** By frame: when it is shown, in ticks from the first one. */
  readonly frameTicks: readonly number[];
  /** How long the last frame is shown, in ticks. */
  readonly lastTicks: number;
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8, type, 'latin1');
  head.writeUInt32BE(length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}

const numbers = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
};
const u32 = (...values: readonly number[]): Buffer => numbers(values);
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
/** A display matrix that changes nothing. */
const upright = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** Version and flags, then the content. */
const full = (type: string, version: number, ...content: readonly Buffer[]): Buffer =>
  box(type, Buffer.from([version, 0, 0, type === 'tkhd' ? 3 : 0]), ...content);

/** Runs of equal values, as tables of times store them. */
function runs(values: readonly number[]): Buffer {
  const rows: [number, number][] = [];
  for (const value of values) {
    const last = rows.at(-1);
    if (last?.[1] === value) last[0]++;
    else rows.push([1, value]);
  }
  return numbers([rows.length, ...rows.flat()]);
}

/**
 * When each picture is decoded, in ticks, and how far `shown` has to be moved so that this starts with 0: the times at which
 * frames are shown, held back by as many frames as pictures are stored ahead of their turn.
 */
export function decodingTicks({ shown, frameTicks }: Pick<JoinedPictures, 'shown' | 'frameTicks'>): {
  readonly decoded: readonly number[];
  readonly delay: number;
} {
  const frameAt = new Map(frameTicks.map((ticks, frame) => [ticks, frame]));
  const ahead = shown.reduce(
    (most, ticks, picture) => Math.max(most, picture - (frameAt.get(ticks) ?? 0)),
    0,
  );
  const gap = Math.max(1, (frameTicks[1] ?? 1) - frameTicks[0]);
  const delay = ahead * gap;
  const decoded = shown.map((_, picture) =>
    picture < ahead ? picture * gap : frameTicks[picture - ahead] + delay,
  );
  return { decoded, delay };
}

/** The sample description of the source with other parameters. */
function describe(entry: Buffer, config: Buffer): Buffer {
  const boxes: Buffer[] = [];
  for (let at = entryFieldBytes; at + 8 <= entry.length;) {
    const size = entry.readUInt32BE(at);
    if (size < 8 || at + size > entry.length) break;
    const type = entry.toString('latin1', at + 4, at + 8);
    boxes.push(type === 'avcC' || type === 'hvcC' ? box(type, config) : entry.subarray(at, at + size));
    at += size;
  }
  return box(entry.toString('latin1', 4, 8), entry.subarray(8, entryFieldBytes), ...boxes);
}

/**
 * What comes before the pictures in an MP4 that holds nothing else, its index first, so that it can be read from a pipe. The
 * pictures follow in the order of decoding. `delay`: by so many ticks all pictures are shown later than from 0 on.
 */
export function joinedHeader(
  { timescale, entry, matrix }: Pick<SampleTable, 'timescale' | 'entry' | 'matrix'>,
  config: Buffer,
  pictures: JoinedPictures,
): { readonly bytes: Buffer; readonly delay: number } {
  const { sizes, shown, sync, lastTicks } = pictures;
  const { decoded, delay } = decodingTicks(pictures);
  const deltas = decoded.map((ticks, i) => (decoded.at(i + 1) ?? ticks + lastTicks) - ticks);
  const length = decoded[decoded.length - 1] + lastTicks;
  const keys = sync.flatMap((isKey, i) => (isKey ? [i + 1] : []));
  const dataBytes = sizes.reduce((sum, size) => sum + size, 0);
  const index = (offset: number): Buffer =>
    box(
      'moov',
      full(
        'mvhd',
        1,
        ...[u64(0), u64(0), u32(timescale), u64(length), u32(0x10000, 0x1000000, 0, 0), upright],
        u32(0, 0, 0, 0, 0, 0, 2),
      ),
      box(
        'trak',
        full(
          'tkhd',
          1,
          ...[u64(0), u64(0), u32(1, 0), u64(length), u32(0, 0, 0, 0), matrix],
          u32(entry.readUInt16BE(32) << 16, entry.readUInt16BE(34) << 16),
        ),
        box(
          'mdia',
          full('mdhd', 1, u64(0), u64(0), u32(timescale), u64(length), u32(0x55c40000)),
          full('hdlr', 0, u32(0), Buffer.from('vide'), u32(0, 0, 0), Buffer.from([0])),
          box(
            'minf',
            box('vmhd', u32(1, 0, 0)),
            box('dinf', full('dref', 0, u32(1), box('url ', u32(1)))),
            box(
              'stbl',
              full('stsd', 0, u32(1), describe(entry, config)),
              full('stts', 0, runs(deltas)),
              full('ctts', 0, runs(shown.map((ticks, i) => ticks + delay - decoded[i]))),
              full('stss', 0, u32(keys.length), numbers(keys)),
              full('stsc', 0, u32(1, 1, sizes.length, 1)),
              full('stsz', 0, u32(0, sizes.length), numbers(sizes)),
              full('co64', 0, u32(1), u64(offset)),
            ),
          ),
        ),
      ),
    );
  const type = box('ftyp', Buffer.from('isom'), u32(512), Buffer.from('isomiso2mp41'));
  // A length of 1: it is in the eight bytes behind.
  const dataHead = Buffer.concat([u32(1), Buffer.from('mdat'), u64(16 + dataBytes)]);
  const offset = type.length + index(0).length + dataHead.length;
  return { bytes: Buffer.concat([type, index(offset), dataHead]), delay };
}
