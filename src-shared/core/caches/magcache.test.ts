import { describe, expect, it } from 'vitest';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

const magcache = (options: Record<string, number | string>) =>
  createMethod({
    name: 'magcache',
    options: { skips: 100, warmup: 0, reuse: 'residual', ...options },
  });

function kinds(
  options: Record<string, number | string>,
  magnitudeRatios: readonly number[],
  steps = magnitudeRatios.length,
): string {
  return kindLetters(runScript(magcache(options), oneTokenRun(steps, { calibration: { magnitudeRatios } })));
}

const falling = [1, ...new Array<number>(9).fill(0.9)];

describe('magcache', () => {
  it('sums the error |1 − Π| of the steps since the last call', () => {
    // Π 0.9, 0.81, 0.729: errors 0.1, 0.29, 0.561.
    expect(kinds({ delta: 0.05 }, falling)).toBe('FFFFFFFFFF');
    expect(kinds({ delta: 0.12 }, falling)).toBe('FrFrFrFrFr');
    expect(kinds({ delta: 0.3 }, falling)).toBe('FrrFrrFrrF');
    expect(kinds({ delta: 0.57 }, falling)).toBe('FrrrFrrrFr');
  });

  it('takes growth for an error as well, and growth after loss for none', () => {
    // Π 1.25, 1.5625: errors 0.25, 0.8125.
    expect(kinds({ delta: 0.3 }, [1, 1.25, 1.25, 1.25, 1.25])).toBe('FrFrF');
    // Π 0.5, 1, 0.5: errors 0.5, 0.5, 1.
    expect(kinds({ delta: 0.6 }, [1, 0.5, 2, 0.5, 1, 1])).toBe('FrrFrr');
  });

  it('reuses no more steps in a row than `skips`', () => {
    expect(kinds({ delta: 10, skips: 3 }, falling)).toBe('FrrrFrrrFr');
    expect(kinds({ delta: 10, skips: 1 }, falling)).toBe('FrFrFrFrFr');
    expect(kinds({ delta: 10, skips: 0 }, falling)).toBe('FFFFFFFFFF');
  });

  it('computes the first steps and counts from there', () => {
    expect(kinds({ delta: 0.3, warmup: 0.2 }, falling)).toBe('FFrrFrrFrr');
    // A quarter of 10 is not less than 3 whole steps.
    expect(kinds({ delta: 0.3, warmup: 0.25 }, falling)).toBe('FFFrrFrrFr');
    expect(kinds({ delta: 10, warmup: 1 }, falling)).toBe('FFFFFFFFFF');
  });

  it('serves other numbers of steps: half a step changes the size by the root of γ', () => {
    const calibrated = [1, 0.8, 0.8, 0.8, 0.8];
    // 9 steps, γ √0.8 = 0.894427: errors 0.105573, then 0.2 more with Π = 0.8: 0.305573.
    expect(kinds({ delta: 0.3056 }, calibrated, 9)).toBe('FrrFrrFrr');
    expect(kinds({ delta: 0.3055 }, calibrated, 9)).toBe('FrFrFrFrF');
    // 3 steps, γ 0.64: error 0.36.
    expect(kinds({ delta: 0.3601 }, calibrated, 3)).toBe('FrF');
    expect(kinds({ delta: 0.3599 }, calibrated, 3)).toBe('FFF');
  });

  it('falls where the calibrated sizes fall', () => {
    // Size 1 … 0.5 … 0.5: over 5 steps √0.5, √0.5, 1, 1. Errors 0.2929, 0.7929; then none.
    expect(kinds({ delta: 0.5 }, [1, 0.5, 1], 5)).toBe('FrFrr');
    expect(kinds({ delta: 0.5 }, [1, 1, 0.5], 5)).toBe('FrrrF');
  });

  it('manages one step, and a calibration of one', () => {
    expect(kinds({ delta: 0.5 }, falling, 1)).toBe('F');
    expect(kinds({ delta: 0.5 }, [1], 3)).toBe('Frr');
  });

  it('says what to do where the model was not calibrated', () => {
    expect(() => magcache({ delta: 0.1 }).start(oneTokenRun(5))).toThrow(
      expect.objectContaining({
        code: 'magcache-uncalibrated',
        exitCode: 2,
        hint: expect.stringContaining('model calibrate') as string,
      }),
    );
  });
});
