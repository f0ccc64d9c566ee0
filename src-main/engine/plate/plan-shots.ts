import { planPieces, type CanvasPiece, type CanvasView } from '../../../src-shared/core/canvas/index.ts';
import { identityMotion } from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import { layersOf, type TrackedFrame } from './follow-camera.ts';

/** Frames of one view, and the canvases that it takes; of a scene in several depths a layer of them. */
export interface Shot {
  /** Absent: the whole picture moves as one. */
  readonly layer?: number;
  /** The camera could not be followed: what frames show does not lie over each other. */
  readonly lost: boolean;
  /** All frames of the view, those with nothing open too, by their index. */
  readonly views: ReadonlyMap<number, CanvasView>;
  readonly pieces: readonly CanvasPiece[];
}

/** What the frames show, as far as shots are planned by it. */
export type Placed = ReadonlyMap<number, Pick<TrackedFrame, 'pose' | 'layers'>>;

/** A view that is being gathered. */
interface Group {
  readonly layer?: number;
  readonly lost: boolean;
  readonly views: Map<number, CanvasView>;
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
 * @param openOfLayer The box around what is open of one layer of a frame.
 * @param firstFrame The clip's number of frame 0, for what is said.
 */
export function planShots(
  open: readonly (Rect | null)[],
  placed: Placed,
  openOfLayer: (index: number, layer: number) => Rect | null,
  frame: { readonly width: number; readonly height: number },
  firstFrame: number,
): ShotPlan {
  const notes: string[] = [];
  const groups = new Map<string, Group>();
  const lostOnes = lostFrames(placed);
  const inDepth = new Set([...placed.values()].flatMap(({ pose, layers }) => (layers ? [pose.segment] : [])));
  let lostStart = -1;
  open.forEach((box, index) => {
    const frame = placed.get(index);
    if (frame === undefined) return;
    const isLost = lostOnes.has(index);
    if (isLost && !lostOnes.has(index - 1)) lostStart = index;
    const { segment, inlierRatio, errorPx, toReference } = frame.pose;
    const uncertain = inlierRatio < trackedWell.leastInlierRatio || errorPx > trackedWell.mostErrorPx;
    // A frame whose place is uncertain shows others nothing, and is filled all the same.
    if (uncertain && box === null) return;
    const add = (key: string, view: CanvasView, layer?: number): void => {
      const views = groups.get(key)?.views ?? new Map<number, CanvasView>();
      groups.set(key, { views, lost: isLost, ...(layer === undefined ? {} : { layer }) });
      views.set(index, view);
    };
    if (isLost) add(`lost at ${lostStart}`, { index, toReference: identityMotion(), open: box });
    else if (!inDepth.has(segment)) add(`${segment}`, { index, toReference, open: box });
    else {
      for (const { id, toReference } of layersOf(frame)) {
        const boxOfLayer = frame.layers === undefined ? box : openOfLayer(index, id);
        add(`${segment} ${id}`, { index, toReference, open: boxOfLayer }, id);
      }
    }
  });

  const shots: Shot[] = [];
  for (const { views, layer, lost } of groups.values()) {
    const pieces = planPieces([...views.values()], frame);
    if (pieces.length === 0) continue;
    shots.push({ views, pieces, lost, ...(layer === undefined ? {} : { layer }) });
    const numbers = pieces.flatMap((piece) => piece.frames).map((index) => firstFrame + index);
    const span = `${numbers[0]} to ${numbers[numbers.length - 1]}`;
    if (lost) {
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
function lostFrames(placed: Placed): ReadonlySet<number> {
  const poses = new Map([...placed].map(([index, { pose }]) => [index, pose]));
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
