import { usageError } from '../errors/index.ts';

/** A rectangle in whole pixels; may reach beyond the picture (then the picture is mirrored there). */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the model can take. */
export interface PlanLimits {
  /** Working width and height must be multiples of this: 8 (VAE) × 2 (patch) = 16 for Wan. */
  readonly spatialMultiple: number;
  /** Frames of a window are 1 + k·temporalStride: 4 for Wan. */
  readonly temporalStride: number;
  /** Most frames of one window, 1 + 4k. */
  readonly maxWindowFrames: number;
  /** Most pixels of a working picture; larger crops are scaled down to it. */
  readonly workingPixels: number;
  /** Frames a window shares with the one before, already finished there: larger is steadier and slower. */
  readonly overlapFrames: number;
  /** Smaller crops are enlarged so many times at most, as far as `workingPixels` allows; absent: not at all. */
  readonly mostScale?: number;
}

/** One call of the generator: some frames, one crop, one working size. */
export interface EditWindow {
  readonly index: number;
  /** Frames [startFrame, endFrame) of the clip. */
  readonly startFrame: number;
  readonly endFrame: number;
  /** The first `knownFrames` of them were finished by the window before and are given, not generated. */
  readonly knownFrames: number;
  /** Frames the model sees: endFrame − startFrame made up to 1 + 4k by repeating the last one. */
  readonly modelFrames: number;
  readonly crop: Rect;
  /** The crop is resized to this for the model. */
  readonly workingWidth: number;
  readonly workingHeight: number;
}

export interface EditPlan {
  readonly windows: readonly EditWindow[];
}

/** Context kept around the hole, as a share of the hole's longer side, and at least this many pixels. */
const contextShare = 0.5;
const minContextPixels = 32;

function union(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Smallest 1 + k·stride that holds `frames`. */
export function modelFrameCount(frames: number, stride: number): number {
  return 1 + Math.ceil((frames - 1) / stride) * stride;
}

/** Runs of frames that hold something to generate: [start, end). Gaps shorter than `bridge` are bridged. */
function busyRuns(boxes: readonly (Rect | null)[], bridge: number): [number, number][] {
  const runs: [number, number][] = [];
  boxes.forEach((box, frame) => {
    if (box === null) return;
    const last = runs.at(-1);
    if (last !== undefined && frame - last[1] <= bridge) last[1] = frame + 1;
    else runs.push([frame, frame + 1]);
  });
  return runs;
}

/** One side of the crop: `length` pixels of [0, size), moved inside where it fits, centred where it does not. */
function placeSide(centre: number, length: number, size: number): number {
  const start = Math.round(centre - length / 2);
  if (length >= size) return Math.round((size - length) / 2);
  return Math.min(Math.max(start, 0), size - length);
}

const ceilTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** The crop around `box` with context, and the size the model works at. Starts on even pixels (4:2:0 chroma). */
export function planCrop(
  box: Rect,
  clip: { width: number; height: number },
  limits: PlanLimits,
): Pick<EditWindow, 'crop' | 'workingWidth' | 'workingHeight'> {
  const { spatialMultiple: multiple, workingPixels, mostScale = 1 } = limits;
  const context = Math.max(minContextPixels, Math.ceil(contextShare * Math.max(box.width, box.height)));
  // Context stops at the picture's border: mirrored pixels tell the model nothing.
  const left = Math.max(0, box.x - context);
  const top = Math.max(0, box.y - context);
  const wantWidth = Math.min(clip.width, box.x + box.width + context) - left;
  const wantHeight = Math.min(clip.height, box.y + box.height + context) - top;
  const scale = Math.min(mostScale, Math.sqrt(workingPixels / (wantWidth * wantHeight)));
  let workingWidth = ceilTo(wantWidth * scale, multiple);
  let workingHeight = ceilTo(wantHeight * scale, multiple);
  // Rounding up may pass the budget: give back one step on the side that was rounded up most.
  while (
    workingWidth * workingHeight > workingPixels &&
    workingWidth > multiple &&
    workingHeight > multiple
  ) {
    if (workingWidth - wantWidth * scale >= workingHeight - wantHeight * scale) workingWidth -= multiple;
    else workingHeight -= multiple;
  }
  // Where the working size is the larger one, the crop grows to it rather than being scaled up further.
  const even = (value: number): number => ceilTo(value, 2);
  const width = even(scale >= 1 ? workingWidth / scale : wantWidth);
  const height = even(scale >= 1 ? workingHeight / scale : wantHeight);
  const x = placeSide(left + wantWidth / 2, width, clip.width);
  const y = placeSide(top + wantHeight / 2, height, clip.height);
  const crop = { x: x - (Math.abs(x) % 2), y: y - (Math.abs(y) % 2), width, height };
  return { crop, workingWidth, workingHeight };
}

/**
 * Splits the frames that have something to generate into windows of at most `maxWindowFrames`, each
 * beginning with `overlapFrames` frames that the one before has finished, so that the picture continues.
 * `boxes[i]`: bounding box of frame i's hole, null where there is none. Pure.
 */
export function planWindows(
  boxes: readonly (Rect | null)[],
  clip: { width: number; height: number },
  limits: PlanLimits,
): EditPlan {
  const { maxWindowFrames, temporalStride, overlapFrames } = limits;
  if ((maxWindowFrames - 1) % temporalStride !== 0) {
    throw usageError(
      'window-frames',
      `A window of ${maxWindowFrames} frames does not fit the model: it takes 1 + ${temporalStride}k frames.`,
      `Use ${modelFrameCount(maxWindowFrames, temporalStride)}.`,
    );
  }
  if (overlapFrames >= maxWindowFrames) {
    throw usageError(
      'window-overlap',
      `An overlap of ${overlapFrames} frames leaves nothing to generate in a window of ${maxWindowFrames}.`,
      'Use a smaller overlap.',
    );
  }
  const windows: EditWindow[] = [];
  for (const [runStart, runEnd] of busyRuns(boxes, temporalStride)) {
    let fresh = runStart;
    while (fresh < runEnd) {
      const knownFrames = fresh === runStart ? 0 : Math.min(overlapFrames, fresh - runStart);
      const startFrame = fresh - knownFrames;
      const endFrame = Math.min(runEnd, startFrame + maxWindowFrames);
      const hole = boxes
        .slice(fresh, endFrame)
        .filter((box) => box !== null)
        .reduce<Rect | null>((all, box) => (all === null ? box : union(all, box)), null);
      if (hole !== null) {
        windows.push({
          index: windows.length,
          startFrame,
          endFrame,
          knownFrames,
          modelFrames: modelFrameCount(endFrame - startFrame, temporalStride),
          ...planCrop(hole, clip, limits),
        });
      }
      fresh = endFrame;
    }
  }
  return { windows };
}
