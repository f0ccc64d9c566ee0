/** 2³² / golden ratio, odd: D. Knuth, The Art of Computer Programming 3, section 6.4, "Fibonacci hashing". */
const goldenStep = 0x9e3779b9;

/**
 * `count` of the numbers 0 … total − 1, evenly spread, ascending: ⌊(j·total + shift) / count⌋ with a shift of
 * 0 … total − 1 that the seed sets. All of them where `count` is not below `total`.
 *
 * Every number is chosen by the same share of the shifts. Shifts of consecutive seeds follow the golden ratio, so that
 * a few seeds in a row already spread over all shifts, which independent draws would not do. Integers only: the same
 * on every machine.
 *
 * @param seed an integer, taken modulo 2³².
 */
export function evenlySpread(total: number, count: number, seed: number): number[] {
  const chosen = Math.min(count, total);
  const shift = Math.floor(((Math.imul(seed, goldenStep) >>> 0) * total) / 2 ** 32);
  return Array.from({ length: chosen }, (_, j) => Math.floor((j * total + shift) / chosen));
}
