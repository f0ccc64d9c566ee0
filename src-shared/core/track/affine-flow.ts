/** (x, y) moves to (x, y) + (a[0] + a[1]·x + a[2]·y, a[3] + a[4]·x + a[5]·y); float64 [6]. */
export type AffineFlow = Float64Array;

/** Fewer points than this move as one, without turning or growing. */
const leastPoints = 30;
const rounds = 5;
/** Pulls towards no turning and no growing: as if so many squared pixels of lever were there already, a point. */
const stiffness = 0.1;

/**
 * The affine motion that most of a flow's points follow: least squares, repeated with Cauchy weights of one pixel.
 *
 * @param flow float32 [height, width, 2], in pixels.
 * @param mask [height, width]: points whose flow counts. None: no motion.
 */
export function fitAffineFlow(flow: Float32Array, mask: Uint8Array, width: number): AffineFlow {
  const points: number[] = [];
  for (let pixel = 0; pixel < mask.length; pixel += 2) if (mask[pixel] !== 0) points.push(pixel);
  if (points.length < leastPoints) return new Float64Array(6);
  let [centreX, centreY] = [0, 0];
  for (const pixel of points) {
    centreX += (pixel % width) / points.length;
    centreY += Math.floor(pixel / width) / points.length;
  }
  let fit: AffineFlow = new Float64Array(6);
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(12);
    for (const pixel of points) {
      const x = (pixel % width) - centreX;
      const y = Math.floor(pixel / width) - centreY;
      const [u, v] = [flow[2 * pixel], flow[2 * pixel + 1]];
      const offX = u - (fit[0] + fit[1] * x + fit[2] * y);
      const offY = v - (fit[3] + fit[4] * x + fit[5] * y);
      const weight = round === 0 ? 1 : 1 / (1 + offX * offX + offY * offY);
      const terms = [1, x, y, x * x, x * y, y * y, u, u * x, u * y, v, v * x, v * y];
      for (let term = 0; term < 12; term++) sums[term] += weight * terms[term];
    }
    const hold = stiffness * points.length;
    const [n, x, y, xx, xy, yy] = sums;
    const normal = [n, x, y, x, xx + hold, xy, y, xy, yy + hold];
    fit = Float64Array.of(...solve3(normal, sums.subarray(6, 9)), ...solve3(normal, sums.subarray(9, 12)));
  }
  const [a, b, c, d, e, f] = fit;
  return Float64Array.of(a - b * centreX - c * centreY, b, c, d - e * centreX - f * centreY, e, f);
}

/** Cramer's rule; m [3, 3] row-major. */
function solve3(m: readonly number[], right: ArrayLike<number>): readonly [number, number, number] {
  const determinant = (column0: number[], column1: number[], column2: number[]) =>
    column0[0] * (column1[1] * column2[2] - column1[2] * column2[1]) -
    column1[0] * (column0[1] * column2[2] - column0[2] * column2[1]) +
    column2[0] * (column0[1] * column1[2] - column0[2] * column1[1]);
  const columns = [0, 1, 2].map((column) => [m[column], m[3 + column], m[6 + column]]);
  const given = [right[0], right[1], right[2]];
  const whole = determinant(columns[0], columns[1], columns[2]);
  return [
    determinant(given, columns[1], columns[2]) / whole,
    determinant(columns[0], given, columns[2]) / whole,
    determinant(columns[0], columns[1], given) / whole,
  ];
}
