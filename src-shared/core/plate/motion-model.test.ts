import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { identityMotion, mapPoint, selectMotion, type Homography, type MotionKind } from './index.ts';

/** 300 pairs in a 640 × 360 picture with noise of `sigma` px; a share of them moves with something else. */
function pairsUnder(motion: Homography, sigma: number, outliers: number, seed: number): Float64Array {
  const next = seededNumbers(seed);
  const gauss = () => sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const pairs: number[] = [];
  for (let index = 0; index < 300; index++) {
    const [x, y] = [640 * next(), 360 * next()];
    const [u, v] = mapPoint(motion, x, y);
    if (next() < outliers) pairs.push(x, y, u + 25 + 5 * next(), v - 12 + 5 * next());
    else pairs.push(x, y, u + gauss(), v + gauss());
  }
  return Float64Array.from(pairs);
}

const turn = { cos: 1.02 * Math.cos(0.02), sin: 1.02 * Math.sin(0.02) };
const motions: readonly (readonly [MotionKind, Homography])[] = [
  ['identity', identityMotion()],
  ['translation', Float64Array.of(1, 0, 3.4, 0, 1, -1.7, 0, 0, 1)],
  ['similarity', Float64Array.of(turn.cos, -turn.sin, 4, turn.sin, turn.cos, -9, 0, 0, 1)],
  ['affine', Float64Array.of(1.02, 0.03, 2, -0.01, 0.97, 6, 0, 0, 1)],
  ['homography', Float64Array.of(1.01, 0.02, 5, -0.02, 0.99, -3, 6e-5, -8e-5, 1)],
];

describe('selectMotion', () => {
  it.each(motions)('names a motion of the kind %s, among a third of outliers', (kind, motion) => {
    for (let seed = 1; seed <= 8; seed++) {
      // The seed is as rough as RANSAC leaves it.
      const rough = motion.map((value, entry) => value + (entry === 2 || entry === 5 ? 0.6 : 0));
      const found = selectMotion(pairsUnder(motion, 0.15, 0.33, seed), [rough]);
      expect(found.kind).toBe(kind);
      for (const [x, y] of [
        [20, 20],
        [620, 20],
        [320, 180],
        [20, 340],
        [620, 340],
      ]) {
        expectClose(mapPoint(found.motion, x, y), mapPoint(motion, x, y), { atol: 0.25 });
      }
      expect(found.inlierRatio).toBeGreaterThan(0.58);
      expect(found.inlierRatio).toBeLessThan(0.76);
      expect(found.errorPx).toBeGreaterThan(0.15);
      expect(found.errorPx).toBeLessThan(0.27);
    }
  });

  it('returns the exact identity for a camera at rest, whatever the noise', () => {
    for (const sigma of [0, 0.05, 0.3]) {
      const found = selectMotion(pairsUnder(identityMotion(), sigma, 0.1, 7), []);
      expect(found.kind).toBe('identity');
      expect([...found.motion]).toEqual([...identityMotion()]);
    }
  });

  it('does not take a slow pan for rest', () => {
    const slow = Float64Array.of(1, 0, 0.2, 0, 1, 0.1, 0, 0, 1);
    expect(selectMotion(pairsUnder(slow, 0.1, 0.1, 3), []).kind).toBe('translation');
  });
});
