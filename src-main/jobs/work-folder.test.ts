import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EditJob } from '../engine/edit-job.ts';
import type { FramePatch, PlateSummary } from '../engine/composite/patch-store.ts';
import type { SampleState, StepRecord } from '../engine/generate/sampling-loop.ts';
import { jobKey as keyOf, openWorkFolder, removeOldSteps } from './work-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-work-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const patch = (value: number): FramePatch => ({
  rect: { x: 2, y: 4, width: 2, height: 2 },
  planes: [new Uint16Array([value, 1023, 0, 7]), new Uint16Array([5]), new Uint16Array([6])],
  residual: new Uint8Array([255, 0, 0, 255]),
  unseen: new Uint8Array([255, 0, 255, 255]),
});

const step: StepRecord = {
  kind: 'partial',
  tokens: 7,
  streams: 2,
  flops: 1e12,
  networkSec: 2,
  selectionSec: 0.1,
  restSec: 0.2,
};
/** Its arrays are parts of larger ones and the same one twice, as a method's are. */
function stateOf(value: number): SampleState {
  const sample = new Float32Array([9, value, NaN, -0, 1e-40, 9]).subarray(1, 5);
  return {
    sample,
    steps: [step, { ...step, kind: 'reuse' }],
    scheduler: undefined,
    method: { own: { rate: undefined, sum: 0.1 + 0.2, active: Int32Array.of(3, 1) }, last: [sample] },
  };
}

describe('work folder', () => {
  it('returns what was written, with its number types', async () => {
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
    await expect(store.writeWindow(0, failing, [step])).rejects.toThrow();
    expect(await store.windowSteps(0)).toBeNull();
    await store.writeWindow(0, new Map([[0, patch(3)]]), [step]);
    expect(await store.windowSteps(0)).toEqual([step]);
    expect(await store.readWindow(0, 0)).toEqual(patch(3));
  });

  it('takes no plate for done that has lost a patch, or the end of one, and no window', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    const summary: PlateSummary = {
      maskedPixels: 4,
      platePixels: 4,
      open: { grid: { cellPx: 8, columns: 1, rows: 1 }, frames: [null] },
      warnings: [],
    };
    const plate = async (): Promise<void> => {
      for (const frame of [0, 1]) await store.writePlate(frame, patch(frame));
      await store.markPlateDone(summary);
    };
    const window = (): Promise<void> => store.writeWindow(0, new Map([[0, patch(3)]]), [step]);
    await plate();
    await window();
    expect(await store.plateDone()).toBe(true);
    const [first, second, generated, marker] = [
      'plate/0000000.patch',
      'plate/0000001.patch',
      'window-00000/0000000.patch',
      'plate.summary',
    ].map((name) => join(path, name));
    await rm(first);
    expect(await store.plateDone()).toBe(false);
    await plate();
    for (const cut of [second, marker]) {
      await truncate(cut, (await stat(cut)).size - 1);
      expect(await store.plateDone()).toBe(false);
      await plate();
    }
    expect(await store.plateDone()).toBe(true);
    expect(await store.plateSummary()).toEqual(summary);
    await truncate(generated, 0);
    expect(await store.windowSteps(0)).toBeNull();
    await window();
    expect(await store.windowSteps(0)).toEqual([step]);
  });

  it('names a patch that is damaged in its size', async () => {
    const store = openWorkFolder(join(folder, 'job'));
    await store.writePlate(0, patch(1));
    const path = join(folder, 'job/plate/0000000.patch');
    const bytes = await readFile(path);
    bytes.fill(0, bytes.length >> 1);
    await writeFile(path, bytes);
    await expect(store.readPlate(0)).rejects.toMatchObject({
      code: 'checkpoint-damaged',
      message: expect.stringContaining(path) as string,
    });
  });

  it('keeps the newest steps of a window until it is finished', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    expect(await store.readSteps('window 1')).toBeNull();
    await store.writeSteps('window 1', stateOf(1));
    await store.writeSteps('window 1', stateOf(2));
    expect(await readdir(path)).toEqual(['window.steps']);
    expect(await store.readSteps('window 1')).toEqual(stateOf(2));
    await store.writeWindow(0, new Map(), [step]);
    expect(await store.readSteps('window 1')).toBeNull();
    expect(await readdir(path)).toEqual(['window-00000']);
  });

  it('resumes from no steps of other work, and removes them', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    await store.writeSteps('window 1, seed 1', stateOf(1));
    await expect(store.readSteps('window 1, seed 2')).rejects.toMatchObject({ code: 'steps-stale' });
    expect(await readdir(path)).toEqual([]);
  });

  it('resumes from no damaged steps: cut off anywhere, one bit changed, or something else', async () => {
    const path = join(folder, 'job', 'window.steps');
    const store = openWorkFolder(join(folder, 'job'));
    await store.writeSteps('w', stateOf(1));
    const whole = await readFile(path);
    const header = whole.indexOf('\n');
    const flipped = (at: number): Buffer => {
      const copy = Buffer.from(whole);
      copy[at] ^= 1;
      return copy;
    };
    const damaged = [
      ...[0, 1, header, header + 1, whole.length - 1].map((length) => whole.subarray(0, length)),
      ...[header + 20, whole.length - 1].map(flipped),
      Buffer.concat([whole, Buffer.of(0)]),
      Buffer.from('null\n'),
    ];
    for (const content of damaged) {
      await writeFile(path, content);
      await expect(store.readSteps('w')).rejects.toMatchObject({
        code: 'steps-damaged',
        message: expect.stringContaining(path) as string,
      });
      expect(await readdir(join(folder, 'job'))).toEqual([]);
    }
    await writeFile(path, whole);
    expect(await store.readSteps('w')).toEqual(stateOf(1));
  });

  it('forgets steps that nobody has continued for 30 days, and nothing else', async () => {
    const dayMs = 24 * 3600 * 1000;
    for (const [job, days] of Object.entries({ old: 31, fresh: 29 })) {
      const store = openWorkFolder(join(folder, job));
      await store.writeWindow(0, new Map(), [step]);
      await store.writeSteps('w', stateOf(1));
      const then = new Date(100 * dayMs - days * dayMs);
      await utimes(join(folder, job, 'window.steps'), then, then);
    }
    await removeOldSteps(folder, 100 * dayMs);
    expect(await readdir(join(folder, 'old'))).toEqual(['window-00000']);
    expect(await readdir(join(folder, 'fresh'))).toEqual(['window-00000', 'window.steps']);
    await removeOldSteps(join(folder, 'nothing'), 0);
  });

  it('knows when the plate is done, and forgets all when cleared', async () => {
    const path = join(folder, 'job');
    const store = openWorkFolder(path);
    expect(await store.plateDone()).toBe(false);
    const summary = {
      maskedPixels: 4,
      platePixels: 2,
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
      fill: 'auto',
      encode: { quality: 'lossless' },
      fresh: false,
    };
    const jobKey = (asked: EditJob, model: string): Promise<string> => keyOf(asked, model, '1.0.0');
    const key = await jobKey(job, 'model-1');
    expect(await keyOf(job, 'model-1', '1.0.1')).not.toBe(key);
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
