/**
 * The rows `indices` of data [n, rowLength] float32, in that order: [indices.length, rowLength], a copy.
 * Throws RangeError where the data are not whole rows or an index is not one of them.
 */
export function gatherRows(
  data: Float32Array,
  rowLength: number,
  indices: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const rowCount = wholeRows('data', data.length, rowLength);
  const rows = new Float32Array(indices.length * rowLength);
  for (let i = 0; i < indices.length; i++) {
    const start = rowStart(indices[i], rowCount, rowLength);
    rows.set(data.subarray(start, start + rowLength), i * rowLength);
  }
  return rows;
}

/**
 * Writes rows [indices.length, rowLength] float32 to the rows `indices` of target [n, rowLength], in place: the inverse
 * of `gatherRows`. The other rows are left alone.
 *
 * @param weight of the new rows, 0 … 1: target ← (1 − weight)·target + weight·row, an exponential moving average over
 * repeated calls. Higher follows the new rows faster; 1 replaces.
 * @throws RangeError where lengths do not fit or an index is not a row.
 */
export function scatterRows(
  target: Float32Array,
  rows: Float32Array,
  rowLength: number,
  indices: ArrayLike<number>,
  weight = 1,
): void {
  const rowCount = wholeRows('target', target.length, rowLength);
  if (rows.length !== indices.length * rowLength) {
    throw new RangeError(`rows: ${rows.length} elements, expected ${indices.length} × ${rowLength}`);
  }
  for (let i = 0; i < indices.length; i++) {
    const start = rowStart(indices[i], rowCount, rowLength);
    const row = rows.subarray(i * rowLength, (i + 1) * rowLength);
    if (weight === 1) {
      // Not the sum: 0 · NaN or 0 · ∞ of what is replaced must not survive.
      target.set(row, start);
      continue;
    }
    for (let j = 0; j < rowLength; j++) {
      target[start + j] = (1 - weight) * target[start + j] + weight * row[j];
    }
  }
}

function wholeRows(name: string, length: number, rowLength: number): number {
  if (length % rowLength !== 0)
    throw new RangeError(`${name}: ${length} elements are no rows of ${rowLength}`);
  return length / rowLength;
}

function rowStart(index: number, rowCount: number, rowLength: number): number {
  if (!(index >= 0 && index < rowCount))
    throw new RangeError(`indices: ${index} is not one of ${rowCount} rows`);
  return index * rowLength;
}
