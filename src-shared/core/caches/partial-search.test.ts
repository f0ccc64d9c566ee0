import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { GapErrors } from './gap-errors.ts';
import { partialErrorAt, type PartialErrors } from './partial-errors.ts';
import { searchPartials } from './partial-search.ts';
import { searchSchedules, type ScheduleFacts } from './schedule-search.ts';

const steps = 8;
const velocities = Array.from({ length: steps }, (_, k) =>
  gaussianNoise(k, 0, 6).map((noise, i) => 2 * Math.cos(k / 3 + i) + 0.3 * noise),
);
const facts: ScheduleFacts = {
  sigmas: Float64Array.from({ length: steps + 1 }, (_, i) => 1 - (i / steps) ** 1.5),
  gram: velocities.map((a) => velocities.map((b) => a.reduce((sum, v, i) => sum + v * b[i], 0) / a.length)),
  sensitivity: [1, 2, 0.5, 1, 3, 0.4, 1, 2],
};
const table: PartialErrors = {
  after: [1, 5],
  ages: [1, 3],
  errors: [
    [0.05, 0.2],
    [0.1, 0.3],
  ],
};

/** Every schedule whose first two calls are full and that has at most one partial step after each full one. */
function allSchedules(): string[] {
  const found: string[] = [];
  const walk = (letters: string): void => {
    if (letters.length === steps) return void found.push(letters);
    const calls = letters.replace(/[rf]/g, '');
    walk(`${letters}F`);
    if (calls.length >= 2 && calls.endsWith('F')) walk(`${letters}P`);
    const last = letters.at(-1)!;
    for (const letter of calls.length > 1 ? ['r', 'f'] : ['r']) {
      if (last === 'F' || last === 'P' || last === letter) walk(letters + letter);
    }
  };
  walk('F');
  return found;
}

/** Mean square by the definition: each gap's own, and of a partial step what its own step and its gap take over. */
function meanSquare(letters: string): number {
  const gaps = new GapErrors(facts);
  const calls = [...letters].flatMap((letter, step) => ('FP'.includes(letter) ? [step] : []));
  return calls.reduce((sum, last, i) => {
    const next = calls[i + 1] ?? steps;
    const way = letters[last + 1] === 'f' && next > last + 1 ? 1 : 0;
    const gap = gaps.ways(last, calls[i - 1])[way][next - last - 1];
    const own = letters[last] === 'P' ? partialErrorAt(table, calls[i - 1], last - calls[i - 1]) ** 2 : 0;
    return sum + gap.error + own * (gaps.weights[last] + gap.weight) ** 2;
  }, 0);
}

const count = (letters: string, letter: string): number => letters.split(letter).length - 1;

describe('the search with partial steps', () => {
  it.each([0.2, 0.5])('finds the best of all schedules of a cost, where they cost %f', (share) => {
    const all = allSchedules().map((letters) => ({
      letters,
      cost: count(letters, 'F') + share * count(letters, 'P'),
      error: Math.sqrt(meanSquare(letters)),
    }));
    const points = searchPartials(facts, table, share, 6);
    expect(points.length).toBeGreaterThan(4);
    let cheaper = Infinity;
    for (const { letters, error, full, partial } of points) {
      expect([full, partial]).toEqual([count(letters, 'F'), count(letters, 'P')]);
      expect(partial).toBeGreaterThan(0);
      const cost = full + share * partial;
      const best = Math.min(...all.filter((one) => one.cost <= cost + 1e-9).map((one) => one.error));
      expect(error).toBeCloseTo(best, 10);
      expect(Math.sqrt(meanSquare(letters))).toBeCloseTo(error, 10);
      expect(error).toBeLessThan(cheaper);
      cheaper = error;
    }
  });

  it('has none where they are as wrong as what reuse gives', () => {
    const wrong = { ...table, errors: table.errors.map((row) => row.map((error) => 1e3 * error)) };
    expect(searchPartials(facts, wrong, 0.5, 6)).toEqual([]);
  });

  it('is never worse than full steps alone', () => {
    const full = searchSchedules(facts, true);
    for (const { error, full: fulls, partial } of searchPartials(facts, table, 0.3, 6)) {
      expect(error).toBeLessThan(full[Math.floor(fulls + 0.3 * partial) - 1].error);
    }
  });

  it('takes a budget of nothing', () => {
    expect(searchPartials(facts, table, 0.5, 0)).toEqual([]);
  });
});
