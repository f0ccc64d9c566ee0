import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planesToRgb } from '../../src-shared/core/picture/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { demo, demoJob, quietHooks } from './testing/demo-job.ts';
import { runJob } from './run-job.ts';
import '../media/testing/use-npm-binaries.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-words-'));
  const shapes = [{ kind: 'ellipse', keyframes: [{ frame: 0, centre: [330, 200], radii: [40, 40] }] }];
  const mask = { format: 'hetcut-mask', version: 1, width: 576, height: 320, frames: 25, shapes };
  await writeFile(join(home, 'mask.json'), JSON.stringify(mask));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const frames = 3;
const job = (changes: Partial<EditJob> = {}): EditJob =>
  demoJob(join(home, 'out.mp4'), {
    kind: 'edit',
    modelId: 'words',
    prompt: 'a red ball',
    clipPath: demo('campus.mp4'),
    maskPath: join(home, 'mask.json'),
    range: { startFrame: 0, endFrame: frames },
    steps: 8,
    ...changes,
  });

/** RGB of a frame, [3, height, width] in 0…1. */
async function picturesOf(path: string): Promise<Float32Array[]> {
  const source = await (await createMedia()).openClip(path, quietHooks.signal);
  const { info } = source;
  const pictures: Float32Array[] = [];
  for await (const { planes } of source.frames(0, frames, quietHooks.signal)) {
    pictures.push(planesToRgb(planes, info, { x: 0, y: 0, width: info.width, height: info.height }));
  }
  return pictures;
}

it('puts a thing of the colour there that stands still, before what the clip shows', async () => {
  const notes: string[] = [];
  const result = await runJob(job(), home, { ...quietHooks, onNote: (note) => void notes.push(note) });
  expect(result).toMatchObject({ model: 'words', windows: 1, fill: 'network', warnings: [] });
  expect(result.calls).toEqual({ full: 8, partial: 0, reuse: 0 });
  expect(result.quality.outsideMaxDiff).toBe(0);
  expect(notes.filter((note) => note.includes('does not know'))).toEqual([]);

  expect(result.thingShare).toBeGreaterThan(0.1);
  expect(result.thingShare).toBeLessThan(0.95);

  const [before, after] = [await picturesOf(demo('campus.mp4')), await picturesOf(result.output)];
  const pixels = before[0].length / 3;
  const changed = after.map((rgb, t) => {
    const indices = Array.from({ length: pixels }, (_, at) => at);
    return indices.filter((at) =>
      [0, 1, 2].some((c) => Math.abs(rgb[c * pixels + at] - before[t][c * pixels + at]) > 0.1),
    );
  });
  // A part of the mask of 40² π pixels: the rest is the clip's own.
  const share = changed[0].length / (Math.PI * 40 ** 2);
  expect(share).toBeGreaterThan(0.1);
  expect(share).toBeLessThan(0.95);
  const mean = (t: number, c: number): number =>
    changed[t].reduce((sum, at) => sum + after[t][c * pixels + at], 0) / changed[t].length;
  for (let t = 0; t < frames; t++) {
    expect(mean(t, 0) - mean(t, 1)).toBeGreaterThan(0.15);
    expect(mean(t, 0) - mean(t, 2)).toBeGreaterThan(0.15);
    // The camera stands: where the thing was before it is still.
    const common = new Set(changed[0]);
    expect(changed[t].filter((at) => common.has(at)).length / changed[0].length).toBeGreaterThan(0.9);
  }
}, 120_000);

it('says what it does not know and runs, and refuses what it cannot read', async () => {
  const notes: string[] = [];
  const hooks = { ...quietHooks, onNote: (note: string) => void notes.push(note) };
  const long = Array.from({ length: 30 }, () => 'a red ball').join(' and ');
  await runJob(job({ prompt: `a rad dragon, ${long}`, steps: 1 }), home, hooks);
  expect(notes.find((note) => note.includes('does not know'))).toContain(
    '"rad", "dragon", "and": did you mean "red"?',
  );
  expect(notes.find((note) => note.includes('is left out'))).toContain('the first 24 tokens');
  await expect(runJob(job({ prompt: '赤いボール' }), home, hooks)).rejects.toMatchObject({
    code: 'prompt-script',
  });
  await expect(runJob(job({ prompt: '  ' }), home, hooks)).rejects.toMatchObject({ code: 'prompt-missing' });
  await expect(runJob(job({ modelId: 'starter' }), home, hooks)).rejects.toMatchObject({
    code: 'prompt-unread',
  });
}, 120_000);
