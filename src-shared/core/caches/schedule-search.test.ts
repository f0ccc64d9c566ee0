import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { scheduleError, searchSchedules, type ScheduleFacts } from './schedule-search.ts';

/** Facts of a run whose velocities are given, [steps][elements]. */
function factsOf(velocities: readonly Float32Array[], sensitivity?: number[]): ScheduleFacts {
  const steps = velocities.length;
  return {
    sigmas: Float64Array.from({ length: steps + 1 }, (_, i) => 1 - (i / steps) ** 1.5),
    gram: velocities.map((a) =>
      velocities.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length),
    ),
    sensitivity: sensitivity ?? new Array<number>(steps).fill(1),
  };
}

/** What a schedule really does to Euler's steps over the recorded velocities: root mean square of each gap's error. */
function replay(velocities: readonly Float32Array[], facts: ScheduleFacts, letters: string): number {
  const size = velocities[0].length;
  let sum = 0;
  let gap = new Float64Array(size);
  const close = (): void => {
    sum += gap.reduce((total, value) => total + value * value, 0) / size;
    gap = new Float64Array(size);
  };
  const calls: number[] = [];
  velocities.forEach((velocity, k) => {
    if (letters[k] === 'F') {
      close();
      calls.push(k);
      return;
    }
    const [last, before] = [calls.at(-1)!, calls.at(-2)];
    const { sigmas } = facts;
    const reach =
      letters[k] === 'r' || before === undefined
        ? 0
        : (sigmas[k] - sigmas[last]) / (sigmas[last] - sigmas[before]);
    const weight = (sigmas[k] - sigmas[k + 1]) * facts.sensitivity[k];
    velocity.forEach((value, i) => {
      const stand = velocities[last][i] + reach * (velocities[last][i] - velocities[before ?? 0][i]);
      gap[i] += weight * (stand - value);
    });
  });
  close();
  return Math.sqrt(sum);
}

/** Every schedule of so many steps and calls, each gap reused or forecast. */
function allSchedules(steps: number, calls: number, mayForecast: boolean): string[] {
  const found = new Set<string>();
  const walk = (letters: string, left: number): void => {
    if (letters.length === steps) {
      if (left === 0) found.add(letters);
      return;
    }
    if (left > 0) walk(`${letters}F`, left - 1);
    const last = letters.at(-1)!;
    for (const letter of mayForecast && /F.*F/.test(letters) ? ['r', 'f'] : ['r']) {
      if (last === 'F' || last === letter) walk(letters + letter, left);
    }
  };
  walk('F', calls - 1);
  return [...found];
}

const random = Array.from({ length: 9 }, (_, step) => gaussianNoise(step, 0, 6));

describe('the error of a schedule', () => {
  it.each(['FFFFFFFFF', 'FrrFrFrrr', 'FrFffFfff', 'FFFfffffF'])('%s is what a replay gives', (letters) => {
    const facts = factsOf(random, [3, 1, 0.5, 2, 1, 1, 0.3, 1, 2]);
    expect(scheduleError(facts, letters)).toBeCloseTo(replay(random, facts, letters), 10);
  });

  it('of reuse is nothing where the velocity stays, of forecasts where it moves in a straight line over sigma', () => {
    const still = factsOf(random.map(() => random[0]));
    expect(scheduleError(still, 'Frrrrrrrr')).toBeCloseTo(0, 5);
    const { sigmas } = still;
    const straight = factsOf(random.map((_, k) => random[0].map((v, i) => v + sigmas[k] * random[1][i])));
    expect(scheduleError(straight, 'FFfffffff')).toBeCloseTo(0, 5);
    expect(scheduleError(straight, 'FFrrrrrrr')).toBeGreaterThan(0.05);
  });

  it.each(['', 'rFFFFFFFF', 'FFFF', 'FFFFxFFFF'])('is not given for "%s"', (letters) => {
    expect(() => scheduleError(factsOf(random), letters)).toThrow(/no schedule of 9 steps/);
  });
});

describe('the search', () => {
  it.each([true, false])('finds the best of all schedules (forecasts: %s)', (mayForecast) => {
    const facts = factsOf(random, [1, 2, 0.5, 1, 4, 0.1, 1, 1, 2]);
    const points = searchSchedules(facts, mayForecast);
    expect(points.map(({ calls }) => calls)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { calls, letters, error } of points) {
      const best = Math.min(...allSchedules(9, calls, mayForecast).map((all) => scheduleError(facts, all)));
      expect(error).toBeCloseTo(best, 10);
      expect(scheduleError(facts, letters)).toBeCloseTo(error, 10);
      expect([...letters].filter((letter) => letter === 'F')).toHaveLength(calls);
    }
    expect(points[8].letters).toBe('FFFFFFFFF');
    expect(points[8].error).toBe(0);
  });

  it('puts the calls where velocities change, and where errors last', () => {
    // The velocity jumps at step 5.
    const jump = Array.from({ length: 12 }, (_, k) => Float32Array.of(k < 5 ? 1 : -1, k < 5 ? 0 : 3));
    expect(searchSchedules(factsOf(jump), false)[1].letters).toBe('FrrrrFrrrrrr');
    // It turns evenly; what goes wrong in the first half fades.
    const turn = Array.from({ length: 12 }, (_, k) => Float32Array.of(Math.cos(k / 4), Math.sin(k / 4)));
    const fading = Array.from({ length: 12 }, (_, k) => (k < 6 ? 0.01 : 1));
    const { letters } = searchSchedules(factsOf(turn, fading), false)[4];
    expect([...letters.slice(0, 6)].filter((letter) => letter === 'F')).toHaveLength(1);
  });

  it('takes a run of one step, and refuses facts that do not fit each other', () => {
    const one = { sigmas: [1, 0], gram: [[2]], sensitivity: [1] };
    expect(searchSchedules(one, true)).toEqual([{ calls: 1, letters: 'F', error: 0 }]);
    expect(() => searchSchedules({ ...one, sigmas: [1] }, true)).toThrow(/1 noise levels/);
    expect(() => searchSchedules({ ...one, gram: [[1, 2]] }, true)).toThrow(RangeError);
  });
});
