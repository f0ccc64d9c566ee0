import { boundingBox, decodeMask, dilate, dilateGrey, hasGreys } from '../../core/mask/index.ts';
import { bezierOutline } from './bezier.ts';
import { neighbours } from './interpolate.ts';
import { isThere, poseAt, type MaskPose } from './keyframes.ts';
import type { MaskPoint, MaskShape, ProjectMask, TrackShape } from './project-mask.ts';
import { fillStroke, softenStroke, type StrokeBrush } from './stroke.ts';
import { maskTextAt } from './track-shape.ts';

type OutlinedPose = Exclude<MaskPose, { readonly kind: 'stroke' }>;

/** Points of an ellipse's outline: with 128 of them the outline is off by less than 0.0004 of a radius. */
const ellipsePoints = 128;

/** A pose's outline as a polygon. A stroke has none: it is drawn with `rasteriseMask`. */
export function outlineOf(pose: OutlinedPose): MaskPoint[] {
  switch (pose.kind) {
    case 'box': {
      const [[x0, y0], [x1, y1]] = [pose.from, pose.to];
      return [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
      ];
    }
    case 'ellipse': {
      const [centreX, centreY] = pose.centre;
      const [radiusX, radiusY] = pose.radii;
      const turn = (pose.angleDeg * Math.PI) / 180;
      return Array.from({ length: ellipsePoints }, (_, index) => {
        const angle = (2 * Math.PI * index) / ellipsePoints;
        const x = radiusX * Math.cos(angle);
        const y = radiusY * Math.sin(angle);
        return [
          centreX + x * Math.cos(turn) - y * Math.sin(turn),
          centreY + x * Math.sin(turn) + y * Math.cos(turn),
        ];
      });
    }
    case 'polygon':
      return bezierOutline(pose.points, pose.handles);
  }
}

/** Fills the pixels whose centres are inside the polygon (even-odd rule). `mask`: [height, width]. */
function fillPolygon(
  mask: Uint8Array,
  width: number,
  height: number,
  points: readonly MaskPoint[],
  value: number,
): void {
  const ys = points.map(([, y]) => y);
  const firstRow = Math.max(0, Math.ceil(Math.min(...ys) - 0.5));
  const lastRow = Math.min(height - 1, Math.floor(Math.max(...ys) - 0.5));
  /** By row: where edges cross the line through its pixels' centres. */
  const crossingsOf = Array.from({ length: Math.max(0, lastRow - firstRow + 1) }, (): number[] => []);
  for (let index = 0; index < points.length; index++) {
    const [x0, y0] = points[index];
    const [x1, y1] = points[(index + 1) % points.length];
    // A line belongs to an edge whose upper end is on it or above and whose lower end is below.
    const first = Math.max(firstRow, Math.ceil(Math.min(y0, y1) - 0.5));
    const last = Math.min(lastRow, Math.ceil(Math.max(y0, y1) - 0.5) - 1);
    for (let row = first; row <= last; row++)
      crossingsOf[row - firstRow].push(x0 + ((row + 0.5 - y0) * (x1 - x0)) / (y1 - y0));
  }
  for (let row = firstRow; row <= lastRow; row++) {
    const crossings = crossingsOf[row - firstRow].sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const from = Math.max(0, Math.ceil(crossings[pair] - 0.5));
      const to = Math.min(width, Math.ceil(crossings[pair + 1] - 0.5));
      if (from < to) mask.fill(value, row * width + from, row * width + to);
    }
  }
}

/** White becomes black and black white, in place; a grey c becomes 255 − c. */
function invert(mask: Uint8Array): Uint8Array {
  for (let i = 0; i < mask.length; i++) mask[i] ^= 255;
  return mask;
}

/**
 * Grows the mask [height, width] by a disc of `byPx` whole pixels: each pixel becomes the lightest within reach, below 0
 * the darkest. The picture's edge is no border.
 */
function growMask(mask: Uint8Array, width: number, height: number, byPx: number): Uint8Array {
  if (byPx === 0) return mask;
  // Without greys both are the same, and the first is much the quicker.
  const grow = hasGreys(mask) ? dilateGrey : dilate;
  return byPx > 0 ? grow(mask, width, height, byPx) : invert(grow(invert(mask), width, height, -byPx));
}

/** Draws a stroke's line into the mask [height, width], over what is there. */
export function paintStroke(
  mask: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  points: readonly MaskPoint[],
  brush: StrokeBrush,
): void {
  if (brush.softness > 0) softenStroke(mask, width, height, points, brush);
  else fillStroke(mask, width, height, points, brush.radius, brush.effect === 'remove' ? 255 : 0);
}

type Raster = Pick<ProjectMask, 'width' | 'height'>;

const isDrawn = ({ off, startFrame = 0, endFrame = Infinity }: MaskShape, frame: number): boolean =>
  off !== true && frame >= startFrame && frame < endFrame;

/** Whether the mask of `frame` + 1 is that of `frame` because no shape moves, comes or goes between them. */
export function isStillAt(mask: Pick<ProjectMask, 'shapes'>, frame: number): boolean {
  return mask.shapes.every((shape) => {
    const drawn = isDrawn(shape, frame);
    if (drawn !== isDrawn(shape, frame + 1)) return false;
    if (shape.kind === 'track') return !drawn || maskTextAt(shape, frame) === maskTextAt(shape, frame + 1);
    const { keyframes } = shape;
    if (!drawn || frame + 1 <= keyframes[0].frame || frame >= keyframes[keyframes.length - 1].frame)
      return true;
    const { a, b } = neighbours<(typeof keyframes)[number]>(keyframes, frame);
    return a.easing === 'hold' && b.frame > frame + 1;
  });
}

/** Whether the mask may cover anything at `frame`: false only where it is empty. Nothing is painted for it. */
export function mayCover({ shapes, invert }: Pick<ProjectMask, 'shapes' | 'invert'>, frame: number): boolean {
  return invert === true || shapes.some((shape) => shape.effect === 'remove' && isThere(shape, frame));
}

/** Fills the smallest rectangle around all that the mask [height, width] covers, in place. */
function boxMask(mask: Uint8Array, width: number): Uint8Array {
  const box = boundingBox(mask, width);
  if (box === null) return mask;
  for (let y = box.y; y < box.y + box.height; y++)
    mask.fill(255, y * width + box.x, y * width + box.x + box.width);
  return mask;
}

/** Coverage adds up as with soft strokes: the larger counts, or what is taken away. */
function paintTracked(mask: Uint8Array, shape: TrackShape, frame: number): void {
  const text = maskTextAt(shape, frame) ?? '';
  if (text === '') return;
  const tracked = decodeMask(text, mask.length);
  const removes = shape.effect === 'remove';
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (tracked[pixel] === 0) continue;
    mask[pixel] = removes
      ? Math.max(mask[pixel], tracked[pixel])
      : Math.min(mask[pixel], 255 - tracked[pixel]);
  }
}

/** Paints a shape as it is at `frame` over the mask [height, width]. */
export function paintShape(mask: Uint8Array, size: Raster, shape: MaskShape, frame: number): void {
  if (shape.kind === 'track') return paintTracked(mask, shape, frame);
  const pose = poseAt(shape, frame);
  if (pose.kind !== 'stroke') {
    const value = shape.effect === 'remove' ? 255 : 0;
    fillPolygon(mask, size.width, size.height, outlineOf(pose), value);
    return;
  }
  const softness = shape.kind === 'stroke' ? (shape.softness ?? 0) : 0;
  paintStroke(mask, size, pose.points, { radius: pose.radius, softness, effect: shape.effect });
}

/**
 * The mask of one frame: coverage [height, width], 255 = remove, 0 = keep, between them where a soft stroke fades out.
 * Shapes are painted in the order of the list; what they leave is grown, made a box of where that is asked for, what is
 * held out is cut out of that, and the whole is inverted last.
 */
export function rasteriseMask(mask: ProjectMask, frame: number): Uint8Array {
  const painted = new Uint8Array(mask.width * mask.height);
  const drawn = mask.shapes.filter((shape) => isDrawn(shape, frame));
  for (const shape of drawn) if (shape.holdOut !== true) paintShape(painted, mask, shape, frame);
  const grown = growMask(painted, mask.width, mask.height, mask.grow);
  const covered = mask.box === true ? boxMask(grown, mask.width) : grown;
  for (const shape of drawn) if (shape.holdOut === true) paintShape(covered, mask, shape, frame);
  return mask.invert ? invert(covered) : covered;
}
