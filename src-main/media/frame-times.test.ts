import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinaries } from './binaries.ts';
import { createFfprobe, type Ffprobe } from './ffprobe.ts';
import { readFrameTimes } from './frame-times.ts';
import { probeClip } from './probe.ts';
import { ffmpeg, ffprobe, temporaryFolder, toolchains } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const seconds = 48;
const count = seconds * 25;

/** What each clip is like; `args` come before its path. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'reordered.mp4': ['-c:v', 'libx264', '-bf', '3', '-g', '30'],
  'intra.mov': ['-c:v', 'prores_ks', '-profile:v', '0'],
  'moved.mp4': ['-c:v', 'libx264', '-bf', '2', '-g', '25', '-output_ts_offset', '3'],
  'uneven.mp4': ['-vf', "select='mod(n+1,7)'", '-vsync', 'vfr', '-c:v', 'libx264', '-g', '50'],
  'beside-sound.mov': ['-f', 'lavfi', '-i', 'sine=r=8000:d=48', '-c:a', 'aac', '-c:v', 'libx264', '-g', '40'],
};

beforeAll(() => {
  for (const [name, args] of Object.entries(kinds)) {
    const picture = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=32x32:r=25:d=${seconds + (name === 'uneven.mp4' ? 12 : 0)}`,
    ];
    ffmpeg([...picture, ...args, at(name)]);
  }
  // The index says more than there is.
  ffmpeg(['-i', at('reordered.mp4'), '-c', 'copy', '-movflags', '+faststart', at('cut.mp4')]);
  truncateSync(at('cut.mp4'), Math.floor(0.8 * statSync(at('cut.mp4')).size));
  ffmpeg(['-ss', '0.5', '-i', at('reordered.mp4'), '-c', 'copy', at('trimmed.mp4')]);
  ffmpeg([
    '-i',
    at('reordered.mp4'),
    '-c',
    'copy',
    '-movflags',
    '+frag_keyframe+empty_moov',
    at('parts.mp4'),
  ]);
});

describe.each(toolchains)('times of many pictures with $name', ({ env }) => {
  let program: Ffprobe;
  beforeAll(async () => {
    program = createFfprobe((await findBinaries(env)).ffprobe);
  });

  /** The times that the clip is opened with, those of all its packets, and how many rows were read for the first. */
  async function bothWays(name: string) {
    let rows = 0;
    const counting: Ffprobe = {
      ...program,
      async *lines(...asked) {
        for await (const line of program.lines(...asked)) {
          rows++;
          yield line;
        }
      },
    };
    const { times, stream, info } = await probeClip(counting, at(name));
    const asked = { index: stream, codec: info.codec, mayHoldFields: false };
    return { times, info, all: await readFrameTimes(program, at(name), asked), rows };
  }

  it.each(Object.keys(kinds).filter((name) => name !== 'uneven.mp4'))(
    'come out of the index of %s, without reading its pictures',
    async (name) => {
      const { times, all, rows } = await bothWays(name);
      expect(times).toEqual(all);
      expect(times.ticks.length).toBeGreaterThanOrEqual(count);
      expect(rows).toBeLessThan(120);
    },
  );

  it.each(['uneven.mp4', 'cut.mp4', 'trimmed.mp4', 'parts.mp4'])(
    'come from the packets of %s',
    async (name) => {
      const { times, all } = await bothWays(name);
      expect(times).toEqual(all);
      const shown = ffprobe(at(name), '-select_streams', 'v', '-show_entries', 'packet=pts')
        .trim()
        .split('\n');
      expect(times.ticks.length).toBeLessThanOrEqual(shown.length);
    },
  );

  it('are those of what is left of a cut file, which says so', async () => {
    const { info } = await bothWays('cut.mp4');
    expect(info.ptsSec.length).toBeLessThan(count);
    expect(info.warnings.join(' ')).toMatch(/cut off|ends|missing/i);
  });
});
