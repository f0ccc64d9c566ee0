import { describe, expect, it } from 'vitest';
import {
  bfloat16ToFloat32Array,
  float16ToFloat32Array,
  float32ToBfloat16Array,
  float32ToFloat16Array,
} from './index.ts';

/** Value of a half by the definition of the format. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const toHalf = (value: number): number => float32ToFloat16Array(Float32Array.of(value))[0];

/** The float32 numbers next to `value`, away from zero and towards it. */
function neighbours(value: number): { above: number; below: number } {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const of = (word: number): number => new Float32Array(Uint32Array.of(word).buffer)[0];
  return { above: of(bits + 1), below: of(bits - 1) };
}

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** The patterns for which `holds` is not true. */
const exceptions = (holds: (bits: number) => boolean): number[] => [
  ...everyHalf.filter((bits) => !holds(bits)),
];

describe('float16', () => {
  it('returns the value that the format defines, for all 65536 patterns', () => {
    const values = float16ToFloat32Array(everyHalf);
    expect(exceptions((bits) => Object.is(values[bits], halfValue(bits)))).toEqual([]);
  });

  it('returns every pattern, and keeps NaN a NaN of the same sign', () => {
    const back = float32ToFloat16Array(float16ToFloat32Array(everyHalf));
    const isNan = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
    expect(
      exceptions((bits) =>
        isNan(bits) ? isNan(back[bits]) && (back[bits] ^ bits) < 0x8000 : back[bits] === bits,
      ),
    ).toEqual([]);
  });

  it('rounds to nearest with ties to even, between all neighbours, subnormal ones too', () => {
    const roundsRight = (bits: number): boolean => {
      const middle = (halfValue(bits) + halfValue(bits + 1)) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const { above, below } = neighbours(middle);
      return (
        toHalf(middle) === even &&
        toHalf(-middle) === (even | 0x8000) &&
        toHalf(above) === bits + 1 &&
        toHalf(below) === bits
      );
    };
    expect(exceptions((bits) => bits >= 0x7bff || roundsRight(bits))).toEqual([]);
  });

  it('overflows from 65520 on, not before', () => {
    expect(toHalf(65504)).toBe(0x7bff);
    expect(toHalf(neighbours(65520).below)).toBe(0x7bff);
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(-1e30)).toBe(0xfc00);
    expect(toHalf(-Infinity)).toBe(0xfc00);
    expect(toHalf(NaN) & 0x7fff).toBeGreaterThan(0x7c00);
  });

  it('flushes only what is not above half of the smallest subnormal, and keeps the sign of zero', () => {
    expect(toHalf(2 ** -25)).toBe(0);
    expect(toHalf(neighbours(2 ** -25).above)).toBe(1);
    expect(toHalf(2 ** -149)).toBe(0);
    expect(toHalf(-0)).toBe(0x8000);
  });

  it('writes into a part of a larger array', () => {
    const target = new Uint16Array(4);
    float32ToFloat16Array(Float32Array.of(9, 1, 2).subarray(1), target.subarray(1, 3));
    expect([...target]).toEqual([0, 0x3c00, 0x4000, 0]);
    const floats = new Float32Array(4);
    float16ToFloat32Array(target.subarray(1, 3), floats.subarray(2));
    expect([...floats]).toEqual([0, 0, 1, 2]);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32, exactly', () => {
    expect([...bfloat16ToFloat32Array(Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f80))]).toEqual([
      1,
      -2,
      Math.fround(2 ** -133),
      Infinity,
    ]);
  });

  it('returns every pattern, and keeps NaN a NaN', () => {
    const back = float32ToBfloat16Array(bfloat16ToFloat32Array(everyHalf));
    const isNan = (bits: number): boolean => (bits & 0x7fff) > 0x7f80;
    expect(exceptions((bits) => (isNan(bits) ? isNan(back[bits]) : back[bits] === bits))).toEqual([]);
  });

  it('rounds to nearest with ties to even', () => {
    // 1 + 2^-8 is between 1 (0x3f80, even) and 1 + 2^-7 (0x3f81); 1 + 3·2^-8 between 0x3f81 and 0x3f82 (even).
    const values = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.4e38);
    expect([...float32ToBfloat16Array(values)]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x7f80]);
  });
});
