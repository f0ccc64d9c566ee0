import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EditJob } from '../engine/edit-job.ts';
import type { FramePatch } from '../engine/patch-store.ts';
import { jobKey, openWorkFolder } from './work-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-work-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const patch = (value: number): FramePatch => ({
  rect: { x: 2, y: 4, width: 2, height: 2 },
  planes: [new Uint16Array([value, 1023, 0, 7]), new Uint16Array([5]), new Uint16Array([6])],
  residual: new Uint8Array([255, 0, 0, 255]),
});

describe('work folder', () => {
  it('gives back what was written, with its number types', async () => {
    const store = openWorkFolder(join(folder, 'job'));
    await store.writePlate(3, patch(9));
    expect(await store.readPlate(3)).toEqual(patch(9));
    expect(await store.readPlate(4)).toBeNull();
  });

  it('has a window whole or not at all', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    const failing = new Map<number, FramePatch>([[0, patch(1)]]);
    // A value that cannot be stored stands for a process that dies in the middle.
    failing.set(1, { ...patch(2), residual: (() => 0) as unknown as Uint8Array });
    await expect(store.writeWindow(0, failing)).rejects.toThrow();
    expect(await store.hasWindow(0)).toBe(false);
    await store.writeWindow(0, new Map([[0, patch(3)]]));
    expect(await store.hasWindow(0)).toBe(true);
    expect(await store.readWindow(0, 0)).toEqual(patch(3));
  });

  it('knows when the plate is done, and forgets all when cleared', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    expect(await store.plateDone()).toBe(false);
    const summary = {
      maskedPixels: 4,
      settledPixels: 2,
      open: { grid: { cellPx: 8, columns: 1, rows: 1 }, frames: [null] },
      warnings: [],
    };
    await store.markPlateDone(summary);
    expect(await store.plateDone()).toBe(true);
    expect(await store.plateSummary()).toEqual(summary);
    await store.clear();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('jobKey', () => {
  it('follows what changes the result, and nothing else', async () => {
    const clipPath = join(folder, 'clip.mp4');
    const maskPath = join(folder, 'mask.png');
    await writeFile(clipPath, 'clip');
    await writeFile(maskPath, 'mask');
    const job: EditJob = {
      kind: 'remove',
      clipPath,
      maskPath,
      outputPath: join(folder, 'out.mp4'),
      modelId: 'starter',
      prompt: '',
      negativePrompt: '',
      preset: 'balanced',
      method: { name: 'hetcache', options: { delta: 0.2 } },
      seed: 1,
      plate: { kind: 'auto' },
      encode: { quality: 'lossless' },
      fresh: false,
    };
    const key = await jobKey(job, 'model-1');
    expect(await jobKey({ ...job, outputPath: join(folder, 'other.mp4'), fresh: true }, 'model-1')).toBe(key);
    // As a job's fields are ordered by whoever writes them down, or reads them again.
    const turned = Object.fromEntries(Object.entries(job).reverse()) as unknown as EditJob;
    expect(await jobKey(turned, 'model-1')).toBe(key);
    expect(await jobKey({ ...job, seed: 2 }, 'model-1')).not.toBe(key);
    const range = { startFrame: 0, endFrame: 5 };
    const ofRange = await jobKey({ ...job, range }, 'model-1');
    expect(ofRange).not.toBe(key);
    expect(await jobKey({ ...job, range: { ...range, endFrame: 6 } }, 'model-1')).not.toBe(ofRange);
    expect(await jobKey({ ...job, prompt: 'a lawn' }, 'model-1')).not.toBe(key);
    const otherDelta = { name: 'hetcache', options: { delta: 0.3 } };
    expect(await jobKey({ ...job, method: otherDelta }, 'model-1')).not.toBe(key);
    expect(await jobKey({ ...job, method: { name: 'full', options: {} } }, 'model-1')).not.toBe(key);
    expect(await jobKey(job, 'model-2')).not.toBe(key);
    const referencePath = join(folder, 'reference.png');
    await writeFile(referencePath, 'picture');
    const shown = await jobKey({ ...job, referencePath }, 'model-1');
    expect(shown).not.toBe(key);
    await writeFile(referencePath, 'other picture');
    expect(await jobKey({ ...job, referencePath }, 'model-1')).not.toBe(shown);
    expect(await jobKey({ ...job, featherPx: 9 }, 'model-1')).not.toBe(key);
    // A file that is gone is the job's own error, not the key's.
    const plate = { kind: 'file', path: join(folder, 'gone.png') } as const;
    expect(await jobKey({ ...job, plate }, 'model-1')).not.toBe(key);
    await utimes(maskPath, new Date(0), new Date(0));
    expect(await jobKey(job, 'model-1')).not.toBe(key);
  });
});
