import type { TrackShape } from './project-mask.ts';

export type TrackDirection = 'backward' | 'both' | 'forward';
/** One frame that was tracked. */
export type TrackedFrame = TrackShape['tracked'][number];
/** What ended a tracking early. */
export type TrackRemark =
  /** A cut: `frame` is the first of another shot, in the direction in which it was tracked. */
  | { readonly kind: 'cut'; readonly from: number; readonly frame: number }
  /** The object is not seen from `frame` on. */
  | { readonly kind: 'lost'; readonly frame: number; readonly backward: boolean }
  /** A shape that was followed has left the picture from `frame` on. */
  | { readonly kind: 'left'; readonly frame: number; readonly backward: boolean }
  /** A shape was hidden in these frames, both included, and found again. */
  | { readonly kind: 'hidden'; readonly frame: number; readonly last: number };
type TrackKey = TrackShape['keyframes'][number];

/** Frames [startFrame, endFrame) between two painted frames, or between one and an end of the range. */
export interface Stretch {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** Below this a frame is marked: look at it. */
export const weakConfidence = 0.5;

/** The entry of a frame; entries are ascending. */
function entryAt<Entry extends { readonly frame: number }>(
  entries: readonly Entry[],
  frame: number,
): Entry | undefined {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].frame < frame) low = middle + 1;
    else high = middle;
  }
  return entries.at(low)?.frame === frame ? entries[low] : undefined;
}

/** The object's mask in a frame, as text: empty where it is not in the picture; undefined where it was not tracked. */
export function maskTextAt(shape: TrackShape, frame: number): string | undefined {
  return (entryAt<TrackKey | TrackedFrame>(shape.keyframes, frame) ?? entryAt(shape.tracked, frame))?.mask;
}

/** The frames in which the object has a mask, ascending. */
export function maskedFrames({ keyframes, tracked }: TrackShape): number[] {
  const frames = [...keyframes, ...tracked].filter(({ mask }) => mask !== '').map(({ frame }) => frame);
  return [...new Set(frames)].sort((a, b) => a - b);
}

/** How sure the mask of a frame is, 0…1: 1 where it was painted, undefined where it was not tracked. */
export function trackConfidence(shape: TrackShape, frame: number): number | undefined {
  return entryAt(shape.keyframes, frame) === undefined ? entryAt(shape.tracked, frame)?.confidence : 1;
}

/** Spans [start, end) of tracked frames below `weakConfidence`. */
export function weakSpans(shape: TrackShape): [number, number][] {
  const spans: [number, number][] = [];
  for (const { frame, confidence } of shape.tracked) {
    if (confidence >= weakConfidence || entryAt(shape.keyframes, frame) !== undefined) continue;
    const last = spans.at(-1);
    if (last?.[1] === frame) last[1] = frame + 1;
    else spans.push([frame, frame + 1]);
  }
  return spans;
}

const ascending = (a: { readonly frame: number }, b: { readonly frame: number }): number => a.frame - b.frame;

/** The object with the mask that the editor painted in a frame; empty: it is not in the picture there. */
export function withTrackKey(shape: TrackShape, frame: number, mask: string): TrackShape {
  // Pinned as it was tracked, it changes nothing around it.
  const changed = maskTextAt(shape, frame) === mask ? {} : { changed: true as const };
  const others = shape.keyframes.filter((key) => key.frame !== frame);
  return { ...shape, keyframes: [...others, { frame, mask, ...changed }].sort(ascending) };
}

/**
 * The object without what was painted in a frame, which is to be tracked again from the frames painted next to it; the
 * last painted frame stays.
 */
export function withoutTrackKey(shape: TrackShape, frame: number): TrackShape {
  if (shape.keyframes.length === 1 || entryAt(shape.keyframes, frame) === undefined) return shape;
  return {
    ...shape,
    keyframes: shape.keyframes.filter((key) => key.frame !== frame),
    tracked: shape.tracked.filter((one) => one.frame !== frame),
  };
}

interface Gap extends Stretch {
  readonly before: TrackKey | undefined;
  readonly after: TrackKey | undefined;
}

/** What lies between the painted frames of a range, and before the first and behind the last. */
function gapsOf(keys: readonly TrackKey[], { startFrame, endFrame }: Stretch): Gap[] {
  const inside = keys.filter(({ frame }) => frame >= startFrame && frame < endFrame);
  return [...inside.keys(), inside.length]
    .map((index): Gap => {
      const [before, after] = [inside.at(index - 1), inside.at(index)];
      const first = index === 0 ? undefined : before;
      return {
        before: first,
        after,
        startFrame: first === undefined ? startFrame : first.frame + 1,
        endFrame: after?.frame ?? endFrame,
      };
    })
    .filter((gap) => gap.startFrame < gap.endFrame);
}

const endsOf = ({ before, after }: Gap): TrackKey[] => [before, after].filter((key) => key !== undefined);

/** Whether anything can be followed into the gap: not from a frame without the object. */
const isReached = (gap: Gap): boolean => endsOf(gap).some(({ mask }) => mask !== '');

/** Whether something can be tracked into the gap, and was not since its ends were painted. */
function isOpen(shape: TrackShape, gap: Gap): boolean {
  if (!isReached(gap)) return false;
  if (endsOf(gap).some(({ changed }) => changed === true)) return true;
  for (let frame = gap.startFrame; frame < gap.endFrame; frame++)
    if (entryAt(shape.tracked, frame) === undefined) return true;
  return false;
}

/** Whether tracking would do anything in the range. */
export function needsTracking(shape: TrackShape, range: Stretch): boolean {
  return gapsOf(shape.keyframes, range).some((gap) => isOpen(shape, gap));
}

/**
 * The stretches that tracking from `frame` on in a direction is to do: between two painted frames from both sides,
 * behind the last one forward, before the first one backward. Those that were tracked since their ends were painted
 * are left alone.
 */
export function stretchesToTrack(
  shape: TrackShape,
  range: Stretch,
  frame: number,
  direction: TrackDirection,
): Stretch[] {
  const wanted = ({ before, after }: Gap): boolean => {
    if (direction === 'forward') return before !== undefined && (after?.frame ?? Infinity) > frame;
    if (direction === 'backward') return after !== undefined && (before?.frame ?? -Infinity) < frame;
    return true;
  };
  return gapsOf(shape.keyframes, range)
    .filter((gap) => wanted(gap) && isOpen(shape, gap))
    .map(({ startFrame, endFrame }) => ({ startFrame, endFrame }));
}

/**
 * The object with what was tracked in a range.
 *
 * @param done The stretches (of `stretchesToTrack`) that were tracked to their end: frames of theirs that were not found
 *   are empty, they lie behind a cut for instance. Where tracking was stopped: none.
 */
export function withTracked(
  shape: TrackShape,
  range: Stretch,
  found: readonly TrackedFrame[],
  done: readonly Stretch[],
): TrackShape {
  const tracked = new Map(shape.tracked.map((one) => [one.frame, one]));
  for (const { startFrame, endFrame } of done) {
    for (let frame = startFrame; frame < endFrame; frame++)
      tracked.set(frame, { frame, mask: '', confidence: 0 });
  }
  for (const one of found) tracked.set(one.frame, one);
  const still = gapsOf(shape.keyframes, range).filter(
    (gap) => isReached(gap) && !done.some(({ startFrame }) => startFrame === gap.startFrame),
  );
  return {
    ...shape,
    keyframes: shape.keyframes.map((key) => {
      const { changed, ...settled } = key;
      const isInside = key.frame >= range.startFrame && key.frame < range.endFrame;
      const waits = still.some(({ before, after }) => before === key || after === key);
      return changed === undefined || waits || !isInside ? key : settled;
    }),
    tracked: [...tracked.values()].sort(ascending),
  };
}
