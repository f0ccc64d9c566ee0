/**
 * IEEE 754 binary16 ("half", float16) and bfloat16, as raw 16 bits in a Uint16Array.
 * binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits; bfloat16: the upper half of a binary32.
 */

const float32Infinity = 0x7f800000;
/** 65520 as float32: from here on the nearest half is infinity (65504 is the largest finite one). */
const firstOverflowing = 0x477ff000;
/** 2^-14 as float32: the smallest normal half. */
const smallestNormalHalf = 0x38800000;
/** 2^-25 as float32: exactly half of the smallest subnormal, which rounds to even, that is to zero. */
const halfOfSmallestSubnormal = 0x33000000;
/** Difference of the exponent biases (127 − 15) in place in a float32. */
const biasDifference = 0x38000000;

/** Magnitude of a float32 below 2^-14, given by its bits, as a subnormal half, rounded to nearest even. */
function subnormalHalf(magnitude: number): number {
  if (magnitude <= halfOfSmallestSubnormal) return 0;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - (magnitude >>> 23);
  const kept = significand >>> shift;
  const dropped = significand & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return dropped > tie || (dropped === tie && (kept & 1) === 1) ? kept + 1 : kept;
}

/**
 * float32 to float16 bits, rounded to nearest, ties to even (IEEE 754, 4.3.1): subnormals kept, magnitudes from
 * 65520 on become infinity, NaN becomes a quiet NaN of the same sign.
 * @param values any length, float32
 * @param target where to write (at least as long); allocated if absent
 * @returns `target`
 */
export function float32ToFloat16Array(
  values: Float32Array,
  target: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude >= firstOverflowing) target[i] = sign | (magnitude > float32Infinity ? 0x7e00 : 0x7c00);
    else if (magnitude < smallestNormalHalf) target[i] = sign | subnormalHalf(magnitude);
    // A carry out of the fraction raises the exponent, which is what rounding up to a power of two means.
    else target[i] = sign | ((magnitude - biasDifference + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  return target;
}

/**
 * float16 bits to float32: exact.
 * @param bits any length, raw float16
 * @param target where to write (at least as long); allocated if absent
 * @returns `target`
 */
export function float16ToFloat32Array(
  bits: Uint16Array,
  target: Float32Array = new Float32Array(bits.length),
): Float32Array {
  const words = new Uint32Array(target.buffer, target.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i];
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    if (exponent === 0x7c00) words[i] = sign | float32Infinity | ((half & 0x3ff) << 13);
    else if (exponent !== 0) words[i] = sign | (((half & 0x7fff) << 13) + biasDifference);
    else target[i] = (sign === 0 ? 1 : -1) * (half & 0x3ff) * 2 ** -24;
  }
  return target;
}

/**
 * bfloat16 bits to float32: exact.
 * @param bits any length, raw bfloat16
 * @param target where to write (at least as long); allocated if absent
 * @returns `target`
 */
export function bfloat16ToFloat32Array(
  bits: Uint16Array,
  target: Float32Array = new Float32Array(bits.length),
): Float32Array {
  const words = new Uint32Array(target.buffer, target.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return target;
}

/**
 * float32 to bfloat16 bits, rounded to nearest, ties to even; NaN becomes a quiet NaN of the same sign.
 * @param values any length, float32
 * @param target where to write (at least as long); allocated if absent
 * @returns `target`
 */
export function float32ToBfloat16Array(
  values: Float32Array,
  target: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    if ((word & 0x7fffffff) > float32Infinity) target[i] = ((word >>> 16) & 0x8000) | 0x7fc0;
    else target[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return target;
}
