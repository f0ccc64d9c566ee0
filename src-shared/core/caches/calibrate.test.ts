import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { calibrateFrom } from './calibrate.ts';

describe('calibrateFrom', () => {
  it('returns the ratios of |velocity − sample| by hand', () => {
    const samples = [0, 1, 2].map((value) => new Float32Array(4).fill(value));
    const velocities = [4, 3, 3].map((value) => new Float32Array(4).fill(value));
    const { magnitudeRatios, driftPolynomial } = calibrateFrom({
      samples,
      velocities,
      embeddingDrift: Float32Array.of(0, 0.1, 0.2),
    });
    expect(magnitudeRatios).toEqual([1, 0.5, 0.5]);
    expect(driftPolynomial).toBeUndefined();
  });

  it('recovers a known polynomial from distances that follow it', () => {
    const known = [2000, -1100, 200, -8, 0.14];
    const at = (x: number): number => known.reduce((sum, coefficient) => sum * x + coefficient, 0);
    const drift = Array.from({ length: 30 }, (_, i) => (i === 0 ? 0 : 0.01 + 0.006 * i));
    // Each velocity is the one before times 1 + P(drift): their relative distance is P(drift).
    let size = 1;
    const velocities = drift.map((x, i) => {
      if (i > 0) size *= 1 + at(x);
      return new Float32Array(8).fill(size);
    });
    const samples = velocities.map((velocity) => velocity.map(() => 0));
    const result = calibrateFrom({ samples, velocities, embeddingDrift: Float32Array.from(drift) });
    const fitted = result.driftPolynomial ?? [];
    const values = drift.slice(1).map((x) => fitted.reduce((sum, coefficient) => sum * x + coefficient, 0));
    expectClose(values, drift.slice(1).map(at), { atol: 1e-4, rtol: 1e-4 });
    expectClose(result.driftRange ?? [], [0.016, 0.184], { atol: 1e-6 });
  });
});
