/** Larger than any squared distance in a picture, small enough that sums of it stay exact. */
const far = 1e15;

/** Buffers of one row or column. */
interface Line {
  readonly values: Float64Array;
  readonly result: Float64Array;
  /** Positions of the parabolas of the lower envelope, and where each begins. */
  readonly vertex: Int32Array;
  readonly start: Float64Array;
}

/** Squared distances along one line: result[q] = min over p of (q − p)² + values[p]. */
function transformLine({ values, result, vertex, start }: Line, length: number): void {
  let last = 0;
  vertex[0] = 0;
  start[0] = -Infinity;
  start[1] = Infinity;
  for (let q = 1; q < length; q++) {
    let crossing: number;
    for (;;) {
      const p = vertex[last];
      crossing = (values[q] + q * q - (values[p] + p * p)) / (2 * (q - p));
      if (crossing > start[last]) break;
      last--;
    }
    last++;
    vertex[last] = q;
    start[last] = crossing;
    start[last + 1] = Infinity;
  }
  let at = 0;
  for (let q = 0; q < length; q++) {
    while (start[at + 1] < q) at++;
    const p = vertex[at];
    result[q] = (q - p) ** 2 + values[p];
  }
}

/**
 * Squared Euclidean distance, in pixels between centres, from every pixel to the nearest pixel where
 * `isGoal[i]` is not 0; `far` (1e15) or more where there is none. isGoal [height, width] → float64 [height, width].
 * Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012: exact, linear in the pixels.
 */
export function squaredDistance(isGoal: Uint8Array, width: number, height: number): Float64Array {
  const distance = Float64Array.from(isGoal, (value) => (value === 0 ? far : 0));
  const longest = Math.max(width, height);
  const line: Line = {
    values: new Float64Array(longest),
    result: new Float64Array(longest),
    vertex: new Int32Array(longest),
    start: new Float64Array(longest + 1),
  };
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) line.values[y] = distance[y * width + x];
    transformLine(line, height);
    for (let y = 0; y < height; y++) distance[y * width + x] = line.result[y];
  }
  for (let y = 0; y < height; y++) {
    line.values.set(distance.subarray(y * width, (y + 1) * width));
    transformLine(line, width);
    distance.set(line.result.subarray(0, width), y * width);
  }
  return distance;
}
