/** Random 32-bit words of a seed: xorshift32 (Marsaglia, "Xorshift RNGs", 2003). The same seed gives the same row. */
export function randomWords(seed: number): () => number {
  // 0 would stay 0 for ever.
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x6a09e667) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** A whole number in [0, count). */
export function randomBelow(next: () => number, count: number): number {
  return Math.floor((next() / 4294967296) * count);
}
