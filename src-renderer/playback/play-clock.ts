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

/**
 * The frame at which a loop goes on where it has come to its end; undefined where it has not.
 * @param range the clip's in and out point; all of it where there are none
 */
export function loopedTo(
  { ptsSec, durationSec }: { readonly ptsSec: readonly number[]; readonly durationSec: number },
  range: { readonly startFrame: number; readonly endFrame: number } | undefined,
  timeSec: number,
  rate: number,
): number | undefined {
  const { startFrame, endFrame } = range ?? { startFrame: 0, endFrame: ptsSec.length };
  const [startSec, endSec] = [ptsSec[startFrame], ptsSec[endFrame] ?? durationSec];
  if (rate > 0 && timeSec >= endSec - 1e-6) return startFrame;
  return rate < 0 && timeSec < startSec - 1e-6 ? endFrame - 1 : undefined;
}

const fastest = 8;

/** The next rate with L (forwards) or J (backwards): normal speed at first, twice as fast each time it is pressed again. */
export function nextRate(rate: number, direction: 1 | -1): number {
  const along = rate * direction;
  return direction * (along <= 0 ? 1 : Math.min(fastest, along * 2));
}
