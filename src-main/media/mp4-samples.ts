import { open, type FileHandle } from 'node:fs/promises';
import { boxesIn, childBox, findMoov, scaleOf } from './mp4-boxes.ts';

/**
 * The pictures of a track as the index of an MP4 or MOV file lists them, in the order in which they are stored. Times are in
 * ticks of the track, and begin at 0 with the first stored one: edit lists are not looked at.
 */
export interface SampleTable {
  /** When each is decoded. */
  readonly dts: Float64Array;
  /** When each is shown. */
  readonly pts: Float64Array;
  /** 1: decoding can start there. */
  readonly key: Uint8Array;
  readonly lastDuration: number;
}

/** Indices of the longest recordings are some tens of megabytes. */
const mostIndexBytes = 2 ** 28;
const mostSamples = 2 ** 24;

/** What a track must be for its table to be taken. */
export interface WantedTrack {
  /** Position among the file's tracks. */
  readonly index: number;
  readonly ticksPerSec: number;
  readonly samples: number;
}

async function readIndex(file: FileHandle): Promise<Buffer | undefined> {
  const place = await findMoov(file);
  if (place === undefined || place.length < 0 || place.length > mostIndexBytes) return undefined;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(place.length), 0, place.length, place.position);
  return bytesRead === place.length ? buffer : undefined;
}

/** Rows of `columns` 32-bit numbers behind a full box's version, flags and row count. */
function tableOf(box: Buffer | undefined, columns: number): DataView | undefined {
  if (box === undefined || box.length < 8) return undefined;
  const bytes = box.readUInt32BE(4) * columns * 4;
  return bytes > box.length - 8 ? undefined : new DataView(box.buffer, box.byteOffset + 8, bytes);
}

/** Whether the edit list, if any, shows one stretch of the track, after nothing or a wait. */
function isOneStretch(track: Buffer): boolean {
  const box = childBox(track, 'edts', 'elst');
  if (box === undefined) return true;
  const long = box[0] === 1;
  const table = tableOf(box, long ? 5 : 3);
  if (table === undefined) return false;
  let stretches = 0;
  for (let row = 0; row < table.byteLength; row += long ? 20 : 12) {
    const mediaTime = long ? Number(table.getBigInt64(row + 8)) : table.getInt32(row + 4);
    if (mediaTime !== -1) stretches++;
  }
  return stretches <= 1;
}

/** Sizes of the stored pictures; undefined where there are not as many as wanted. */
function sizesOf(box: Buffer | undefined, count: number): ((at: number) => number) | undefined {
  if (box === undefined || box.length < 12 || box.readUInt32BE(8) !== count) return undefined;
  const same = box.readUInt32BE(4);
  if (same !== 0) return () => same;
  return count * 4 > box.length - 12 ? undefined : (at) => box.readUInt32BE(12 + 4 * at);
}

/** Where the stored pictures end in the file; undefined where the tables do not fit together. */
function endOfSamples(list: Buffer, count: number): number | undefined {
  const sizes = sizesOf(childBox(list, 'stsz'), count);
  const runs = tableOf(childBox(list, 'stsc'), 3);
  const short = tableOf(childBox(list, 'stco'), 1);
  const long = tableOf(childBox(list, 'co64'), 2);
  const offsets = short ?? long;
  if (sizes === undefined || runs === undefined || offsets === undefined) return undefined;
  const chunks = offsets.byteLength / (short === undefined ? 8 : 4);
  const offsetOf = (chunk: number): number =>
    short === undefined ? Number(offsets.getBigUint64(8 * chunk)) : offsets.getUint32(4 * chunk);
  let sample = 0;
  let end = 0;
  for (let chunk = 0, run = 0; chunk < chunks && sample < count; chunk++) {
    // Chunks are numbered from 1.
    while (12 * (run + 1) < runs.byteLength && runs.getUint32(12 * (run + 1)) <= chunk + 1) run++;
    if (12 * run >= runs.byteLength) return undefined;
    let at = offsetOf(chunk);
    for (let left = runs.getUint32(12 * run + 4); left > 0 && sample < count; left--) at += sizes(sample++);
    end = Math.max(end, at);
  }
  return sample === count ? end : undefined;
}

function timesOf(list: Buffer, count: number): SampleTable | undefined {
  const durations = tableOf(childBox(list, 'stts'), 2);
  if (durations === undefined) return undefined;
  const dts = new Float64Array(count);
  let at = 0;
  let ticks = 0;
  let lastDuration = 0;
  for (let row = 0; row < durations.byteLength; row += 8) {
    const duration = durations.getUint32(row + 4);
    for (let left = durations.getUint32(row); left > 0 && at < count; left--) {
      dts[at++] = ticks;
      ticks += duration;
      lastDuration = duration;
    }
  }
  if (at !== count) return undefined;
  const pts = dts.slice();
  const shiftBox = childBox(list, 'ctts');
  const shifts = tableOf(shiftBox, 2);
  if (shiftBox !== undefined && shifts === undefined) return undefined;
  if (shifts !== undefined) {
    let sample = 0;
    for (let row = 0; row < shifts.byteLength; row += 8) {
      // Signed in version 1; files of version 0 with negative ones are about as well.
      const shift = shifts.getInt32(row + 4);
      for (let left = shifts.getUint32(row); left > 0 && sample < count; left--) pts[sample++] += shift;
    }
    if (sample !== count) return undefined;
  }
  const keyBox = childBox(list, 'stss');
  const keys = tableOf(keyBox, 1);
  if (keyBox !== undefined && keys === undefined) return undefined;
  // Without a list every picture is one.
  const key = new Uint8Array(count).fill(keys === undefined ? 1 : 0);
  if (keys !== undefined) {
    for (let row = 0; row < keys.byteLength; row += 4) {
      const number = keys.getUint32(row);
      if (number < 1 || number > count) return undefined;
      key[number - 1] = 1;
    }
  }
  return { dts, pts, key, lastDuration };
}

/**
 * Reads a track's table out of a file's index, a few hundred kilobytes for an hour, whatever the pictures take. Undefined
 * where the file has no such index, is cut off, or is another than expected: then its packets say it.
 */
export async function readSampleTable(path: string, wanted: WantedTrack): Promise<SampleTable | undefined> {
  const { ticksPerSec, samples } = wanted;
  if (samples < 1 || samples > mostSamples) return undefined;
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const index = await readIndex(file);
    // A file in fragments has the rest of its index all over it.
    if (index === undefined || childBox(index, 'mvex') !== undefined) return undefined;
    const track = [...boxesIn(index)].filter(({ type }) => type === 'trak').at(wanted.index)?.data;
    const header = track && childBox(track, 'mdia', 'mdhd');
    const list = track && childBox(track, 'mdia', 'minf', 'stbl');
    if (track === undefined || header === undefined || list === undefined) return undefined;
    if (header.length < 24 || scaleOf(header) !== ticksPerSec || !isOneStretch(track)) return undefined;
    const end = endOfSamples(list, samples);
    return end === undefined || end > size ? undefined : timesOf(list, samples);
  } finally {
    await file.close();
  }
}
