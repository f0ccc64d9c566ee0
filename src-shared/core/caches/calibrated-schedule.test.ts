import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import {
  choicesOf,
  choiceWithin,
  evenLetters,
  paceChoices,
  paceStops,
  partialShares,
  scheduleFor,
} from './calibrated-schedule.ts';
import {
  calibrateSchedule,
  createMethod,
  distinctPaces,
  factsOf,
  planSchedule,
  RunRecord,
  scheduleError,
  scriptedSchedule,
  spreadSensitivity,
  withSchedule,
  type CalibratedSchedule,
} from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

const steps = 20;
const run = oneTokenRun(steps, { guidanceScale: 5, streams: 2 });
/** Velocities that turn evenly, a little noise on top. */
const gram = (() => {
  const velocities = Array.from({ length: steps }, (_, k) => {
    const noise = gaussianNoise(k, 0, 40);
    return noise.map((value, i) => Math.cos(k / 5 + i) + 0.05 * value);
  });
  return velocities.map((a) => velocities.map((b) => a.reduce((sum, v, i) => sum + v * b[i], 0) / 40));
})();
const even = new Array<number>(steps).fill(1);
const schedule = calibrateSchedule(run, [gram], even);
const calibrated = { ...run, calibration: { schedules: [schedule] } };

describe('a calibrated schedule', () => {
  it('holds for the same steps, shift, scheduler and guidance only', () => {
    expect(scheduleFor([schedule], run)).toBe(schedule);
    expect(scheduleFor(undefined, run)).toBeUndefined();
    const others = [
      { ...run, guidanceScale: 4.9 },
      { ...run, sigmas: run.sigmas.map((sigma) => sigma ** 2) },
      {
        ...run,
        timesteps: run.timesteps.map((t) => Math.floor(t + 0.5)).map((t, i) => (i === 3 ? t + 1 : t)),
      },
      { ...run, timesteps: run.timesteps.subarray(1), sigmas: run.sigmas.subarray(1) },
    ];
    for (const other of others) expect(scheduleFor([schedule], other)).toBeUndefined();
  });

  it('keeps what it was searched from, through JSON', () => {
    const read = JSON.parse(JSON.stringify(schedule)) as CalibratedSchedule;
    const facts = factsOf(read);
    expect(facts.gram[3][11]).toBe(facts.gram[11][3]);
    for (const { letters, error } of read.points) {
      expect(Math.abs(scheduleError(facts, letters) - error)).toBeLessThan(1e-3);
    }
    expect(scheduleFor([read], run)).toBe(read);
  });

  it('is the mean over runs, and takes the place of one of the same conditions', () => {
    const doubled = calibrateSchedule(run, [gram, gram.map((row) => row.map((v) => 3 * v))], even);
    expect(doubled.runs).toBe(2);
    expect(doubled.gram[5][2] / schedule.gram[5][2]).toBeCloseTo(2, 5);
    expect(withSchedule([schedule], doubled)).toEqual([doubled]);
    const other = { ...doubled, guidanceScale: 3 };
    expect(withSchedule([schedule], other)).toEqual([schedule, other]);
  });

  it('is where HetCache takes its calls from: as few as δ allows', () => {
    for (const delta of [0.02, 0.1, 0.3]) {
      const { letters, error, cost } = choiceWithin(choicesOf(schedule), delta);
      expect(error).toBeLessThanOrEqual(delta);
      expect(schedule.points[cost - 2].error).toBeGreaterThan(delta);
      const method = createMethod({ name: 'hetcache', options: { delta } });
      expect(kindLetters(runScript(method, calibrated))).toBe(letters.replaceAll('f', 'r'));
    }
    const all = createMethod({ name: 'hetcache', options: { delta: 0 } });
    expect(kindLetters(runScript(all, calibrated))).toBe('F'.repeat(steps));
    // The drift of this run is 0 everywhere: without the schedule only both ends are computed.
    const byDrift = createMethod({ name: 'hetcache', options: { delta: 0.1, schedule: 'drift' } });
    expect(kindLetters(runScript(byDrift, calibrated))).toBe(`F${'r'.repeat(steps - 2)}F`);
  });
});

describe('a calibrated schedule with partial steps', () => {
  // What they are off by is next to nothing: only what they cost keeps them from being everywhere.
  const probes = [4, 12].flatMap((after) => [1, 4].map((age) => ({ after, age, error: 1e-4 * age })));
  const withPartial = calibrateSchedule(run, [gram], even, probes);

  it('has curves for each share that a partial step may cost, better the cheaper it is', () => {
    expect(withPartial.points).toEqual(schedule.points);
    expect(withPartial.partial!.errors).toEqual({
      after: [4, 12],
      ages: [1, 4],
      errors: [
        [1e-4, 4e-4],
        [1e-4, 4e-4],
      ],
    });
    const { curves } = withPartial.partial!;
    expect(curves.map(({ share }) => share)).toEqual([...partialShares]);
    const errorAt = (i: number, cost: number): number =>
      Math.min(
        ...curves[i].points
          .filter((point) => point.full + curves[i].share * point.partial <= cost)
          .map(({ error }) => error),
      );
    for (const cost of [5, 7, 9]) {
      expect(errorAt(0, cost)).toBeLessThan(errorAt(4, cost));
      expect(errorAt(4, cost)).toBeLessThan(1.001 * schedule.points[cost - 1].error);
    }
    expect(errorAt(2, 7)).toBeLessThan(0.9 * schedule.points[6].error);
    expect(JSON.parse(JSON.stringify(withPartial))).toEqual(withPartial);
  });

  it('offers them to a run whose partial steps cost about as much, and not where they cost too much or cannot be', () => {
    const costs = (partialCost?: number) => choicesOf(withPartial, partialCost);
    expect(costs()).toEqual(choicesOf(schedule));
    expect(costs(0.66)).toEqual(choicesOf(schedule));
    expect(costs(0.64)).toEqual(costs(0.6));
    expect(costs(0.01)).toEqual(costs(0.2));
    expect(costs(0.34)).toEqual(costs(0.3));
    for (const list of [costs(0.2), costs(0.5)]) {
      expect(list.map(({ cost }) => cost)).toEqual([...list.map(({ cost }) => cost)].sort((a, b) => a - b));
      expect(list.filter(({ letters }) => letters.includes('P')).length).toBeGreaterThan(5);
    }
    expect(choicesOf(schedule, 0.3)).toEqual(choicesOf(schedule));
  });

  it('is chosen by what it costs: δ allows fewer full steps than without', () => {
    const without = choiceWithin(choicesOf(withPartial), 0.1);
    const chosen = choiceWithin(choicesOf(withPartial, 0.3), 0.1);
    expect(chosen.error).toBeLessThanOrEqual(0.1);
    expect(chosen.cost).toBeLessThan(without.cost);
    expect(chosen.letters).toContain('P');
    const paces = paceChoices(choicesOf(withPartial, 0.3));
    expect(paces.quality.cost).toBeLessThanOrEqual(steps / 2);
    expect(paces.quality.cost / paces.balanced.cost).toBeGreaterThanOrEqual(1.5);
    // 3 calls are the fewest: there is no room for one half as cheap again.
    expect(paces.balanced.cost).toBeLessThan(4.5);
    expect(paces.fast).toEqual(paces.balanced);
  });
});

describe('paces', () => {
  const callsOf = (pace: 'quality' | 'balanced' | 'fast'): number =>
    paceChoices(choicesOf(schedule))[pace].cost;

  it('are points of the curve at least half as many calls again apart', () => {
    const [quality, balanced, fast] = [callsOf('quality'), callsOf('balanced'), callsOf('fast')];
    expect(quality).toBeLessThanOrEqual(steps / 2);
    expect(quality / balanced).toBeGreaterThanOrEqual(1.5);
    expect(balanced / fast).toBeGreaterThanOrEqual(1.5);
    expect(distinctPaces(calibrated)).toEqual(['quality', 'balanced', 'fast']);
  });

  it('have every schedule between them, each by the δ that gives it', () => {
    const choices = choicesOf(schedule);
    const found = paceChoices(choices);
    const stops = paceStops(choices);
    expect(stops.filter(({ pace }) => pace).map(({ pace }) => pace)).toEqual(['quality', 'balanced', 'fast']);
    expect(stops[0].pace).toBe('quality');
    expect(stops.at(-1)!.pace).toBe('fast');
    const costs = stops.map(({ delta }) => choiceWithin(choices, delta).cost);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(new Set(costs).size).toBe(found.quality.cost - found.fast.cost + 1);
    for (const { delta, pace } of stops) {
      if (pace !== undefined) expect(choiceWithin(choices, delta)).toEqual(found[pace]);
    }
  });

  it('are fewer where the curve has no room for three', () => {
    const nine = oneTokenRun(9, { guidanceScale: 5 });
    const small = calibrateSchedule(nine, [gram.slice(0, 9).map((row) => row.slice(0, 9))], even.slice(0, 9));
    expect(distinctPaces({ ...nine, calibration: { schedules: [small] } })).toEqual(['quality']);
  });

  it('of a model that is not calibrated are even, forecast only without guidance', () => {
    const plan = (pace: 'quality' | 'fast', guidanceScale: number) =>
      planSchedule({ ...run, guidanceScale }, { schedule: 'calibrated', pace, delta: 0, partial: 'auto' });
    expect(plan('fast', 5)).toEqual({ source: 'even', letters: 'FrrrrFrrrrFrrrrFrrrr' });
    expect(plan('quality', 1)).toEqual({ source: 'even', letters: 'Ff'.repeat(10) });
    expect(evenLetters(7, 3, 'r')).toBe('FrFrFrr');
  });

  it('compute all of few steps', () => {
    for (const pace of ['quality', 'balanced', 'fast'] as const) {
      const few = planSchedule(oneTokenRun(8), { schedule: 'calibrated', pace, delta: 0, partial: 'auto' });
      expect(few).toEqual({ source: 'few-steps', letters: 'FFFFFFFF' });
      expect(distinctPaces(oneTokenRun(8))).toEqual(['quality']);
    }
  });
});

describe('what a calibration records', () => {
  it('is the mean product of each two velocities over the generative tokens', () => {
    const record = new RunRecord(Int32Array.of(1));
    record.add(Float32Array.of(9, 9, 1, 2, 9, 9), 2);
    record.add(Float32Array.of(8, 8, 3, -1, 8, 8), 2);
    expect(record.gram()).toEqual([
      [2.5, 0.5],
      [0.5, 5],
    ]);
  });

  it('spreads sensitivities by their logarithm', () => {
    const probes = [
      { step: 1, growth: 1 },
      { step: 1, growth: 4 },
      { step: 3, growth: 8 },
      { step: 3, growth: 0 },
    ];
    expect(spreadSensitivity(5, probes)).toEqual([
      2,
      2,
      expect.closeTo(4, 10),
      expect.closeTo(8, 10),
      expect.closeTo(8, 10),
    ]);
    expect(spreadSensitivity(3, [])).toEqual([1, 1, 1]);
  });

  it('runs schedules as they are written', () => {
    const letters = 'FFrfFr';
    const steps = runScript(scriptedSchedule(letters), oneTokenRun(8), {
      output: (step) => ({ velocities: [Float32Array.of(step * step)] }),
    });
    expect(kindLetters(steps)).toBe('FFrrFrFF');
    // 0, 1, then reused 1, the line through 0 and 1, 16, reused.
    expect(steps.map(({ velocities }) => velocities[0][0])).toEqual([0, 1, 1, 3, 16, 16, 36, 49]);
  });
});
