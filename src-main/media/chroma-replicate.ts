import type { PixelFormat, Plane, VideoFrame } from '../engine/frames.ts';

/** Repeats each chroma sample over the pixels it stands for: [ceil(h/2^sy), ceil(w/2^sx)] → [h, w]. */
function replicate(plane: Plane, width: number, height: number, format: PixelFormat): Plane {
  const { chromaShiftX, chromaShiftY } = format;
  const stride = (width + chromaShiftX) >> chromaShiftX;
  const full = plane instanceof Uint8Array ? new Uint8Array(width * height) : new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = (y >> chromaShiftY) * stride;
    for (let x = 0; x < width; x++) full[y * width + x] = plane[row + (x >> chromaShiftX)];
  }
  return full;
}

/** A picture with one chroma sample per pixel, from which the subsampled one is got back without loss. */
export function replicateChroma(
  planes: VideoFrame['planes'],
  width: number,
  height: number,
  format: PixelFormat,
): VideoFrame['planes'] {
  const [luma, cb, cr] = planes;
  return [luma, replicate(cb, width, height, format), replicate(cr, width, height, format)];
}
