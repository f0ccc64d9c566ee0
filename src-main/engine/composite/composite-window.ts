import { harmonise, resizePlanar, rgbToPlanes } from '../../../src-shared/core/picture/index.ts';
import type { EditWindow, Rect } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo } from '../frames.ts';
import type { FramePatch } from './patch-store.ts';
import { planeSize } from './planes.ts';

/** Frame `t` of a generated window [3, T, H, W] in −1…1 as RGB [3, H, W] in 0…1. */
function frameOf(video: Float32Array, t: number, window: EditWindow): Float32Array {
  const pixels = window.workingWidth * window.workingHeight;
  const rgb = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    const from = (c * window.modelFrames + t) * pixels;
    for (let i = 0; i < pixels; i++) rgb[c * pixels + i] = (video[from + i] + 1) / 2;
  }
  return rgb;
}

/** The picture that goes into the hole: generated pixels at the crop's size, made to meet the known ones. */
export function generatedCrop(
  video: Float32Array,
  t: number,
  window: EditWindow,
  known: { readonly rgb: Float32Array; readonly open: Uint8Array },
): Float32Array {
  const { crop, workingWidth, workingHeight } = window;
  const enlarged = resizePlanar(
    frameOf(video, t, window),
    { channels: 3, height: workingHeight, width: workingWidth },
    crop,
  );
  return harmonise(enlarged, known.rgb, known.open, { height: crop.height, width: crop.width });
}

/** Whether any pixel under the footprint of one sample of plane `index` is open. */
function footprintOpen(patch: FramePatch, x: number, y: number, shiftX: number, shiftY: number): boolean {
  const { rect, residual } = patch;
  for (let py = y << shiftY; py < Math.min((y + 1) << shiftY, rect.height); py++) {
    for (let px = x << shiftX; px < Math.min((x + 1) << shiftX, rect.width); px++) {
      if (residual[py * rect.width + px] !== 0) return true;
    }
  }
  return false;
}

/**
 * Lays the generated crop (RGB [3, crop.height, crop.width], 0…1) into the open pixels of a frame's patch.
 * What the plate has composited stays as it is; nothing is open afterwards.
 */
export function compositePatch(patch: FramePatch, rgb: Float32Array, crop: Rect, clip: ClipInfo): FramePatch {
  const { rect } = patch;
  const { pixelFormat } = clip;
  const generated = rgbToPlanes(rgb, crop, clip);
  const composited = patch.planes.map((plane, index) => {
    const [shiftX, shiftY] = index === 0 ? [0, 0] : [pixelFormat.chromaShiftX, pixelFormat.chromaShiftY];
    const { width, height } = planeSize(index, rect, pixelFormat);
    const { width: cropStride } = planeSize(index, crop, pixelFormat);
    const offsetX = (rect.x - crop.x) >> shiftX;
    const offsetY = (rect.y - crop.y) >> shiftY;
    const result = plane.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!footprintOpen(patch, x, y, shiftX, shiftY)) continue;
        result[y * width + x] = generated[index][(y + offsetY) * cropStride + x + offsetX];
      }
    }
    return result;
  });
  return {
    rect,
    planes: [composited[0], composited[1], composited[2]],
    residual: new Uint8Array(patch.residual.length),
    unseen: patch.unseen,
  };
}
