import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MaskCoverage } from '../../src-shared/core/estimate/index.ts';
import { openPlateCoverageCache } from './plate-coverage-cache.ts';

let home: string;
let clip: string;
let mask: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  clip = join(home, 'clip.mp4');
  mask = join(home, 'mask.mkv');
  for (const path of [clip, mask]) await writeFile(path, 'content');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const cells = { x: 1, y: 2, width: 3, height: 4 };
const open: MaskCoverage = {
  grid: { cellPx: 8, columns: 9, rows: 9 },
  frames: [null, { box: { x: 8, y: 16, width: 20, height: 30 }, cells, bits: new Uint8Array([0xff, 0x0f]) }],
};

describe('known plates', () => {
  it('remember what was open of a clip and mask', async () => {
    const plates = openPlateCoverageCache(home);
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toBeUndefined();
    await plates.remember({ clipPath: clip, maskPath: mask }, open);
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toEqual(open);
    expect(await plates.recall({ clipPath: mask, maskPath: clip })).toBeUndefined();
  });

  it('keep ranges of a clip apart', async () => {
    const plates = openPlateCoverageCache(home);
    const part = { clipPath: clip, maskPath: mask, range: { startFrame: 0, endFrame: 2 } };
    await plates.remember(part, open);
    expect(await plates.recall(part)).toEqual(open);
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toBeUndefined();
    expect(await plates.recall({ ...part, range: { startFrame: 0, endFrame: 3 } })).toBeUndefined();
  });

  it('forget a clip or mask that has changed', async () => {
    const plates = openPlateCoverageCache(home);
    await plates.remember({ clipPath: clip, maskPath: mask }, open);
    await writeFile(mask, 'longer content');
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toBeUndefined();
    await plates.remember({ clipPath: clip, maskPath: mask }, open);
    await utimes(clip, new Date(1000), new Date(1000));
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toBeUndefined();
  });

  it('are as good as none where a file is damaged', async () => {
    const plates = openPlateCoverageCache(home);
    await plates.remember({ clipPath: clip, maskPath: mask }, open);
    const [name] = await readdir(join(home, 'plates'));
    await writeFile(join(home, 'plates', name), 'damaged');
    expect(await plates.recall({ clipPath: clip, maskPath: mask })).toBeUndefined();
  });

  it('keep the newest 64', async () => {
    const plates = openPlateCoverageCache(home);
    for (let i = 0; i < 70; i++) {
      const other = join(home, `mask ${i}.mkv`);
      await writeFile(other, 'content');
      await plates.remember({ clipPath: clip, maskPath: other }, open);
    }
    expect(await readdir(join(home, 'plates'))).toHaveLength(64);
    expect(await plates.recall({ clipPath: clip, maskPath: join(home, 'mask 69.mkv') })).toEqual(open);
  });
});
