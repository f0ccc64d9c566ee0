import { describe, expect, it } from 'vitest';
import { calibrateSchedule } from '../../../src-shared/core/caches/index.ts';
import { presetMethod } from '../../../src-shared/core/presets/index.ts';
import { partialNote, scheduleInfo, scheduleNote } from './schedule-info.ts';

const steps = 12;
const run = {
  steps,
  timesteps: Float32Array.from({ length: steps }, (_, i) => 1000 - 80 * i),
  sigmas: Float32Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps),
  guidanceScale: 5,
  calibration: {},
};
const gram = Array.from({ length: steps }, (_, i) =>
  Array.from({ length: steps }, (_, j) => Math.cos((i - j) / 4) * 40),
);
const calibration = { schedules: [calibrateSchedule(run, [gram], new Array<number>(steps).fill(1))] };
const fast = presetMethod('fast');
const sampler = { steps, guidanceScale: 5 };
const note = (info: ReturnType<typeof scheduleInfo>): string | undefined =>
  scheduleNote(info, 'mine', sampler);

describe('where the calls of a job go', () => {
  it('is said of HetCache alone', () => {
    expect(scheduleInfo({ name: 'full', options: {} }, run, { calibration: {} }, false)).toBeUndefined();
    expect(note(undefined)).toBeUndefined();
  });

  it('is the calibrated schedule, with what it is expected to be off by', () => {
    const info = scheduleInfo(fast, { ...run, calibration }, { calibration }, false);
    expect(info).toMatchObject({ source: 'calibrated' });
    expect(calibration.schedules[0].points.map(({ error }) => error)).toContain(info!.error);
    expect(info!.error).toBeGreaterThan(0);
    expect(note(info)).toBeUndefined();
  });

  it.each([
    [{ calibration: {} }, 'never', /mine is not calibrated: .* hetcut model calibrate mine --steps 12/],
    [{ calibration }, 'other-conditions', /other steps or guidance, not for 12 steps at guidance 5/],
    [{ calibration: {}, calibrationProblem: 'damaged' }, 'damaged', /damaged calibration/],
    [{ calibration: {}, calibrationProblem: 'newer' }, 'newer', /newer HetCut/],
    [{ calibration: {}, calibrationProblem: 'other-model' }, 'other-model', /of another model/],
  ] as const)('is even without one, and says why: %j', (model, missing, words) => {
    const info = scheduleInfo(fast, run, model, false);
    expect(info).toEqual({ source: 'even', missing, presets: ['quality', 'balanced', 'fast'] });
    expect(note(info)).toMatch(words);
  });

  it('is by drift where δ is asked of a model that is not calibrated', () => {
    const byDelta = presetMethod('fast', { options: { delta: 0.1 } });
    expect(scheduleInfo(byDelta, run, { calibration: {} }, false)).toMatchObject({ source: 'drift' });
  });

  it.each([
    [50, 'above', /largest error .* fewest calls/],
    [1e-9, 'below', /smallest error .* every step is computed/],
  ] as const)('says that a δ of %f is out of the curve', (delta, beyondCurve, words) => {
    const method = presetMethod('fast', { options: { delta } });
    const info = scheduleInfo(method, { ...run, calibration }, { calibration }, false);
    expect(info).toMatchObject({ source: 'calibrated', beyondCurve });
    expect(note(info)).toMatch(words);
  });

  it('computes all of few steps, and says what the presets do instead', () => {
    const few = {
      ...run,
      steps: 4,
      timesteps: run.timesteps.subarray(0, 4),
      sigmas: run.sigmas.subarray(0, 5),
    };
    const info = scheduleInfo(fast, few, { calibration: {} }, true);
    expect(info).toEqual({ source: 'few-steps', presets: ['quality', 'balanced', 'fast'] });
    expect(scheduleNote(info, 'starter', { steps: 4, guidanceScale: 1 })).toMatch(
      /starter runs 4 steps, .* presets differ by steps and working size/,
    );
  });
});

describe('the partial steps of a plan', () => {
  const probes = [2, 6].flatMap((after) => [1, 4].map((age) => ({ after, age, error: 1e-3 })));
  const ones = new Array<number>(steps).fill(1);
  const withPartial = { schedules: [calibrateSchedule(run, [gram], ones, probes)] };
  const of = (
    facts: Parameters<typeof scheduleInfo>[4],
    partialCost?: number,
    of: typeof calibration = withPartial,
  ) => {
    const known = partialCost === undefined ? {} : { partialCost };
    return scheduleInfo(fast, { ...run, calibration: of, ...known }, { calibration: of }, false, facts);
  };

  it('are counted, with what they cost and keep', () => {
    const info = of({ cost: 0.31, keptBytes: 3 * 2 ** 20 }, 0.31);
    expect(info!.partial).toEqual({ steps: expect.any(Number) as number, cost: 0.31, keptMb: 3 });
    expect(info!.partial!.steps).toBeGreaterThan(0);
    expect(partialNote(info)).toMatch(/^\d+ partial steps .* 31 % of a full one each, .*: 3.0 MB\.$/);
  });

  it.each([
    ['graph', { keptBytes: 0, missing: 'graph' } as const, undefined, withPartial, /no graph for them/],
    ['memory', { keptBytes: 0, missing: 'memory' } as const, undefined, withPartial, /no memory/],
    ['hole', { keptBytes: 0, cost: 0.8 }, 0.8, withPartial, /so much of the window/],
    ['calibration', { keptBytes: 0, cost: 0.3 }, 0.3, calibration, /calibrate it again/],
  ] as const)('are none, and it is said why: %s', (missing, facts, cost, calibrated, words) => {
    const info = of(facts, cost, calibrated);
    expect(info!.partial).toMatchObject({ steps: 0, missing });
    expect(partialNote(info)).toMatch(words);
  });

  it('are not spoken of where none are asked for, or nothing is calibrated', () => {
    expect(of(undefined)!.partial).toBeUndefined();
    expect(partialNote(of(undefined))).toBeUndefined();
    expect(of({ keptBytes: 0, cost: 0.3 }, 0.3, { schedules: [] })!.partial).toBeUndefined();
  });
});
