import { pushPullFill } from '../fill/index.ts';
import type { PictureLayout, PicturePlanes, SamplePlane } from './colour.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Lays `target` over `source` by `weights` [height, width], float32 in 0…1. A sample whose footprint holds a pixel
 * of weight 0 is the source's own, bit for bit: chroma that an unmasked pixel shares is not touched.
 */
export function compositePlanes(
  source: PicturePlanes,
  target: PicturePlanes,
  weights: Float32Array,
  size: Size,
  format: PictureLayout['pixelFormat'],
): PicturePlanes {
  const chromaWeights = footprintWeights(weights, size, format.chromaShiftX, format.chromaShiftY);
  return [
    blend(source[0], target[0], weights),
    blend(source[1], target[1], chromaWeights),
    blend(source[2], target[2], chromaWeights),
  ];
}

function blend(source: SamplePlane, target: SamplePlane, weights: Float32Array): SamplePlane {
  const result = source.slice();
  for (let i = 0; i < result.length; i++) {
    const weight = weights[i];
    if (weight > 0) result[i] = Math.round(source[i] * (1 - weight) + target[i] * weight);
  }
  return result;
}

/** For each chroma sample the mean weight of the pixels that share it; 0 as soon as one of them has 0. */
export function footprintWeights(
  weights: Float32Array,
  size: Size,
  shiftX: 0 | 1,
  shiftY: 0 | 1,
): Float32Array {
  if (shiftX === 0 && shiftY === 0) return weights;
  const { width, height } = size;
  const chromaWidth = (width + shiftX) >> shiftX;
  const chromaHeight = (height + shiftY) >> shiftY;
  const result = new Float32Array(chromaWidth * chromaHeight);
  for (let y = 0; y < chromaHeight; y++) {
    const upper = (y << shiftY) * width;
    // Beyond an odd edge the edge pixel stands for its missing neighbour.
    const lower = Math.min(height - 1, (y << shiftY) + shiftY) * width;
    for (let x = 0; x < chromaWidth; x++) {
      const left = x << shiftX;
      const right = Math.min(width - 1, left + shiftX);
      const a = weights[upper + left];
      const b = weights[upper + right];
      const c = weights[lower + left];
      const d = weights[lower + right];
      result[y * chromaWidth + x] = a === 0 || b === 0 || c === 0 || d === 0 ? 0 : (a + b + c + d) / 4;
    }
  }
  return result;
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
  size: Size,
): Float32Array {
  const difference = new Float32Array(known.length);
  for (let i = 0; i < known.length; i++) difference[i] = known[i] - generated[i];
  const result = pushPullFill(difference, open, { channels: known.length / open.length, ...size });
  for (let i = 0; i < result.length; i++) result[i] += generated[i];
  return result;
}
