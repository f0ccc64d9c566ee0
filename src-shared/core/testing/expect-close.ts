/**
 * Fails unless every element of `actual` is within `atol + rtol·|expected|` of its counterpart.
 * NaN on either side fails, as does a difference of length; infinities must be equal.
 * The message names the worst element, so that a wrong layout can be told from noise.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: { readonly atol?: number; readonly rtol?: number },
): void {
  const { atol = 0, rtol = 0 } = tolerance;
  if (actual.length !== expected.length) {
    throw new Error(`expectClose: ${actual.length} elements, expected ${expected.length}`);
  }
  let worstIndex = -1;
  let worstExcess = 0;
  let failures = 0;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i]) continue;
    const excess = Math.abs(actual[i] - expected[i]) - (atol + rtol * Math.abs(expected[i]));
    // Written so that NaN, which compares false with everything, counts as a failure.
    if (excess <= 0) continue;
    failures++;
    if (worstIndex === -1 || Number.isNaN(excess) || excess > worstExcess) {
      worstIndex = i;
      worstExcess = excess;
      if (Number.isNaN(excess)) break;
    }
  }
  if (failures === 0) return;
  throw new Error(
    `expectClose: ${failures} of ${expected.length} elements differ by more than atol ${atol} + rtol ${rtol}; ` +
      `worst at index ${worstIndex}: actual ${actual[worstIndex]}, expected ${expected[worstIndex]}, ` +
      `difference ${Math.abs(actual[worstIndex] - expected[worstIndex])}`,
  );
}
