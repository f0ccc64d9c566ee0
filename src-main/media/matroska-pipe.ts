import type { PixelFormat, Plane } from '../engine/frames.ts';

/**
 * Writes uncompressed pictures as a Matroska stream (RFC 9559, `V_UNCOMPRESSED`): the one format that every ffmpeg
 * reads from a pipe and that states each picture's time and length, to the nanosecond.
 */
export interface MatroskaVideo {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: Pick<PixelFormat, 'name'>;
  /** Usual distance of two pictures, nanoseconds. */
  readonly frameNs: bigint;
}

/** Codes by which ffmpeg knows raw pixel formats (libavcodec/raw.c). */
const fourCc: Readonly<Record<string, string>> = {
  yuv420p: 'I420',
  yuv422p: 'Y42B',
  yuv444p: '444P',
  yuv420p10le: 'Y3\x0b\x0a',
  yuv422p10le: 'Y3\x0a\x0a',
  yuv444p10le: 'Y3\x00\x0a',
  yuva420p10le: 'Y4\x0b\x0a',
  yuva422p10le: 'Y4\x0a\x0a',
  yuva444p10le: 'Y4\x00\x0a',
  rgb48le: 'RGB\x30',
  rgba64le: 'RBA\x40',
};

/** Element IDs of RFC 9559, section 5, as hexadecimal. */
const ids = {
  ebml: '1a45dfa3',
  docType: '4282',
  docTypeVersion: '4287',
  docTypeReadVersion: '4285',
  segment: '18538067',
  info: '1549a966',
  timestampScale: '2ad7b1',
  muxingApp: '4d80',
  writingApp: '5741',
  tracks: '1654ae6b',
  trackEntry: 'ae',
  trackNumber: 'd7',
  trackUid: '73c5',
  trackType: '83',
  flagLacing: '9c',
  defaultDuration: '23e383',
  codecId: '86',
  video: 'e0',
  pixelWidth: 'b0',
  pixelHeight: 'ba',
  uncompressedFourCc: '2eb524',
  cluster: '1f43b675',
  timestamp: 'e7',
  blockGroup: 'a0',
  block: 'a1',
  blockDuration: '9b',
} as const;

const unknownSize = Buffer.from('01ffffffffffffff', 'hex');

const idOf = (name: keyof typeof ids): Buffer => Buffer.from(ids[name], 'hex');

/** Lengths are always written in eight bytes. */
function sizeOf(length: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE((1n << 56n) | BigInt(length));
  return size;
}

const head = (name: keyof typeof ids, length: number): Buffer => Buffer.concat([idOf(name), sizeOf(length)]);

function element(name: keyof typeof ids, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([head(name, body.length), body]);
}

function unsigned(name: keyof typeof ids, value: bigint): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(value);
  return element(name, body);
}

const text = (name: keyof typeof ids, value: string): Buffer => element(name, Buffer.from(value, 'latin1'));

/** What comes before the first picture. */
export function matroskaHeader({ width, height, pixelFormat, frameNs }: MatroskaVideo): Buffer {
  return Buffer.concat([
    element(
      'ebml',
      text('docType', 'matroska'),
      unsigned('docTypeVersion', 4n),
      unsigned('docTypeReadVersion', 2n),
    ),
    idOf('segment'),
    unknownSize,
    element(
      'info',
      unsigned('timestampScale', 1n),
      text('muxingApp', 'hetcut'),
      text('writingApp', 'hetcut'),
    ),
    element(
      'tracks',
      element(
        'trackEntry',
        unsigned('trackNumber', 1n),
        unsigned('trackUid', 1n),
        unsigned('trackType', 1n),
        unsigned('flagLacing', 0n),
        unsigned('defaultDuration', frameNs),
        text('codecId', 'V_UNCOMPRESSED'),
        element(
          'video',
          unsigned('pixelWidth', BigInt(width)),
          unsigned('pixelHeight', BigInt(height)),
          text('uncompressedFourCc', fourCc[pixelFormat.name]),
        ),
      ),
    ),
  ]);
}

const asBytes = (plane: Plane): Buffer => Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength);

/** One picture, shown from `timeNs` on for `durationNs`. The planes are not copied. */
export function matroskaPicture(timeNs: bigint, durationNs: bigint, planes: readonly Plane[]): Buffer[] {
  const pictures = planes.map(asBytes);
  // Track 1, no offset to the cluster's time, no flags.
  const blockHead = Buffer.from([0x81, 0, 0, 0]);
  const blockLength = pictures.reduce((sum, plane) => sum + plane.length, blockHead.length);
  const timestamp = unsigned('timestamp', timeNs);
  const duration = unsigned('blockDuration', durationNs);
  const block = head('block', blockLength);
  const groupLength = block.length + blockLength + duration.length;
  const group = head('blockGroup', groupLength);
  const cluster = head('cluster', timestamp.length + group.length + groupLength);
  return [Buffer.concat([cluster, timestamp, group, block, blockHead]), ...pictures, duration];
}
