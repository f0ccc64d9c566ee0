/** A mask of 0 and 255, packed: lengths of the runs in reading order, the first one of zeros (it may be 0). */
export type MaskRuns = Uint32Array;

export function packMask(mask: Uint8Array): MaskRuns {
  const runs: number[] = [];
  let start = 0;
  let inside = false;
  for (let pixel = 0; pixel <= mask.length; pixel++) {
    if (pixel < mask.length && (mask[pixel] !== 0) === inside) continue;
    runs.push(pixel - start);
    start = pixel;
    inside = !inside;
  }
  return Uint32Array.from(runs);
}

/** @param length Pixels of the mask. */
export function unpackMask(runs: MaskRuns, length: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(length);
  let pixel = 0;
  runs.forEach((run, index) => {
    if (index % 2 === 1) mask.fill(255, pixel, pixel + run);
    pixel += run;
  });
  return mask;
}
