import type { PictureLayout, PicturePlanes, SamplePlane } from './colour.ts';

/**
 * Lays what an edit made of a picture over what is there already. `result` is the edited `source`: where the mask
 * [height, width] covers a sample in full (255), or not at all and the two differ, the result's sample is taken; where
 * it does not cover it, the one of `below`. Where it covers a sample in part, what shows through is what is below in
 * place of the source: result + (1 − coverage) · (below − source). A chroma sample is covered where all pixels that
 * share it are, by their mean. So outside of all masks the source's own samples stay, and an edit hides what an earlier
 * one did inside its own mask only.
 */
export function layerPlanes(
  below: PicturePlanes,
  source: PicturePlanes,
  result: PicturePlanes,
  mask: Uint8Array,
  layout: Pick<PictureLayout, 'width' | 'height' | 'pixelFormat'>,
): PicturePlanes {
  const shared = sharedCover(mask, layout);
  const most = 2 ** layout.pixelFormat.bitDepth - 1;
  return [
    layer(below[0], source[0], result[0], mask, most),
    layer(below[1], source[1], result[1], shared, most),
    layer(below[2], source[2], result[2], shared, most),
  ];
}

function layer(
  below: SamplePlane,
  source: SamplePlane,
  result: SamplePlane,
  covered: Uint8Array,
  most: number,
): SamplePlane {
  const laid = below.slice();
  for (let i = 0; i < laid.length; i++) {
    const cover = covered[i];
    if (cover === 255 || (cover === 0 && result[i] !== source[i])) laid[i] = result[i];
    else if (cover !== 0) {
      const value = Math.round(result[i] + (1 - cover / 255) * (below[i] - source[i]));
      laid[i] = Math.min(most, Math.max(0, value));
    }
  }
  return laid;
}

/** For each chroma sample the mean cover of the pixels that share it; 0 where the mask leaves one of them out. */
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
      const a = mask[upper + left];
      const b = mask[upper + right];
      const c = mask[lower + left];
      const d = mask[lower + right];
      const all = a !== 0 && b !== 0 && c !== 0 && d !== 0;
      cover[y * chromaWidth + x] = all ? Math.round((a + b + c + d) / 4) : 0;
    }
  }
  return cover;
}
