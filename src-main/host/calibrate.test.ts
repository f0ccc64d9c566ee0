import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSchedule } from '../../src-shared/core/caches/index.ts';
import { presetMethod } from '../../src-shared/core/presets/index.ts';
import type { CalibrateJob, CalibrationClip } from '../engine/calibrate-job.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { importModel, openModelFolder } from '../models/index.ts';
import { calibrate } from './calibrate.ts';
import { createEstimator, type Estimator } from './estimator.ts';
import { runJob } from './run-job.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';

const testbed = resolve(import.meta.dirname, '../../models/testbed');
const steps = 14;
const guidanceScale = 7;

let home: string;
let estimator: Estimator;
let prompts: Record<string, string>;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-calibrate-'));
  await importModel({ sourceDir: testbed, id: 'testbed', precision: 'fp32', home, replace: false }, {});
  prompts = JSON.parse(await readFile(join(testbed, 'clips/prompts.json'), 'utf8')) as typeof prompts;
  estimator = createEstimator(home, await createMedia(), quietHooks);
});
afterAll(async () => {
  await estimator.close();
  await rm(home, { recursive: true, force: true });
});

const clip = (name: string): CalibrationClip => ({
  clipPath: join(testbed, 'clips', `${name}.mp4`),
  maskPath: join(testbed, 'clips', `${name}.json`),
  prompt: prompts[name],
});
const job = (changes: Partial<EditJob> = {}): EditJob => {
  const { range: _, ...rest } = demoJob(join(home, 'out.mkv'), {
    ...clip('bench-24'),
    kind: 'edit',
    modelId: 'testbed',
    steps,
    preset: 'balanced',
    method: presetMethod('balanced'),
    ...changes,
  });
  return rest;
};

describe('a model that is calibrated', () => {
  it('says so before, and runs the schedule that was found after', async () => {
    const notes: string[] = [];
    const hooks = { ...quietHooks, onNote: (text: string) => void notes.push(text) };
    const before = await estimator.estimate(job());
    expect(before.schedule).toEqual({
      source: 'even',
      missing: 'never',
      calibrateSec: expect.any(Number) as number,
      presets: ['quality', 'balanced', 'fast'],
    });
    expect(before.notes).toEqual([expect.stringMatching(/testbed is not calibrated/)]);
    expect((await runJob(job(), home, hooks)).calls).toEqual(before.calls);
    expect(notes).toContain(before.notes[0]);

    const clips = [clip('calibrate-1'), clip('calibrate-3')];
    const result = await calibrate(
      { kind: 'calibrate', modelId: 'testbed', clips, runs: 1, steps, guidanceScale },
      home,
      quietHooks,
    );
    expect(result).toMatchObject({ id: 'testbed', steps, guidanceScales: [guidanceScale] });
    const [schedule] = result.calibration.schedules!;
    expect(schedule).toMatchObject({ runs: 2, guidanceScale });
    expect((await openModelFolder(home, 'testbed')).calibration).toEqual(result.calibration);
    // Fewer calls are expected to be further off, by far.
    expect(schedule.points[3].error / schedule.points[9].error).toBeGreaterThan(3);

    const after = await estimator.estimate(job());
    expect(after).toMatchObject({ schedule: { source: 'calibrated' } });
    const { partial, error } = after.schedule!;
    const run = { ...schedule, steps, timesteps: Float32Array.from(schedule.timesteps) };
    const { letters } = planSchedule(
      {
        ...run,
        sigmas: Float32Array.from(schedule.sigmas),
        calibration: { schedules: [schedule] },
        partialCost: partial!.cost!,
      },
      { schedule: 'calibrated', pace: 'balanced', delta: 0, partial: 'auto' },
    )!;
    expect([...schedule.points, ...schedule.partial!.curves.flatMap(({ points }) => points)]).toContainEqual(
      expect.objectContaining({ letters, error }),
    );
    const kinds = { full: 'F', partial: 'P', reuse: 'r' };
    expect(after.steps.map((kind) => kinds[kind]).join('')).toBe(letters.replaceAll('f', 'r'));
    expect(partial!.steps).toBe(after.calls.partial);
    const done = await runJob(job(), home, hooks);
    expect(done.calls).toEqual(after.calls);
    expect(done.flops).toBe(after.flops);
    expect(after.calls.partial).toBeGreaterThan(0);
    expect(after.notes).toEqual([expect.stringMatching(/partial steps compute the hole alone/)]);
    expect(notes).toEqual([...before.notes, ...after.notes]);
  });

  it('has no partial steps where there is no memory for what they look at, and says so', async () => {
    process.env['HETCUT_MEMORY_GB'] = '1';
    try {
      const notes: string[] = [];
      const estimate = await estimator.estimate(job());
      expect(estimate.calls.partial).toBe(0);
      expect(estimate.schedule).toMatchObject({
        source: 'calibrated',
        partial: { steps: 0, missing: 'memory' },
      });
      expect(estimate.notes).toEqual([expect.stringMatching(/^No partial steps: there is no memory/)]);
      const done = await runJob(job(), home, { ...quietHooks, onNote: (text) => void notes.push(text) });
      expect(done.calls).toEqual(estimate.calls);
      expect(notes).toContain(estimate.notes[0]);
    } finally {
      delete process.env['HETCUT_MEMORY_GB'];
    }
  });

  it('is not for other steps or guidance', async () => {
    for (const other of [{ steps: steps + 1 }, { guidanceScale: 3 }]) {
      const estimate = await estimator.estimate(job(other));
      expect(estimate.schedule).toMatchObject({ source: 'even', missing: 'other-conditions' });
    }
  });

  it('keeps what was found under other conditions', async () => {
    const task: CalibrateJob = { kind: 'calibrate', modelId: 'testbed', runs: 1 };
    const edit = job({ steps: 9 });
    expect((await estimator.estimate(edit)).schedule!.calibrateSec).toBeGreaterThan(0);
    const { calibration } = await calibrate({ ...task, edit }, home, quietHooks);
    const { schedule } = await estimator.estimate(edit);
    expect(schedule).toMatchObject({ source: 'calibrated' });
    expect(schedule).not.toHaveProperty('calibrateSec');
    expect(calibration.schedules!.map(({ timesteps }) => timesteps.length)).toEqual([steps, 9]);
    // Nothing can be left out of eight steps; what other caches want is measured all the same.
    const few = await calibrate(
      { ...task, clips: [clip('calibrate-3')], guidanceScale, steps: 8 },
      home,
      quietHooks,
    );
    expect(few.calibration.schedules).toEqual(calibration.schedules);
    expect(few.calibration.magnitudeRatios).toHaveLength(8);
  });
});

describe('an uncached run', () => {
  const full = { method: { name: 'full', options: {} }, steps: 11 } as const;

  it('teaches where calls are best made, for nothing', async () => {
    const balanced = job({ steps: full.steps });
    expect((await estimator.estimate(balanced)).schedule).toMatchObject({ missing: 'other-conditions' });
    const notes: string[] = [];
    await runJob(job(full), home, { ...quietHooks, onNote: (text) => void notes.push(text) });
    expect(notes).toContainEqual(expect.stringMatching(/testbed needs its calls: runs of 11 steps/));
    const { schedule, calls } = await estimator.estimate(balanced);
    expect(schedule).toMatchObject({ source: 'calibrated', partial: { missing: 'calibration' } });
    // A calibration would find partial steps as well.
    expect(schedule!.calibrateSec).toBeGreaterThan(0);
    expect((await runJob(balanced, home, quietHooks)).calls).toEqual(calls);
  });

  it('teaches nothing while a job is unfinished, whose checkpoint holds for the schedule of then', async () => {
    const unfinished = join(home, 'work', 'another');
    await mkdir(unfinished, { recursive: true });
    await runJob(job({ ...full, steps: 10 }), home, quietHooks);
    await rm(unfinished, { recursive: true });
    const { schedule } = await estimator.estimate(job({ steps: 10 }));
    expect(schedule).toMatchObject({ missing: 'other-conditions' });
  });

  it('leaves what a calibration has found', async () => {
    const { calibration } = await openModelFolder(home, 'testbed');
    const notes: string[] = [];
    await runJob(job({ ...full, steps }), home, { ...quietHooks, onNote: (text) => void notes.push(text) });
    expect((await openModelFolder(home, 'testbed')).calibration).toEqual(calibration);
    expect(notes.filter((text) => text.includes('needs its calls'))).toEqual([]);
  });
});

describe('what a model cannot be calibrated on', () => {
  it('is a clip of too few frames', async () => {
    const media = await createMedia();
    const [still, mask] = ['still.png', 'half.png'].map((name) => join(home, name));
    const size = { width: 96, height: 96 };
    await media.writePicture(still, { ...size, rgb: new Uint8Array(3 * 96 * 96).fill(90) });
    await media.writePicture(mask, { ...size, rgb: new Uint8Array(3 * 96 * 96).fill(255, 0, 3 * 96 * 40) });
    const clips = [{ clipPath: still, maskPath: mask, prompt: '' }];
    const task: CalibrateJob = { kind: 'calibrate', modelId: 'testbed', clips, runs: 1 };
    await expect(calibrate({ ...task, steps }, home, quietHooks)).rejects.toMatchObject({
      code: 'calibrate-short',
      message: expect.stringMatching(/still\.png has 1 frames: too few/) as string,
      hint: expect.stringMatching(/at least 5 frames/) as string,
    });
  });
});
