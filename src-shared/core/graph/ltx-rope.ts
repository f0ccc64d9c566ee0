import type { RopeTables } from './rope.ts';

/** Where a position of 1 is: frames in seconds, rows and columns in pixels. */
const reach = [20, 2048, 2048] as const;
const theta = 10000;
const { fround } = Math;

/**
 * LTX-Video's rotary tables for a grid of tokens (diffusers' LTXVideoRotaryPosEmbed): over the whole width, not over one head.
 * For each of ⌊width/6⌋ frequencies π/2·theta^(i/(count − 1)) one pair turns with the frame, one with the row, one with the
 * column, by frequency·(2·index·scale/reach − 1); the pairs left over come first and stand still. `scales`: of one token,
 * seconds and pixels. Every operation is rounded to float32, as in the reference: the highest frequencies turn by 15,708,
 * of which float32 knows a thousandth. Rows of width/2 columns, float32.
 */
export function ltxRopeTables(
  grid: { readonly frames: number; readonly rows: number; readonly cols: number },
  width: number,
  scales: readonly [number, number, number],
): RopeTables {
  const count = Math.floor(width / 6);
  const still = (width - 6 * count) / 2;
  const frequencies = Array.from({ length: count }, (_, i) => {
    const exponent = fround(count === 1 ? 0 : i / (count - 1));
    return fround(fround(fround(theta ** exponent) * fround(Math.PI)) / 2);
  });
  const { frames, rows, cols } = grid;
  const turns = [frames, rows, cols].map((length, axis) =>
    Array.from({ length }, (_, index) => {
      const place = fround(fround(index * fround(scales[axis])) / reach[axis]);
      return frequencies.map((frequency) => fround(frequency * fround(fround(2 * place) - 1)));
    }),
  );
  const tokens = frames * rows * cols;
  const columns = width / 2;
  const cos = new Float32Array(tokens * columns);
  const sin = new Float32Array(tokens * columns);
  let cell = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        cos.fill(1, cell, cell + still);
        cell += still;
        for (let i = 0; i < count; i++) {
          for (const angle of [turns[0][frame][i], turns[1][row][i], turns[2][col][i]]) {
            cos[cell] = Math.cos(angle);
            sin[cell] = Math.sin(angle);
            cell++;
          }
        }
      }
    }
  }
  return { cos, sin, tokens, columns };
}
