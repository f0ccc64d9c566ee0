import type { EditPlan, Rect } from '../plan/index.ts';
import {
  coveredCells,
  forEachCell,
  sameCoverage,
  type FrameCoverage,
  type MaskCoverage,
} from './mask-coverage.ts';

/** Frames before and after a hole that may show its background: the reach of the plate stage. */
const reachFrames = 240;
/** Background that fewer frames show than this is not agreed upon, and stays open. */
const leastWitnesses = 5;
/**
 * Pixels (over all frames) that a window may have revealed before it is likely that something of them, a shadow or a
 * border that does not fit, is left to the network. Between what one walker (131,000: nothing was left) and a crowd
 * (200,000 to 280,000: something was) were measured to be.
 */
const revealedWithoutRestPx = 150_000;

/**
 * Where a frame stays open at all, scattered rests widen its box towards that of its mask: by this share of the way,
 * measured on three clips (windows of 0.92, 1.00 and 1.00 times the tokens that were then generated).
 */
const restShare = 0.5;

/**
 * What the plate stage is likely to leave open, from the mask alone: as if the camera stood still, a cell stays open
 * where fewer than five frames within reach show it. A camera that moves shows more, people who throw shadows less.
 */
export function forecastOpen(coverage: MaskCoverage): MaskCoverage {
  const known = forecasts.get(coverage) ?? forecast(coverage);
  forecasts.set(coverage, known);
  return known;
}

/** A mask is asked about again with every option that an editor tries. */
const forecasts = new WeakMap<MaskCoverage, MaskCoverage>();

function forecast({ grid, frames }: MaskCoverage): MaskCoverage {
  // hiddenIn[cell]: frames of [start, end) that cover it; start and end follow the frame in question.
  const hiddenIn = new Int32Array(grid.columns * grid.rows);
  const change = (frame: number, by: number): void => {
    const covered = frames[frame];
    if (covered === null) return;
    forEachCell(covered, (column, row) => void (hiddenIn[row * grid.columns + column] += by));
  };
  let end = 0;
  let before: FrameCoverage | null = null;
  const open = frames.map((covered, frame) => {
    for (; end < Math.min(frames.length, frame + reachFrames + 1); end++) change(end, 1);
    const start = Math.max(0, frame - reachFrames);
    if (start > 0) change(start - 1, -1);
    if (covered === null) return null;
    const most = end - start - leastWitnesses;
    const kept = keepCells(grid, covered, (column, row) => hiddenIn[row * grid.columns + column] > most);
    // One object for all frames that are alike, as in the mask.
    if (kept === null || before === null || !sameCoverage(kept, before)) before = kept;
    return before;
  });
  return { grid, frames: open };
}

/** The cells of a frame that `keep` chooses, and the box around them, cut to the box of the whole; null for none. */
function keepCells(
  { cellPx }: MaskCoverage['grid'],
  covered: FrameCoverage,
  keep: (column: number, row: number) => boolean,
): FrameCoverage | null {
  const { box, cells } = covered;
  const bits = new Uint8Array(covered.bits.length);
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  forEachCell(covered, (column, row) => {
    if (!keep(column, row)) return;
    const cell = (row - cells.y) * cells.width + column - cells.x;
    bits[cell >> 3] |= 1 << (cell & 7);
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  });
  if (right < 0) return null;
  const x = Math.max(box.x, left * cellPx);
  const y = Math.max(box.y, top * cellPx);
  const kept: Rect = {
    x,
    y,
    width: Math.min(box.x + box.width, right * cellPx) - x,
    height: Math.min(box.y + box.height, bottom * cellPx) - y,
  };
  return { box: kept, cells, bits };
}

/** A frame that stays open with the box that its scattered rests make. */
function withRests(open: FrameCoverage, mask: FrameCoverage): FrameCoverage {
  const between = (from: number, to: number): number => Math.round(from + restShare * (to - from));
  const { box } = open;
  const whole = mask.box;
  const x = between(box.x, whole.x);
  const y = between(box.y, whole.y);
  return {
    ...open,
    box: {
      x,
      y,
      width: between(box.x + box.width, whole.x + whole.width) - x,
      height: between(box.y + box.height, whole.y + whole.height) - y,
    },
  };
}

/**
 * The forecast as the plan sees it: boxes are those of the scattered rests too, and windows of which it leaves nothing,
 * but which are too large for that to be likely, are taken as wholly open. `whole` is the plan of the mask itself.
 */
export function likelyOpen(mask: MaskCoverage, whole: EditPlan): MaskCoverage {
  const { grid, frames: forecast } = forecastOpen(mask);
  const frames = forecast.map((open, i) => {
    const covered = mask.frames[i];
    return open === null || covered === null ? null : withRests(open, covered);
  });
  for (const { startFrame, knownFrames, endFrame } of whole.windows) {
    const fresh = startFrame + knownFrames;
    if (forecast.slice(fresh, endFrame).some((frame) => frame !== null)) continue;
    const hidden = mask.frames.slice(fresh, endFrame);
    const revealed = hidden.reduce((sum, frame) => sum + (frame === null ? 0 : coveredCells(frame)), 0);
    if (revealed * grid.cellPx ** 2 < revealedWithoutRestPx) continue;
    hidden.forEach((frame, i) => (frames[fresh + i] = frame));
  }
  return { grid, frames };
}
