import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClipInfo, Media } from '../engine/frames.ts';
import { writeSourceMap } from '../engine/export/source-map.ts';
import { createMedia } from '../media/index.ts';
import { ffmpeg, temporaryFolder } from '../media/testing/clips.ts';
import { cutSourceMap, readSourceMap, sourceMapPath } from './source-map.ts';

const folder = temporaryFolder(afterAll);
const size = { width: 32, height: 16 };
const result = join(folder, 'job.mp4');
let media: Media;
let clip: ClipInfo;

beforeAll(async () => {
  media = await createMedia();
  ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size.width}x${size.height}:r=25:d=0.12`],
    ...['-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p', result],
  ]);
  clip = (await media.openClip(result)).info;
});

/** A box of 8 × 4 at (8, 4) is masked; its right half is shown by no other frame. */
const masked = (x: number, y: number): boolean => x >= 8 && x < 16 && y >= 4 && y < 8;
const coverage = Uint8Array.from({ length: size.width * size.height }, (_, i) =>
  masked(i % size.width, Math.floor(i / size.width)) ? 200 : 0,
);
/** Reaches beyond the mask by two pixels. */
const rect = { x: 6, y: 2, width: 12, height: 8 };
const patch = {
  rect,
  planes: [new Uint8Array(), new Uint8Array(), new Uint8Array()] as const,
  residual: new Uint8Array(rect.width * rect.height),
  unseen: Uint8Array.from({ length: rect.width * rect.height }, (_, i) => (i % rect.width >= 6 ? 255 : 0)),
};

function input(signal = new AbortController().signal) {
  return {
    clip,
    mask: {
      frameCount: 3,
      async *masks() {
        yield coverage;
        yield new Uint8Array(coverage.length);
        yield coverage;
      },
    },
    patchOf: async (frame: number) => (frame === 1 ? null : patch),
    fill: 'exemplar' as const,
    signal,
  };
}

describe('a source map', () => {
  it('says of each filled pixel where it comes from, and of no other', async () => {
    const path = sourceMapPath(result);
    await writeSourceMap(media, path, input());
    const map = await readSourceMap(media, path, 2);
    expect(map).toMatchObject({
      rect: { x: 8, y: 4, width: 8, height: 4 },
      width: 8,
      height: 4,
      counts: { plate: 16, exemplar: 16, smooth: 0, network: 0 },
    });
    const row = [64, 64, 64, 64, 128, 128, 128, 128];
    expect([...Buffer.from(map?.greys ?? '', 'base64')]).toEqual([...row, ...row, ...row, ...row]);
    expect(await readSourceMap(media, path, 1)).toMatchObject({
      width: 0,
      height: 0,
      counts: { plate: 0, exemplar: 0, smooth: 0, network: 0 },
    });
    expect((await media.openClip(path)).info.ptsSec).toHaveLength(3);
    await expect(readSourceMap(media, path, 3)).rejects.toMatchObject({ code: 'frame', exitCode: 2 });
  });

  it('is not there for a result of an earlier version', async () => {
    expect(await readSourceMap(media, sourceMapPath(join(folder, 'old.mp4')), 0)).toBeNull();
  });

  it('leaves nothing where it is stopped', async () => {
    const before = readdirSync(folder);
    const path = join(folder, 'stopped.mkv');
    await expect(writeSourceMap(media, path, input(AbortSignal.abort()))).rejects.toMatchObject({
      exitCode: 130,
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('is thinned where the hole is large, and counted in full', () => {
    const map = cutSourceMap(new Uint8Array(1400 * 700).fill(255), 1400);
    expect(map).toMatchObject({ width: 467, height: 234, rect: { x: 0, y: 0, width: 1400, height: 700 } });
    expect(map.counts.network).toBe(1400 * 700);
  });
});
