import { planesToRgb } from '../../../src-shared/core/picture/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo, PixelFormat, Plane, VideoFrame } from '../frames.ts';
import type { FramePatch } from './patch-store.ts';

type Planes = VideoFrame['planes'];

/** Width and height of plane `index` (0 luma, 1 and 2 chroma) of a picture. */
export function planeSize(
  index: number,
  size: { readonly width: number; readonly height: number },
  format: PixelFormat,
): { width: number; height: number } {
  if (index === 0) return { width: size.width, height: size.height };
  return {
    width: (size.width + (1 << format.chromaShiftX) - 1) >> format.chromaShiftX,
    height: (size.height + (1 << format.chromaShiftY) - 1) >> format.chromaShiftY,
  };
}

/** `rect` (starting on even pixels) in the samples of plane `index`. */
function planeRect(index: number, rect: Rect, format: PixelFormat): Rect {
  if (index === 0) return rect;
  const { width, height } = planeSize(index, rect, format);
  return { x: rect.x >> format.chromaShiftX, y: rect.y >> format.chromaShiftY, width, height };
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: PixelFormat;
}

function mapPlanes(planes: Planes, change: (plane: Plane, index: number) => Plane): Planes {
  return [change(planes[0], 0), change(planes[1], 1), change(planes[2], 2)];
}

/** The smallest rectangle on even pixels that holds `rect`, inside the picture. */
export function evenRect(rect: Rect, picture: { readonly width: number; readonly height: number }): Rect {
  const x = rect.x - (rect.x % 2);
  const y = rect.y - (rect.y % 2);
  const endX = Math.min(picture.width, rect.x + rect.width + ((rect.x + rect.width) % 2));
  const endY = Math.min(picture.height, rect.y + rect.height + ((rect.y + rect.height) % 2));
  return { x, y, width: endX - x, height: endY - y };
}

/** Copies `rect` (on even pixels, inside the picture) out of planes. */
export function cutPlanes(planes: Planes, rect: Rect, picture: Picture): Planes {
  return mapPlanes(planes, (plane, index) => {
    const { width: stride } = planeSize(index, picture, picture.pixelFormat);
    const part = planeRect(index, rect, picture.pixelFormat);
    const cut = new (plane.constructor as new (length: number) => Plane)(part.width * part.height);
    for (let y = 0; y < part.height; y++) {
      const from = (part.y + y) * stride + part.x;
      cut.set(plane.subarray(from, from + part.width), y * part.width);
    }
    return cut;
  });
}

/** New planes: the picture with the patch's rectangle laid in. */
export function pastePatch(
  planes: Planes,
  patch: Pick<FramePatch, 'rect' | 'planes'>,
  picture: Picture,
): Planes {
  return mapPlanes(planes, (plane, index) => {
    const { width: stride } = planeSize(index, picture, picture.pixelFormat);
    const part = planeRect(index, patch.rect, picture.pixelFormat);
    const pasted = plane.slice();
    for (let y = 0; y < part.height; y++) {
      const row = patch.planes[index].subarray(y * part.width, (y + 1) * part.width);
      pasted.set(row, (part.y + y) * stride + part.x);
    }
    return pasted;
  });
}

/** RGB [height, width, 3] in whole numbers 0…255, as a picture file would hold it. */
export function rgbBytes(planes: Planes, clip: ClipInfo): Uint8Array {
  const rgb = planesToRgb(planes, clip, { x: 0, y: 0, width: clip.width, height: clip.height });
  const pixels = clip.width * clip.height;
  const bytes = new Uint8Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) {
      bytes[3 * i + c] = Math.round(Math.min(1, Math.max(0, rgb[c * pixels + i])) * 255);
    }
  }
  return bytes;
}

/** The same picture with a chroma sample for every pixel: each is repeated over the pixels it stood for. */
export function fullChroma(planes: Planes, picture: Picture): Planes {
  const { width, height, pixelFormat } = picture;
  return mapPlanes(planes, (plane, index) => {
    if (index === 0) return plane;
    const { width: stride } = planeSize(index, picture, pixelFormat);
    const full = new (plane.constructor as new (length: number) => Plane)(width * height);
    for (let y = 0; y < height; y++) {
      const row = (y >> pixelFormat.chromaShiftY) * stride;
      for (let x = 0; x < width; x++) full[y * width + x] = plane[row + (x >> pixelFormat.chromaShiftX)];
    }
    return full;
  });
}
