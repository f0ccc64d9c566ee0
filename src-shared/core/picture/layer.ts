import type { PictureLayout, PicturePlanes, SamplePlane } from './colour.ts';

/**
 * Lays what an edit made of a picture over what is there already. `result` is the edited `source`: where the mask
 * [height, width] (not 0: edited) covers a sample, or the two differ, the result's sample is taken, else the one of
 * `below`. A chroma sample is covered where all pixels that share it are. So outside of all masks the source's own
 * samples stay, and an edit hides what an earlier one did inside its own mask only.
 */
export function layerPlanes(
  below: PicturePlanes,
  source: PicturePlanes,
  result: PicturePlanes,
  mask: Uint8Array,
  layout: Pick<PictureLayout, 'width' | 'height' | 'pixelFormat'>,
): PicturePlanes {
  const shared = sharedCover(mask, layout);
  return [
    layer(below[0], source[0], result[0], mask),
    layer(below[1], source[1], result[1], shared),
    layer(below[2], source[2], result[2], shared),
  ];
}

function layer(
  below: SamplePlane,
  source: SamplePlane,
  result: SamplePlane,
  covered: Uint8Array,
): SamplePlane {
  const laid = below.slice();
  for (let i = 0; i < laid.length; i++) {
    if (covered[i] !== 0 || result[i] !== source[i]) laid[i] = result[i];
  }
  return laid;
}

/** For each chroma sample whether the mask covers all pixels that share it: 1 or 0. */
function sharedCover(
  mask: Uint8Array,
  { width, height, pixelFormat: { chromaShiftX, chromaShiftY } }: Parameters<typeof layerPlanes>[4],
): Uint8Array {
  if (chromaShiftX === 0 && chromaShiftY === 0) return mask;
  const chromaWidth = (width + chromaShiftX) >> chromaShiftX;
  const chromaHeight = (height + chromaShiftY) >> chromaShiftY;
  const cover = new Uint8Array(chromaWidth * chromaHeight);
  for (let y = 0; y < chromaHeight; y++) {
    const upper = (y << chromaShiftY) * width;
    // Beyond an odd edge the edge pixel stands for its missing neighbour.
    const lower = Math.min(height - 1, (y << chromaShiftY) + chromaShiftY) * width;
    for (let x = 0; x < chromaWidth; x++) {
      const left = x << chromaShiftX;
      const right = Math.min(width - 1, left + chromaShiftX);
      const all = mask[upper + left] & mask[upper + right] & mask[lower + left] & mask[lower + right];
      cover[y * chromaWidth + x] = all === 0 ? 0 : 1;
    }
  }
  return cover;
}
