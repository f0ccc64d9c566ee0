/**
 * The median of the first `count` values (the mean of the middle two where `count` is even), 0 of none.
 * Reorders `values` (Hoare's selection, 1961): much cheaper than sorting for the many small lists of the plate.
 */
export function medianInPlace(values: Float32Array, count: number): number {
  if (count === 0) return 0;
  const upper = selectInPlace(values, count, count >> 1);
  if (count % 2 === 1) return upper;
  // Everything before the upper middle is not greater; the lower middle is the greatest of it.
  let lower = values[0];
  for (let i = 1; i < count >> 1; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}

/** The value of rank `rank`; values before it end up not greater, those behind it not smaller. */
function selectInPlace(values: Float32Array, count: number, rank: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i++] = values[j];
      values[j--] = held;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank];
}
