/** An RGB picture: `rgb` is [height, width, 3], one byte per channel. */
export interface SheetPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Space between and around the pictures, in pixels, and its grey. */
const gapPx = 8;
const gapGrey = 24;

/**
 * Lays rows of pictures into one, left to right and top to bottom. Every picture of a column starts at the same
 * x, every picture of a row at the same y; sizes may differ. An empty list makes an empty picture of one gap.
 */
export function composeSheet(rows: readonly (readonly SheetPicture[])[]): SheetPicture {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const columnWidths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.width ?? 0)),
  );
  const rowHeights = rows.map((row) => Math.max(0, ...row.map((picture) => picture.height)));
  const sum = (lengths: readonly number[]): number =>
    lengths.reduce((total, length) => total + length + gapPx, gapPx);
  const width = sum(columnWidths);
  const height = sum(rowHeights);
  const rgb = new Uint8Array(width * height * 3).fill(gapGrey);
  let top = gapPx;
  for (const [rowIndex, row] of rows.entries()) {
    let left = gapPx;
    for (const [column, picture] of row.entries()) {
      for (let y = 0; y < picture.height; y++) {
        const line = picture.rgb.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
        rgb.set(line, ((top + y) * width + left) * 3);
      }
      left += columnWidths[column] + gapPx;
    }
    top += rowHeights[rowIndex] + gapPx;
  }
  return { width, height, rgb };
}
