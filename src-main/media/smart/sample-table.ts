import type { FileHandle } from 'node:fs/promises';
import { boxesIn, childBox, findMoov, scaleOf, videoTracks } from '../mp4-boxes.ts';
import { refuse } from './refusal.ts';

/** The pictures of an MP4 or MOV as they are stored, in the order of decoding. */
export interface SampleTable {
  /** Ticks a second. */
  readonly timescale: number;
  /** The sample description's box, head and all. */
  readonly entry: Buffer;
  /** The content of its `avcC` or `hvcC`. */
  readonly config: Buffer;
  /** The display matrix, 36 bytes. */
  readonly matrix: Buffer;
  /** Bytes of the file, one range a picture. */
  readonly offsets: Float64Array;
  readonly sizes: Uint32Array;
  /** When each is shown, in ticks from anywhere. */
  readonly shown: Float64Array;
  /** 1: decoding can start there, as the file says. */
  readonly sync: Uint8Array;
}

/** Bytes of a visual sample entry's box before the boxes in it, head and all (ISO/IEC 14496-12, 12.1.3). */
export const entryFieldBytes = 86;

/** Boxes of Dolby Vision, and of codecs with several layers. */
const secondLayers = new Set(['dvcC', 'dvvC', 'dvwC', 'hvcE', 'lhvC', 'mvcC', 'svcC']);

/** More than parameter sets and messages before a picture take. */
const headBytes = 2 ** 16;

/** Two days at 96 pictures a second. */
const mostSamples = 2 ** 24;

/** A moov larger than this is none. */
const mostMoovBytes = 2 ** 28;

/** Rows of a full box that counts them, each of `fields` numbers of 32 bits. */
function* rows(box: Buffer, fields: number): Generator<readonly number[]> {
  const count = box.readUInt32BE(4);
  if (8 + 4 * fields * count > box.length) refuse('its index is cut off');
  for (let row = 0; row < count; row++)
    yield Array.from({ length: fields }, (_, i) => box.readUInt32BE(8 + 4 * (row * fields + i)));
}

function sampleSizes(stbl: Buffer): Uint32Array {
  const box = childBox(stbl, 'stsz') ?? refuse('its index has no sizes of pictures');
  const [same, count] = [box.readUInt32BE(4), box.readUInt32BE(8)];
  if (count === 0) refuse('its index lies in fragments');
  if (count > mostSamples) refuse('its index promises more pictures than there can be');
  if (same === 0 && 12 + 4 * count > box.length) refuse('its index is cut off');
  return Uint32Array.from({ length: count }, (_, i) => (same === 0 ? box.readUInt32BE(12 + 4 * i) : same));
}

function sampleOffsets(stbl: Buffer, sizes: Uint32Array): Float64Array {
  const narrow = childBox(stbl, 'stco');
  const wide = childBox(stbl, 'co64');
  const chunks: number[] = [];
  if (narrow !== undefined) for (const [offset] of rows(narrow, 1)) chunks.push(offset);
  else if (wide !== undefined) for (const [high, low] of rows(wide, 2)) chunks.push(high * 2 ** 32 + low);
  const runs = [...rows(childBox(stbl, 'stsc') ?? refuse('its index has no chunks'), 3)];
  const offsets = new Float64Array(sizes.length);
  let sample = 0;
  for (const [i, [first, perChunk, description]] of runs.entries()) {
    if (description !== 1) refuse('its parameters change in the middle of the clip');
    const end = runs.at(i + 1)?.[0] ?? chunks.length + 1;
    if (first < 1 || end > chunks.length + 1) refuse('its index is cut off');
    for (let chunk = first; chunk < end; chunk++) {
      let at = chunks[chunk - 1];
      for (let k = 0; k < perChunk && sample < sizes.length; k++, sample++) {
        offsets[sample] = at;
        at += sizes[sample];
      }
    }
  }
  if (sample < sizes.length) refuse('its index is cut off');
  return offsets;
}

function shownTicks(stbl: Buffer, count: number): Float64Array {
  const shown = new Float64Array(count);
  let sample = 0;
  let ticks = 0;
  for (const [run, delta] of rows(childBox(stbl, 'stts') ?? refuse('its index has no times'), 2)) {
    for (let k = 0; k < run && sample < count; k++, sample++, ticks += delta) shown[sample] = ticks;
  }
  if (sample < count) refuse('its index is cut off');
  const composition = childBox(stbl, 'ctts');
  if (composition === undefined) return shown;
  sample = 0;
  // Signed in version 1; files of version 0 with negative offsets are read the same way.
  for (const [run, offset] of rows(composition, 2))
    for (let k = 0; k < run && sample < count; k++, sample++) shown[sample] += offset | 0;
  return shown;
}

function syncSamples(stbl: Buffer, count: number): Uint8Array {
  const box = childBox(stbl, 'stss');
  if (box === undefined) return new Uint8Array(count).fill(1);
  const sync = new Uint8Array(count);
  for (const [number] of rows(box, 1)) if (number >= 1 && number <= count) sync[number - 1] = 1;
  return sync;
}

/** Reads where the pictures of the file's only track of pictures lie. Throws `CopyRefusal` where that is not told plainly. */
export async function readSampleTable(file: FileHandle): Promise<SampleTable> {
  const { size } = await file.stat();
  const place = await findMoov(file);
  if (place === undefined) refuse('it is no MP4 or MOV');
  if (place.position + place.length > size || place.length > mostMoovBytes) refuse('its index is cut off');
  const moov = Buffer.alloc(place.length);
  await file.read(moov, 0, place.length, place.position);
  const [track, ...others] = videoTracks(moov);
  if (track === undefined) refuse('it has no track of pictures');
  if (others.length > 0) refuse('it has more than one track of pictures');
  const stbl = childBox(track, 'mdia', 'minf', 'stbl');
  const header = childBox(track, 'mdia', 'mdhd');
  const trackHeader = childBox(track, 'tkhd');
  const descriptions = stbl && childBox(stbl, 'stsd');
  if (!stbl || !header || !trackHeader || !descriptions) refuse('its index is incomplete');
  if (descriptions.readUInt32BE(4) !== 1) refuse('its parameters change in the middle of the clip');
  const entry = descriptions.subarray(8, 8 + descriptions.readUInt32BE(8));
  const inEntry = [...boxesIn(entry.subarray(entryFieldBytes))];
  if (inEntry.some(({ type }) => secondLayers.has(type))) refuse('its pictures come with a second layer');
  const config = inEntry.find(({ type }) => type === 'avcC' || type === 'hvcC')?.data;
  if (config === undefined) refuse('its file does not state the parameters of its pictures');
  const sizes = sampleSizes(stbl);
  const offsets = sampleOffsets(stbl, sizes);
  if (offsets.some((offset, i) => offset + sizes[i] > size)) refuse('it is cut off');
  const matrixAt = trackHeader[0] === 1 ? 52 : 40;
  return {
    timescale: scaleOf(header),
    entry,
    config,
    matrix: trackHeader.subarray(matrixAt, matrixAt + 36),
    offsets,
    sizes,
    shown: shownTicks(stbl, sizes.length),
    sync: syncSamples(stbl, sizes.length),
  };
}

/** The bytes of one picture. */
export async function readSample(file: FileHandle, table: SampleTable, sample: number): Promise<Buffer> {
  const bytes = Buffer.alloc(table.sizes[sample]);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, table.offsets[sample]);
  if (bytesRead < bytes.length) refuse('it is cut off');
  return bytes;
}

/** The first bytes of a picture: what is before its slices, and the head of the first one, are among them. */
export async function readSampleHead(file: FileHandle, table: SampleTable, sample: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(table.sizes[sample], headBytes));
  await file.read(bytes, 0, bytes.length, table.offsets[sample]);
  return bytes;
}

/** The units in the first bytes of a picture; the last one may be cut off. */
export function unitsInHead(head: Buffer, lengthSize: number): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + lengthSize + 2 < head.length;) {
    const length = head.readUIntBE(at, lengthSize);
    at += lengthSize;
    units.push(head.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return units;
}

/** The units of a picture, each behind its length in `lengthSize` bytes. */
export function unitsOf(sample: Buffer, lengthSize: number): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < sample.length;) {
    if (at + lengthSize > sample.length) refuse('a picture is stored wrongly');
    const length = sample.readUIntBE(at, lengthSize);
    at += lengthSize;
    if (length === 0 || at + length > sample.length) refuse('a picture is stored wrongly');
    units.push(sample.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** As `unitsOf` reads them, behind lengths of 4 bytes. */
export function joinUnits(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}
