import { pushPullFill } from '../fill/index.ts';
import type { PictureLayout, PicturePlanes, SamplePlane } from './colour.ts';

/**
 * Lays `target` over `source` by `weights` [height, width], float32 in 0…1. A sample whose footprint holds a pixel
 * of weight 0 is the source's own, bit for bit: chroma that an unmasked pixel shares is not touched.
 */
export function compositePlanes(
  source: PicturePlanes,
  target: PicturePlanes,
  weights: Float32Array,
  size: { readonly width: number; readonly height: number },
  format: PictureLayout['pixelFormat'],
): PicturePlanes {
  const blend = (index: 0 | 1 | 2): SamplePlane => {
    const [shiftX, shiftY] = index === 0 ? [0, 0] : [format.chromaShiftX, format.chromaShiftY];
    const stride = (size.width + (1 << shiftX) - 1) >> shiftX;
    const result = source[index].slice();
    for (let i = 0; i < result.length; i++) {
      const weight = footprintWeight(
        weights,
        size,
        (i % stride) << shiftX,
        Math.floor(i / stride) << shiftY,
        shiftX,
        shiftY,
      );
      if (weight > 0) result[i] = Math.round(source[index][i] * (1 - weight) + target[index][i] * weight);
    }
    return result;
  };
  return [blend(0), blend(1), blend(2)];
}

/** Mean weight of the pixels under a sample at (x, y); 0 as soon as one of them is 0. */
function footprintWeight(
  weights: Float32Array,
  size: { readonly width: number; readonly height: number },
  x: number,
  y: number,
  shiftX: number,
  shiftY: number,
): number {
  if (shiftX === 0 && shiftY === 0) return weights[y * size.width + x];
  const endX = Math.min(size.width, x + (1 << shiftX));
  const endY = Math.min(size.height, y + (1 << shiftY));
  let sum = 0;
  for (let row = y; row < endY; row++) {
    for (let column = x; column < endX; column++) {
      const weight = weights[row * size.width + column];
      if (weight === 0) return 0;
      sum += weight;
    }
  }
  return sum / ((endX - x) * (endY - y));
}

/**
 * Makes a generated picture meet the known one at the hole's edge: the difference of the two on known pixels is
 * continued smoothly into the hole and added. Both [3, height, width] float32; `open` [height, width], non-zero =
 * hole. Returns the generated picture corrected inside the hole and the known one outside it. The idea is that of
 * membrane interpolation (Pérez et al., "Poisson Image Editing", 2003) with a pyramid in place of the solver.
 */
export function harmonise(
  generated: Float32Array,
  known: Float32Array,
  open: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Float32Array {
  const difference = new Float32Array(known.length);
  for (let i = 0; i < known.length; i++) difference[i] = known[i] - generated[i];
  const result = pushPullFill(difference, open, { channels: known.length / open.length, ...size });
  for (let i = 0; i < result.length; i++) result[i] += generated[i];
  return result;
}
