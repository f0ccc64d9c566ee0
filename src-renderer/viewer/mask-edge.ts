/** A straight part of a mask's edge, in pixels' corners: level or upright, from the upper or left end. */
export type EdgeLine = readonly [x0: number, y0: number, x1: number, y1: number];

/** What a mask covers at least half counts as inside its edge, as editors know it of soft brushes. */
const leastInside = 128;

/**
 * The border between what a mask covers and what it does not, as few lines as its corners allow. What lies beyond the
 * picture is not covered.
 * @param mask Coverage [height, width], 0…255
 */
export function maskEdge(mask: Uint8Array, width: number, height: number): EdgeLine[] {
  const lines: EdgeLine[] = [];
  // For each place between two columns: the row in which an upright line that still goes on began, or −1.
  const begun = new Int32Array(width + 1).fill(-1);
  const none = new Uint8Array(width);
  for (let y = 0; y <= height; y++) {
    const above = y === 0 ? none : mask.subarray((y - 1) * width, y * width);
    const row = y === height ? none : mask.subarray(y * width, (y + 1) * width);
    let from = -1;
    let before = 0;
    for (let x = 0; x <= width; x++) {
      const value = x < width && row[x] >= leastInside ? 1 : 0;
      // Level: where the row above differs.
      const differs = x < width && (value === 1) !== above[x] >= leastInside;
      if (differs && from < 0) from = x;
      else if (!differs && from >= 0) {
        lines.push([from, y, x, y]);
        from = -1;
      }
      // Upright: where the pixel before differs.
      if (value !== before) {
        if (begun[x] < 0) begun[x] = y;
      } else if (begun[x] >= 0) {
        lines.push([x, begun[x], x, y]);
        begun[x] = -1;
      }
      before = value;
    }
  }
  return lines;
}
