import { exemplarFill, pushPullFill } from '../fill/index.ts';
import { growMask, maskRegions, paddedBounds, type Bounds } from '../plate/index.ts';
import type { CanvasPicture } from './canvas-layers.ts';

/** Where to look for texture around a hole: at least so far, in pixels, else as far as it is wide or high. */
const leastReachPx = 96;
/** Holes nearer to each other than twice this are filled together, in pixels. */
const joinPx = 24;
/** What borders a hole is not copied, so far: soft edges and shadows of what was removed. In pixels. */
const shadowPx = 6;
/** Beyond the frames' edges the hole goes on so far, so that whole patches fit. */
const beyondPx = 8;
/** For each pixel of the hole there should be so many to copy from; else the search goes over the whole canvas. */
const leastSourceShare = 1.5;

/** Fewer pixels than this are no background. */
const leastIsland = 64;

/** A canvas without holes. All are [height, width] but the picture. */
export interface FilledCanvas extends CanvasPicture {
  /** 1 where no frame shows what stands there. */
  readonly filled: Uint8Array;
  /** The pixel that a filled one was copied from; −1 elsewhere, and where it was filled smoothly. */
  readonly copiedFrom: Int32Array;
  /** Pixels that could only be filled smoothly: there was nothing to copy. */
  readonly smoothPixels: number;
}

/**
 * Fills what no frame shows with texture from around it, once for all frames.
 *
 * @param needed [height, width]; not 0 = open in some frame.
 * @param given The same place on an earlier canvas of this shot, that goes before everything else: what it has filled
 *   stays. Undefined for a pixel that it does not say.
 */
export function fillCanvas(
  canvas: CanvasPicture,
  needed: Uint8Array,
  seed: number,
  given: (pixel: number) => readonly [number, number, number] | undefined = () => undefined,
): FilledCanvas {
  const { width, height, seen, doubtful } = canvas;
  const pixels = width * height;
  const picture = canvas.picture.slice();
  const open = new Uint8Array(pixels);
  const filled = new Uint8Array(pixels);
  const wanted = withoutIslands(needed, seen, width, height);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (wanted[pixel] === 0) continue;
    filled[pixel] = 1;
    const levels = given(pixel);
    if (levels === undefined) open[pixel] = 255;
    else levels.forEach((level, plane) => (picture[plane * pixels + pixel] = level));
  }
  const unseen = seen.map((count, pixel) =>
    count === 0 && open[pixel] === 0 && filled[pixel] === 0 ? 1 : 0,
  );
  const hole = growInto(open, unseen, width, height);
  closeSmoothly(picture, hole, unseen, width, height);

  const around = growMask(filled, width, height, shadowPx);
  const usable = seen.map((count, pixel) =>
    count > 0 && doubtful[pixel] === 0 && around[pixel] === 0 ? 1 : 0,
  );
  const shown = seen.map((count, pixel) => (count > 0 && around[pixel] === 0 ? 1 : 0));
  const copiedFrom = new Int32Array(pixels).fill(-1);
  const work: Work = { width, height, picture, hole, usable, copiedFrom };
  const whole: Bounds = { left: 0, top: 0, right: width, bottom: height };
  let smoothPixels = 0;
  for (const region of maskRegions(growMask(hole, width, height, joinPx), width, height)) {
    const reach = Math.max(leastReachPx, region.right - region.left, region.bottom - region.top);
    const near = paddedBounds(region, reach, width, height);
    const inside = region.pixels.filter((pixel) => hole[pixel] !== 0);
    const done = hasSources(work, near, inside.length) && fillBounds(work, near, inside, seed);
    if (done || fillBounds(work, whole, inside, seed)) continue;
    // Where everything moves, as water does, texture that does not stay is better than none.
    if (!fillBounds({ ...work, usable: shown }, whole, inside, seed)) smoothPixels += inside.length;
  }
  return { ...canvas, picture, filled, copiedFrom, smoothPixels };
}

/** What is needed and not seen, with the small spots inside that are seen: they are seldom right, and look like dirt. */
function withoutIslands(needed: Uint8Array, seen: Uint8Array, width: number, height: number): Uint8Array {
  const wanted = needed.map((value, pixel) => (value !== 0 && seen[pixel] === 0 ? 1 : 0));
  const others = wanted.map((value) => 1 - value);
  for (const { pixels } of maskRegions(others, width, height)) {
    if (pixels.length < leastIsland && pixels.some((pixel) => needed[pixel] !== 0)) {
      for (const pixel of pixels) wanted[pixel] = 1;
    }
  }
  return wanted;
}

/** The hole with what lies within `beyondPx` of it beyond all frames. */
function growInto(open: Uint8Array, unseen: Uint8Array, width: number, height: number): Uint8Array {
  const near = growMask(open, width, height, beyondPx);
  return open.map((value, pixel) => (value !== 0 || (near[pixel] !== 0 && unseen[pixel] !== 0) ? 1 : 0));
}

/** Fills holes and what lies beyond all frames softly, so that no pixel is without a plausible colour. */
function closeSmoothly(
  picture: Float32Array,
  hole: Uint8Array,
  unseen: Uint8Array,
  width: number,
  height: number,
): void {
  const unknown = hole.map((value, pixel) => value | unseen[pixel]);
  if (!unknown.includes(1)) return;
  picture.set(pushPullFill(picture, unknown, { channels: 3, height, width }));
}

interface Work {
  readonly width: number;
  readonly height: number;
  readonly picture: Float32Array;
  readonly hole: Uint8Array;
  readonly usable: Uint8Array;
  readonly copiedFrom: Int32Array;
}

function hasSources({ usable, width }: Work, { left, top, right, bottom }: Bounds, open: number): boolean {
  let count = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) count += usable[y * width + x];
  return count >= leastSourceShare * open;
}

/** Fills the hole's part `inside` from within `bounds`; false where nothing can be copied. */
function fillBounds(work: Work, bounds: Bounds, inside: Int32Array, seed: number): boolean {
  const { left, top } = bounds;
  const [width, height] = [bounds.right - left, bounds.bottom - top];
  const [pixels, all] = [width * height, work.width * work.height];
  const picture = new Float32Array(3 * pixels);
  const usable = new Uint8Array(pixels);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * work.width + left;
    for (let plane = 0; plane < 3; plane++) {
      const start = plane * all + from;
      picture.set(work.picture.subarray(start, start + width), plane * pixels + y * width);
    }
    usable.set(work.usable.subarray(from, from + width), y * width);
  }
  const hole = new Uint8Array(pixels);
  const local = inside.map((pixel) => {
    const x = pixel % work.width;
    return ((pixel - x) / work.width - top) * width + x - left;
  });
  for (const pixel of local) hole[pixel] = 1;
  const result = exemplarFill({ picture, hole, usable, width, height }, seed);
  if (result === null) return false;
  inside.forEach((pixel, at) => {
    for (let plane = 0; plane < 3; plane++) {
      work.picture[plane * all + pixel] = result.picture[plane * pixels + local[at]];
    }
    const from = result.copiedFrom[local[at]];
    const x = from % width;
    work.copiedFrom[pixel] = ((from - x) / width + top) * work.width + x + left;
  });
  return true;
}
