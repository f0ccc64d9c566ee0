import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { repairLastPicture } from './last-picture.ts';
import { ffmpeg, ffprobe, makeCodedClip, temporaryFolder } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const times = (path: string): string =>
  ffprobe(path, '-select_streams', 'v', '-show_entries', 'stream=duration_ts,start_pts');
const shown = (path: string): number =>
  ffmpeg(['-i', path, '-vsync', 'passthrough', '-f', 'framecrc', '-']).toString().match(/^0,/gm)?.length ?? 0;

/** Takes the length of the last picture away, as old versions of ffmpeg write it: in 'stts', 'mdhd' and 'elst'. */
function withoutLastLength(source: string, target: string, ticks: number): void {
  const bytes = readFileSync(source);
  const content = (type: string): Buffer => bytes.subarray(bytes.indexOf(type, 0, 'latin1') + 4);
  const samples = content('stts');
  // One run of equal lengths becomes that run without its last picture, and the last picture on its own.
  expect([samples.readUInt32BE(4), samples.readUInt32BE(12)]).toEqual([1, ticks]);
  const count = samples.readUInt32BE(8);
  const split = Buffer.alloc(24);
  [2, count - 1, ticks, 1, 0].forEach((value, index) => split.writeUInt32BE(value, 4 * index));
  // The list grows by one entry: every box around it does, too.
  const place = bytes.indexOf('stts', 0, 'latin1') + 8;
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stts']) {
    const head = bytes.indexOf(type, 0, 'latin1') - 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(head) + 8, head);
  }
  const header = content('mdhd');
  header.writeUInt32BE(header.readUInt32BE(16) - ticks, 16);
  const scale = content('mvhd').readUInt32BE(12) / header.readUInt32BE(12);
  for (const [type, offset] of [
    ['tkhd', 20],
    ['mvhd', 16],
    ['elst', 8],
  ] as const) {
    const box = content(type);
    box.writeUInt32BE(box.readUInt32BE(offset) - ticks * scale, offset);
  }
  const grown = Buffer.concat([bytes.subarray(0, place), split.subarray(0, 20), bytes.subarray(place + 12)]);
  writeFileSync(target, grown);
}

describe('repairLastPicture', () => {
  it('restores the length of the last picture', async () => {
    // The index comes last, so that it may grow without moving the pictures.
    makeCodedClip(at('good.mp4'), 12, ['-c:v', 'libx264', '-bf', '2']);
    withoutLastLength(at('good.mp4'), at('short.mp4'), 512);
    expect(times(at('short.mp4'))).toBe('0,5632\n');
    expect(shown(at('short.mp4'))).toBe(11);
    await repairLastPicture(at('short.mp4'), 0.04, 0.48);
    expect(times(at('short.mp4'))).toBe(times(at('good.mp4')));
    expect(shown(at('short.mp4'))).toBe(12);
  });

  it('shows a last picture that the edit list leaves out', async () => {
    const bytes = readFileSync(at('good.mp4'));
    const content = (type: string): Buffer => bytes.subarray(bytes.indexOf(type, 0, 'latin1') + 4);
    const scale = content('mvhd').readUInt32BE(12);
    const places = [
      ['tkhd', 20],
      ['mvhd', 16],
      ['elst', 8],
    ] as const;
    for (const [type, offset] of places) content(type).writeUInt32BE(0.44 * scale, offset);
    writeFileSync(at('hidden.mp4'), bytes);
    expect(shown(at('hidden.mp4'))).toBe(11);
    await repairLastPicture(at('hidden.mp4'), 0.04, 0.48);
    expect(shown(at('hidden.mp4'))).toBe(12);
    expect(readFileSync(at('hidden.mp4')).equals(readFileSync(at('good.mp4')))).toBe(true);
  });

  it('leaves files that are right alone', async () => {
    makeCodedClip(at('index-first.mp4'), 12, ['-c:v', 'libx264', '-movflags', '+faststart']);
    for (const name of ['good.mp4', 'index-first.mp4']) {
      const before = readFileSync(at(name));
      await repairLastPicture(at(name), 0.04, 0.48);
      expect(readFileSync(at(name)).equals(before)).toBe(true);
    }
  });

  it('leaves other kinds of file alone', async () => {
    makeCodedClip(at('other.mkv'), 3, ['-c:v', 'ffv1']);
    const before = readFileSync(at('other.mkv'));
    await repairLastPicture(at('other.mkv'), 0.04, 0.12);
    expect(readFileSync(at('other.mkv')).equals(before)).toBe(true);
  });
});
