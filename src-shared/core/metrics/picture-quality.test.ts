import { describe, expect, it } from 'vitest';
import { maskedSsim } from './index.ts';

const size = { width: 24, height: 20 };
const pixels = size.width * size.height;
const picture = (value: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: 3 * pixels }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % size.width, Math.floor(pixel / size.width));
  });
const all = new Uint8Array(pixels).fill(255);

describe('maskedSsim', () => {
  it('is 1 for equal pictures and where nothing is masked', () => {
    const waves = picture((x, y) => 128 + 60 * Math.sin(x) * Math.cos(y / 2));
    expect(maskedSsim(waves, waves, all, size)).toBeCloseTo(1, 12);
    expect(
      maskedSsim(
        waves,
        picture(() => 0),
        new Uint8Array(pixels),
        size,
      ),
    ).toBe(1);
  });

  it('follows the formula for flat pictures: only the luminance term is left', () => {
    const c1 = 2.55 ** 2;
    const expected = (2 * 100 * 140 + c1) / (100 ** 2 + 140 ** 2 + c1);
    expect(
      maskedSsim(
        picture(() => 100),
        picture(() => 140),
        all,
        size,
      ),
    ).toBeCloseTo(expected, 9);
  });

  it('looks at the masked pixels only', () => {
    const left = new Uint8Array(pixels).map((_, i) => (i % size.width < 6 ? 255 : 0));
    const a = picture((x) => (x < 12 ? 90 : 30));
    const b = picture((x) => (x < 12 ? 90 : 220));
    expect(maskedSsim(a, b, left, size)).toBeCloseTo(1, 12);
    expect(maskedSsim(a, b, all, size)).toBeLessThan(0.8);
  });
});
