import { planPieces, type CanvasPiece, type CanvasView } from '../../../src-shared/core/canvas/index.ts';
import { identityMotion } from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { CameraPose } from './camera-tracker.ts';

/** Frames of one view, and the canvases that it takes. */
export interface Shot {
  /** All frames of the view, those with nothing open too, by their index. */
  readonly views: ReadonlyMap<number, CanvasView>;
  readonly pieces: readonly CanvasPiece[];
}

export interface ShotPlan {
  readonly shots: readonly Shot[];
  /** What the editor should know of it. */
  readonly notes: readonly string[];
}

/** Views of fewer frames than this beside each other are no cuts: the camera was lost. */
const leastShotFrames = 5;
/** A frame whose camera position is less certain than this is laid onto no canvas. */
const trackedWell = { leastInlierRatio: 0.25, mostErrorPx: 1.5 } as const;

/**
 * Sorts the frames into views. Where the camera could not be followed, frames are taken as one view of a camera that
 * stands: every frame is then filled with its own texture from the same places.
 *
 * @param open For every frame, the box around what is open of it.
 * @param firstFrame The clip's number of frame 0, for what is said.
 */
export function planShots(
  open: readonly (Rect | null)[],
  poses: ReadonlyMap<number, CameraPose>,
  frame: { readonly width: number; readonly height: number },
  firstFrame: number,
): ShotPlan {
  const notes: string[] = [];
  const views = new Map<number | string, Map<number, CanvasView>>();
  const lost = lostFrames(poses);
  let lostStart = -1;
  open.forEach((box, index) => {
    const pose = poses.get(index);
    if (pose === undefined) return;
    const isLost = lost.has(index);
    if (isLost && !lost.has(index - 1)) lostStart = index;
    const { inlierRatio, errorPx } = pose;
    const uncertain = inlierRatio < trackedWell.leastInlierRatio || errorPx > trackedWell.mostErrorPx;
    // A frame whose place is uncertain shows others nothing, and is filled all the same.
    if (uncertain && box === null) return;
    const key = isLost ? `lost at ${lostStart}` : pose.segment;
    const group = views.get(key) ?? new Map<number, CanvasView>();
    views.set(key, group);
    group.set(index, { index, toReference: isLost ? identityMotion() : pose.toReference, open: box });
  });

  const shots: Shot[] = [];
  for (const [key, group] of views) {
    const pieces = planPieces([...group.values()], frame);
    if (pieces.length === 0) continue;
    shots.push({ views: group, pieces });
    const numbers = pieces.flatMap((piece) => piece.frames).map((index) => firstFrame + index);
    const span = `${numbers[0]} to ${numbers[numbers.length - 1]}`;
    if (typeof key === 'string') {
      notes.push(
        `The camera could not be followed in frames ${span}: what no frame shows there is filled as if it stood still, ` +
          'and may swim. A plate of your own (--plate FILE) avoids that.',
      );
    }
    if (pieces.length > 1) {
      notes.push(
        `The camera moves too far in frames ${span} for one canvas: ${pieces.length} were made, each going on from the last.`,
      );
    }
    const coarsest = Math.min(...pieces.map(({ scale }) => scale));
    if (coarsest < 1) {
      notes.push(
        `The hole of frames ${span} is too large for a canvas of its own resolution: ` +
          `what fills it has ${Math.round(100 * coarsest)} % of the clip's.`,
      );
    }
  }
  return { shots, notes };
}

/** Frames whose view holds for a moment only, beside another such view. */
function lostFrames(poses: ReadonlyMap<number, CameraPose>): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const { segment } of poses.values()) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  const isShort = (index: number): boolean => {
    const pose = poses.get(index);
    return pose !== undefined && (counts.get(pose.segment) ?? 0) < leastShotFrames;
  };
  const differs = (a: number, b: number): boolean => poses.get(a)?.segment !== poses.get(b)?.segment;
  const lost = new Set<number>();
  for (const index of poses.keys()) {
    if (!isShort(index)) continue;
    // The nearest frames of other views, before and after.
    let before = index;
    while (poses.has(before) && !differs(before, index)) before--;
    let after = index;
    while (poses.has(after) && !differs(after, index)) after++;
    if (isShort(before) || isShort(after)) lost.add(index);
  }
  return lost;
}
