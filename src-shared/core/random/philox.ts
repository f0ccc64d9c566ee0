// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
// as 1, 2, 3" (SC 2011), section 4.3. Block n is a function of (counter, key) alone: no state to carry along.

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
/** Weyl increments of the key: the golden ratio and √3 − 1, in 32 bits. */
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/** Upper 32 bits of the product of two unsigned 32-bit integers, as a signed 32-bit integer. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Each sum stays below 2^32, so that nothing is lost before the shift.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Writes one block of four random 32-bit words to `output`.
 * `counter`: uint32 [4], `key`: uint32 [2], lowest word first; neither is changed.
 */
export function philox4x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  output: Uint32Array | Int32Array,
): void {
  let c0 = counter[0] | 0;
  let c1 = counter[1] | 0;
  let c2 = counter[2] | 0;
  let c3 = counter[3] | 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  output[0] = c0;
  output[1] = c1;
  output[2] = c2;
  output[3] = c3;
}
