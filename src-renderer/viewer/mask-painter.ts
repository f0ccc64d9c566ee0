import type { Clip, EditMask } from '../../src-shared/project/index.ts';
import { isThere, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import { maskEdge } from './mask-edge.ts';

/** Pictures of masks, one clip pixel to one of theirs: the colour where the mask covers, nothing elsewhere. */
export interface MaskPainter {
  picture(mask: EditMask, clip: Clip, frame: number, colour: string): HTMLCanvasElement;
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
}

/** Names the frames on which the mask is the same: those with the same shapes, if none of them moves. */
function stillKey(mask: EditMask, frame: number): string {
  const there = mask.shapes.map((shape) => (isThere(shape, frame) ? '1' : '0')).join('');
  const moves = mask.shapes.some((shape) => shape.keyframes.length > 1 && isThere(shape, frame));
  return moves ? `${there}@${frame}` : there;
}

/** "#rrggbb" as the word that is the opaque pixel in memory, little-endian RGBA. */
function pixelWord(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** What the engine takes the mask of a frame for: [height, width], 255 = covered. */
function rasterised(mask: EditMask, { width, height, frames }: Clip, frame: number): Uint8Array {
  return rasteriseMask({ format: 'hetcut-mask', version: 1, width, height, frames, ...mask }, frame);
}

function paint(canvas: HTMLCanvasElement, mask: EditMask, clip: Clip, frame: number, colour: string): void {
  const { width, height } = clip;
  const covered = rasterised(mask, clip, frame);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  const word = pixelWord(colour);
  for (let index = 0; index < covered.length; index++) if (covered[index] !== 0) words[index] = word;
  canvas.width = width;
  canvas.height = height;
  (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(image, 0, 0);
}

/**
 * Paints masks and keeps the last few. A painted mask holds for the very document it was made of (documents are never
 * changed in place), its colour, and the frames that `stillKey` says are the same.
 */
export function createMaskPainter(): MaskPainter {
  // This frame's and the two of the onion skin.
  const most = 3;
  let kept: Painted[] = [];
  let keptEdge: { readonly mask: EditMask; readonly key: string; readonly path: Path2D } | null = null;
  return {
    knowsEdge: (mask, clip, frame) =>
      keptEdge?.mask === mask && keptEdge.key === `${clip.id}:${stillKey(mask, frame)}`,
    edge(mask, clip, frame) {
      const key = `${clip.id}:${stillKey(mask, frame)}`;
      if (keptEdge?.mask === mask && keptEdge.key === key) return keptEdge.path;
      const path = new Path2D();
      for (const [x0, y0, x1, y1] of maskEdge(rasterised(mask, clip, frame), clip.width, clip.height)) {
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      }
      keptEdge = { mask, key, path };
      return path;
    },
    picture(mask, clip, frame, colour) {
      const key = `${clip.id}:${stillKey(mask, frame)}`;
      const known = kept.find((one) => one.mask === mask && one.key === key && one.colour === colour);
      if (known !== undefined) {
        kept = [known, ...kept.filter((one) => one !== known)];
        return known.canvas;
      }
      const canvas = kept.length < most ? document.createElement('canvas') : (kept.at(-1) as Painted).canvas;
      paint(canvas, mask, clip, frame, colour);
      kept = [{ mask, colour, key, canvas }, ...kept].slice(0, most);
      return canvas;
    },
  };
}
