import type { Rect } from '../../src-shared/core/plan/index.ts';
import type { Clip, EditMask } from '../../src-shared/project/index.ts';
import { isThere, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import { maskEdge } from './mask-edge.ts';

/** Pictures of masks, one clip pixel to one of theirs: the colour, as opaque as the mask covers. */
export interface MaskPainter {
  picture(mask: EditMask, clip: Clip, frame: number, colour: string): HTMLCanvasElement;
  /** What the mask covers: [height, width], 0…255; not to be changed. */
  coverage(mask: EditMask, clip: Clip, frame: number): Uint8Array;
  /** Whether `edge` would have nothing to do. */
  knowsEdge(mask: EditMask, clip: Clip, frame: number): boolean;
  /** The border of what the mask covers, in the clip's pixels. */
  edge(mask: EditMask, clip: Clip, frame: number): Path2D;
}

interface Painted {
  readonly mask: EditMask;
  readonly colour: string;
  readonly key: string;
  readonly canvas: HTMLCanvasElement;
  readonly coverage: Uint8Array;
}

/** Names the frames on which the mask is the same: those with the same shapes, if none of them moves. */
function stillKey(mask: EditMask, frame: number): string {
  const there = mask.shapes.map((shape) => (isThere(shape, frame) ? '1' : '0')).join('');
  const moves = mask.shapes.some(
    (shape) => (shape.kind === 'track' || shape.keyframes.length > 1) && isThere(shape, frame),
  );
  return moves ? `${there}@${frame}` : there;
}

/** "#rrggbb" as the word that is the pixel without its alpha in memory, little-endian RGBA. */
function pixelWord(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}

/** The part `rect` of a mask (coverage [height, `width`], 0…255) as pixels of `colour`, as opaque as it covers. */
export function colourMask(coverage: Uint8Array, width: number, rect: Rect, colour: string): ImageData {
  const image = new ImageData(rect.width, rect.height);
  const words = new Uint32Array(image.data.buffer);
  const word = pixelWord(colour);
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const row = y * width + rect.x;
    for (let i = row; i < row + rect.width; i++, at++)
      if (coverage[i] !== 0) words[at] = ((coverage[i] << 24) | word) >>> 0;
  }
  return image;
}

/** What the engine takes the mask of a frame for: coverage [height, width], 0…255. */
function rasterised(mask: EditMask, { width, height, frames }: Clip, frame: number): Uint8Array {
  return rasteriseMask({ format: 'hetcut-mask', version: 1, width, height, frames, ...mask }, frame);
}

/** What is of an object with a colour of its own, in that: where several are over each other, the last one's. */
function colourObjects({ data }: ImageData, mask: EditMask, clip: Clip, frame: number): void {
  const words = new Uint32Array(data.buffer);
  for (const shape of mask.shapes) {
    if (shape.colour === undefined || shape.effect === 'keep' || !isThere(shape, frame)) continue;
    const word = pixelWord(shape.colour);
    const own = rasterised({ ...mask, shapes: [shape], invert: false }, clip, frame);
    for (let at = 0; at < own.length; at++)
      if (own[at] !== 0 && words[at] !== 0) words[at] = ((words[at] & 0xff000000) | word) >>> 0;
  }
}

/**
 * Paints masks and keeps the last few. A painted mask holds for the very document it was made of (documents are never
 * changed in place), its colour, and the frames that `stillKey` says are the same.
 */
export function createMaskPainter(): MaskPainter {
  // This frame's and the two of the onion skin.
  const most = 3;
  let kept: Painted[] = [];
  const coverageOf = (mask: EditMask, clip: Clip, frame: number, key: string): Uint8Array =>
    kept.find((one) => one.mask === mask && one.key === key)?.coverage ?? rasterised(mask, clip, frame);
  let keptEdge: { readonly mask: EditMask; readonly key: string; readonly path: Path2D } | null = null;
  return {
    knowsEdge: (mask, clip, frame) =>
      keptEdge?.mask === mask && keptEdge.key === `${clip.id}:${stillKey(mask, frame)}`,
    edge(mask, clip, frame) {
      const key = `${clip.id}:${stillKey(mask, frame)}`;
      if (keptEdge?.mask === mask && keptEdge.key === key) return keptEdge.path;
      const path = new Path2D();
      const coverage = coverageOf(mask, clip, frame, key);
      for (const [x0, y0, x1, y1] of maskEdge(coverage, clip.width, clip.height)) {
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      }
      keptEdge = { mask, key, path };
      return path;
    },
    coverage: (mask, clip, frame) => coverageOf(mask, clip, frame, `${clip.id}:${stillKey(mask, frame)}`),
    picture(mask, clip, frame, colour) {
      const key = `${clip.id}:${stillKey(mask, frame)}`;
      const known = kept.find((one) => one.mask === mask && one.key === key && one.colour === colour);
      if (known !== undefined) {
        kept = [known, ...kept.filter((one) => one !== known)];
        return known.canvas;
      }
      const canvas = kept.length < most ? document.createElement('canvas') : (kept.at(-1) as Painted).canvas;
      const { width, height } = clip;
      const coverage = coverageOf(mask, clip, frame, key);
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      const image = colourMask(coverage, width, { x: 0, y: 0, width, height }, colour);
      colourObjects(image, mask, clip, frame);
      context.putImageData(image, 0, 0);
      kept = [{ mask, colour, key, canvas, coverage }, ...kept].slice(0, most);
      return canvas;
    },
  };
}
