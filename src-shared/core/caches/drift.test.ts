import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { embeddingDrift, modelPolynomial, relativeL1, rowDrift } from './drift.ts';
import { oneTokenRun } from './testing/scripted-run.ts';

describe('relativeL1', () => {
  it('is mean|current − previous| / mean|previous|', () => {
    // (1 + 0 + 4 + 1) / (2 + 2 + 3 + 1)
    expect(relativeL1(Float32Array.of(1, 2, 1, 0), Float32Array.of(2, 2, -3, 1))).toBe(6 / 8);
    // Not symmetric: the earlier one is the measure.
    expect(relativeL1(Float32Array.of(2, 2, -3, 1), Float32Array.of(1, 2, 1, 0))).toBe(6 / 4);
  });

  it('of zeros is nothing without a change, and infinite with one', () => {
    expect(relativeL1(new Float32Array(3), new Float32Array(3))).toBe(0);
    expect(relativeL1(Float32Array.of(0, 1), new Float32Array(2))).toBe(Infinity);
  });

  it('refuses arrays of other lengths', () => {
    expect(() => relativeL1(new Float32Array(2), new Float32Array(3))).toThrow(RangeError);
  });
});

it('rowDrift is the distance of each row to the one before', () => {
  const rows = [Float32Array.of(1, 1), Float32Array.of(1, 3), Float32Array.of(0, 1)];
  // |3 − 1| / 2; (1 + 2) / 4
  expect([...rowDrift(rows)]).toEqual([0, 1, 0.75]);
});

describe('modelPolynomial', () => {
  /** TeaCache's of Wan2.1-1.3B. */
  const driftPolynomial = [2396.76752, -1311.10545, 201.331979, -8.29855975, 0.137887774];
  const wan = modelPolynomial({ driftPolynomial });

  it.each([
    [0, 0.137887774],
    // 0.014979797 − 0.163888181 + 0.503329948 − 0.414927988 + 0.137887774
    [0.05, 0.07738135],
    // 0.239676752 − 1.31110545 + 2.01331979 − 0.829855975 + 0.137887774
    [0.1, 0.249922891],
  ])('of Wan2.1-1.3B at %f is %f', (distance, expected) => {
    expectClose([wan(distance)], [expected], { atol: 1e-8 });
  });

  it('is never negative, and no more than a threshold can be', () => {
    // 3.834828 − 10.488844 + 8.053279 − 1.659712 + 0.137888 = −0.122561
    expect(wan(0.2)).toBe(0);
    // 1278.8
    expect(wan(1)).toBe(10);
  });

  it('outside the range that it was fitted on is what it is at its end', () => {
    const map = modelPolynomial({ driftPolynomial, driftRange: [0.05, 0.15] });
    // 1.213363557 − 4.424980894 + 4.529969528 − 1.244783963 + 0.137887774
    for (const beyond of [0.15, 0.2, 1, Infinity]) expectClose([map(beyond)], [0.211456002], { atol: 1e-8 });
    for (const below of [0, 0.01, 0.05]) expectClose([map(below)], [0.07738135], { atol: 1e-8 });
    expectClose([map(0.1)], [0.249922891], { atol: 1e-8 });
  });

  it('is the identity where the model has none', () => {
    const map = modelPolynomial({ driftRange: [0.05, 0.15] });
    expect([0, 0.3, 25].map(map)).toEqual([0, 0.3, 25]);
  });
});

it('embeddingDrift is the time embedding’s, step by step through the polynomial, the first 0', () => {
  const drift = { embedding: Float32Array.of(0, 0.25, 0.5, 4), projection: new Float32Array(4) };
  // 2x + 0.5 on 0 … 1
  const calibration = { driftPolynomial: [2, 0.5], driftRange: [0, 1] as const };
  expect([...embeddingDrift(oneTokenRun(4, { drift, calibration }))]).toEqual([0, 1, 1.5, 2.5]);
  expect([...embeddingDrift(oneTokenRun(4, { drift }))]).toEqual([0, 0.25, 0.5, 4]);
});
