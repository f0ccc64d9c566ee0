/** A picture as RGB bytes, [height, width, 3]. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** The picture at a whole fraction of its size that fits into the bounds: each pixel is the mean of a square of its. */
export function smallPicture(
  { width, height, rgb }: RgbPicture,
  most: { readonly width: number; readonly height: number },
): RgbPicture {
  const edge = Math.max(1, Math.ceil(width / most.width), Math.ceil(height / most.height));
  const small = { width: Math.ceil(width / edge), height: Math.ceil(height / edge) };
  const bytes = new Uint8Array(3 * small.width * small.height);
  for (let y = 0; y < small.height; y++)
    for (let x = 0; x < small.width; x++) {
      const [right, bottom] = [Math.min(width, (x + 1) * edge), Math.min(height, (y + 1) * edge)];
      let [red, green, blue] = [0, 0, 0];
      for (let row = y * edge; row < bottom; row++)
        for (let column = x * edge; column < right; column++) {
          const at = 3 * (row * width + column);
          red += rgb[at];
          green += rgb[at + 1];
          blue += rgb[at + 2];
        }
      const count = (right - x * edge) * (bottom - y * edge);
      const at = 3 * (y * small.width + x);
      bytes[at] = Math.round(red / count);
      bytes[at + 1] = Math.round(green / count);
      bytes[at + 2] = Math.round(blue / count);
    }
  return { ...small, rgb: bytes };
}
