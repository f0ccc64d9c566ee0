/**
 * The frame that is seen `timeSec` after the first: the last whose presentation time has come. Frames of a variable
 * rate stay as long as their file says.
 * @param ptsSec ascending, from 0
 */
export function frameAtTime(ptsSec: readonly number[], timeSec: number): number {
  let low = 0;
  let high = ptsSec.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // A millionth of a second: sums of fractions must not show a frame late.
    if (ptsSec[middle] <= timeSec + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

const rates = [-8, -4, -2, -1, 0, 1, 2, 4, 8] as const;

/** The next rate with J (slower, then backwards) or L (faster). */
export function nextRate(rate: number, key: 'slower' | 'faster'): number {
  const next = key === 'faster' ? rates.find((one) => one > rate) : rates.filter((one) => one < rate).at(-1);
  return next ?? rate;
}
