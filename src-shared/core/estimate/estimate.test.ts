import { describe, expect, it } from 'vitest';
import {
  guessRates,
  refineRates,
  remainingSeconds,
  stageSeconds,
  timedStages,
  totalSeconds,
} from './index.ts';
import type { StageWork } from './index.ts';

const work: StageWork = { plate: 16e6, text: 1e9, encode: 9e10, sample: 7e11, decode: 9e10, media: 40e6 };
const rates = guessRates(2e11);
const all = (value: number) => Object.fromEntries(timedStages.map((stage) => [stage, value])) as StageWork;

describe('estimate', () => {
  it('divides work by rate', () => {
    const seconds = stageSeconds(work, rates);
    expect(seconds.sample).toBeCloseTo(5, 9);
    expect(seconds.encode).toBeCloseTo(1, 9);
    expect(totalSeconds(seconds)).toBeCloseTo(2 + 0.01 + 1 + 5 + 1 + 2, 9);
  });

  it('comes to the true rates when jobs repeat, and ignores stages too short to measure', () => {
    const truth = { ...rates, sample: rates.sample / 3, media: rates.media * 2 };
    let learned = rates;
    for (let job = 0; job < 12; job++) learned = refineRates(learned, work, stageSeconds(work, truth));
    expect(learned.sample / truth.sample).toBeCloseTo(1, 3);
    expect(learned.media / truth.media).toBeCloseTo(1, 3);
    expect(learned.text).toBe(rates.text);
  });

  it('counts down, and lengthens where the job runs slower than foreseen', () => {
    const foreseen = stageSeconds(work, rates);
    const total = totalSeconds(foreseen);
    expect(remainingSeconds(foreseen, all(0), 0)).toBeCloseTo(total, 9);
    expect(remainingSeconds(foreseen, all(1), total)).toBeCloseTo(0, 9);
    expect(remainingSeconds(foreseen, all(0.5), total / 2)).toBeCloseTo(total / 2, 9);
    // Half done in twice the time: pace 2, half of it believed.
    expect(remainingSeconds(foreseen, all(0.5), total)).toBeCloseTo((total / 2) * 1.5, 9);
  });
});
