import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClipInfo } from '../engine/frames.ts';
import { checkPlace } from './output-place.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-place-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// 45 minutes of 1080p.
const clip = { path: '/clip.mp4', width: 1920, height: 1080, ptsSec: new Float64Array(67_500) } as ClipInfo;
const check = (freeBytes: number, quality: 'lossless' | 'visually-lossless' = 'lossless'): Promise<void> =>
  checkPlace(join(folder, 'out.mp4'), clip, { quality }, async () => freeBytes);

it('says how much a disk lacks for a clip, and how many frames there would be room for', async () => {
  // 0.2 bytes a pixel at least: 414,720 a frame, 27,993.6 million in all.
  await expect(check(27_993_600_000)).resolves.toBeUndefined();
  await expect(check(4_147_200_000)).rejects.toMatchObject({
    code: 'disk-full',
    message: `The disk of ${folder} has 4147 MB free; 67500 frames of 1920×1080 take 27994 MB at least.`,
    hint: expect.stringContaining('room for 10000 frames at most') as string,
  });
  await expect(check(4_147_200_000, 'visually-lossless')).resolves.toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});
