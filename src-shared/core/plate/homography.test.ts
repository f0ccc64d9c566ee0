import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import {
  chain,
  enlargeMotion,
  identityMotion,
  invert,
  isIdentity,
  mapPoint,
  motionBetween,
} from './index.ts';

const tilted = Float64Array.of(1.1, -0.2, 5, 0.15, 0.95, -7, 2e-4, -1e-4, 1);
const moved = Float64Array.of(1, 0, 3, 0, 1, -4, 0, 0, 1);

describe('homographies', () => {
  it('map points by the projective formula', () => {
    // w = 1 + 2e-4 · 100 - 1e-4 · 50 = 1.015
    expectClose(mapPoint(tilted, 100, 50), [(110 - 10 + 5) / 1.015, (15 + 47.5 - 7) / 1.015], {
      atol: 1e-12,
    });
  });

  it('chain in the order of their names', () => {
    const [x, y] = mapPoint(moved, 10, 20);
    expectClose(mapPoint(chain(moved, tilted), 10, 20), mapPoint(tilted, x, y), { atol: 1e-10 });
  });

  it('have inverses', () => {
    expectClose(chain(tilted, invert(tilted)), identityMotion(), { atol: 1e-12 });
  });

  it('keep the identity exact', () => {
    expect(isIdentity(invert(identityMotion()))).toBe(true);
    expect(isIdentity(enlargeMotion(identityMotion(), 3))).toBe(true);
    expect(isIdentity(motionBetween(tilted, Float64Array.from(tilted)))).toBe(true);
    expect(isIdentity(moved)).toBe(false);
  });

  it('lead from one frame to another by way of the common pixels', () => {
    const common = mapPoint(tilted, 12, 34);
    expectClose(mapPoint(motionBetween(tilted, moved), 12, 34), mapPoint(invert(moved), ...common), {
      atol: 1e-9,
    });
  });

  it('scale with the picture, pixel centres in mind', () => {
    // Reduced pixel 0 is the mean of full pixels 0, 1, 2: its centre is 1.
    const full = enlargeMotion(moved, 3);
    expectClose(mapPoint(full, 1, 1), [1 + 9, 1 - 12], { atol: 1e-12 });
    const [u, v] = mapPoint(tilted, 20, 10);
    expectClose(mapPoint(enlargeMotion(tilted, 3), 61, 31), [3 * u + 1, 3 * v + 1], { atol: 1e-9 });
  });
});
