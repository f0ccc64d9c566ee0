import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import {
  bandPx,
  blendMasks,
  enlargeMask,
  ObjectTracker,
  packMask,
  reduceMask,
  unpackMask,
  type MaskRuns,
  type TrackFrame,
} from '../../../src-shared/core/track/index.ts';
import { keepFrames } from '../scan/kept-pictures.ts';
import { surveyShots, type Survey } from './survey-shots.ts';
import type { TrackInput, TrackKey } from './track-input.ts';

/** An object's masks over a range of a clip. */
export interface ClipTrack {
  /** [height, width] of the clip: the key's own mask, 255 and 0 elsewhere; empty where nothing was tracked. */
  maskAt(frame: number): Uint8Array;
  /** One number a frame of the range, 0…1: 1 at keys, 0 where the object is not seen or nothing was tracked. */
  readonly confidence: Float32Array;
  /** What the editor should know: cuts that ended the tracking, places where the object was lost. */
  readonly notes: readonly string[];
}

/** Pixels of a picture around the object that are worked on: larger objects are tracked in reduced pictures. */
const workPixels = 60_000;
/** Frames that are decoded at a time when tracking goes backward. */
const chunkFrames = 24;

interface Tracked {
  readonly runs: MaskRuns;
  readonly confidence: number;
}

/** What runs through the parts of one tracking. */
interface Work extends TrackInput {
  readonly factor: number;
  readonly survey: Survey;
  readonly size: { readonly width: number; readonly height: number };
  readonly report: () => void;
}

/**
 * Follows an object from the frames in which it was painted to all others of the range: behind the last key forward,
 * before the first one backward, between two from both sides, blended by distance and confidence. A cut ends it.
 * Reads the clip once for the camera and the background, then once for each direction.
 */
export async function trackClip(asked: TrackInput): Promise<ClipTrack> {
  const input = { ...asked, source: keepFrames(asked.source) };
  const { source, range, keys } = input;
  const { width, height } = source.info;
  const factor = trackingFactor(keys, width);
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const frames = range.endFrame - range.startFrame;
  const legs = legsOf(input);
  const steps = frames + legs.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
  let done = 0;
  const report = (): void => input.onFrame(Math.min(++done, steps), steps);
  const survey = await surveyShots(input, factor, report);
  const work: Work = { ...input, factor, survey, size, report };

  const forward = new Map<number, Tracked>();
  const backward = new Map<number, Tracked>();
  const notes: string[] = [];
  for (const leg of legs) {
    const found = leg.to > leg.from ? forward : backward;
    notes.push(...(await trackLeg(work, leg, found)));
  }
  return joinTracks(work, forward, backward, notes);
}

/** Frames to track from a key: `from` is the key's, `to` the first one that is not asked for. */
interface Leg {
  readonly key: TrackKey;
  readonly from: number;
  readonly to: number;
}

function legsOf({ keys, range, direction }: TrackInput): Leg[] {
  const sorted = [...keys].sort((a, b) => a.frame - b.frame);
  return sorted.flatMap((key, index) => {
    if (key.mask === null) return [];
    const next = sorted.at(index + 1)?.frame ?? range.endFrame;
    const previous = index === 0 ? range.startFrame - 1 : sorted[index - 1].frame;
    const legs: Leg[] = [];
    if (direction !== 'backward' && next > key.frame + 1) legs.push({ key, from: key.frame, to: next });
    if (direction !== 'forward' && previous < key.frame - 1) {
      legs.push({ key, from: key.frame, to: previous });
    }
    return legs;
  });
}

/** How many times pictures are reduced, so that the largest painted object and what is around it fit `workPixels`. */
function trackingFactor(keys: readonly TrackKey[], width: number): number {
  let factor = 1;
  for (const { mask } of keys) {
    const box = mask === null ? null : boundingBox(mask, width);
    if (box === null) continue;
    const pixels = (): number => (box.width / factor + 3 * bandPx) * (box.height / factor + 3 * bandPx);
    while (pixels() > workPixels) factor++;
  }
  return factor;
}

/** Tracks one leg into `found`; returns notes. */
async function trackLeg(work: Work, leg: Leg, found: Map<number, Tracked>): Promise<string[]> {
  const { survey, factor, source } = work;
  const { key, to } = leg;
  if (key.mask === null) return [];
  const shot = survey.shotOf(key.frame);
  const painted = reduceMask(key.mask, source.info, factor);
  // An object smaller than a pixel of the reduced picture cannot be: the factor follows the object's size.
  if (!painted.includes(255)) return [];
  let tracker: ObjectTracker | undefined;
  let lostSince: number | undefined;
  for await (const { index, frame } of framesOf(work, leg)) {
    if (index === key.frame) {
      tracker = new ObjectTracker(frame, painted, shot.background, work.flow);
      continue;
    }
    if (survey.shotOf(index) !== shot) {
      return [`Tracking from frame ${key.frame} ends at frame ${index}: the shot changes there.`];
    }
    if (tracker === undefined) throw new Error('the key’s frame comes first');
    const { mask, confidence } = tracker.next(frame);
    found.set(index, { runs: packMask(mask), confidence });
    if (confidence > 0) lostSince = undefined;
    else lostSince ??= index;
    work.report();
  }
  if (lostSince === undefined || Math.abs(to - lostSince) < 2) return [];
  return [`The object is not seen from frame ${lostSince} on${to < key.frame ? ', backward' : ''}.`];
}

/** The frames of a leg in its order, the key's first. */
async function* framesOf(
  work: Work,
  { from, to }: Leg,
): AsyncGenerator<{ readonly index: number; readonly frame: TrackFrame }> {
  const { source, signal, survey, factor } = work;
  if (to > from) {
    for await (const frame of source.frames(from, to, signal)) {
      if (signal.aborted) throw cancelledError();
      yield { index: frame.index, frame: survey.trackFrame(frame, factor) };
    }
    return;
  }
  for (let end = from + 1; end > to + 1; end -= chunkFrames) {
    const start = Math.max(to + 1, end - chunkFrames);
    const chunk: { index: number; frame: TrackFrame }[] = [];
    for await (const frame of source.frames(start, end, signal)) {
      if (signal.aborted) throw cancelledError();
      chunk.push({ index: frame.index, frame: survey.trackFrame(frame, factor) });
    }
    yield* chunk.reverse();
  }
}

function joinTracks(
  work: Work,
  forward: ReadonlyMap<number, Tracked>,
  backward: ReadonlyMap<number, Tracked>,
  notes: readonly string[],
): ClipTrack {
  const { range, keys, source, factor, size } = work;
  const { width, height } = source.info;
  const painted = new Map(keys.map(({ frame, mask }) => [frame, mask]));
  const keyFrames = [...painted.keys()].sort((a, b) => a - b);
  const pixels = size.width * size.height;
  const confidence = new Float32Array(range.endFrame - range.startFrame);
  const joined = new Map<number, MaskRuns>();
  for (let frame = range.startFrame; frame < range.endFrame; frame++) {
    const [there, back] = [forward.get(frame), backward.get(frame)];
    const at = frame - range.startFrame;
    if (painted.has(frame)) confidence[at] = 1;
    else if (there !== undefined && back !== undefined) {
      const before = keyFrames.filter((key) => key < frame).at(-1) ?? frame;
      const after = keyFrames.find((key) => key > frame) ?? frame;
      // Nearer keys count more, and surer masks.
      const weightThere = (after - frame) * (there.confidence + 0.01);
      const weightBack = (frame - before) * (back.confidence + 0.01);
      const share = weightBack / (weightThere + weightBack);
      const masks = [there, back].map(({ runs }) => unpackMask(runs, pixels));
      joined.set(frame, packMask(blendMasks(masks[0], masks[1], share, size.width, size.height)));
      confidence[at] = (1 - share) * there.confidence + share * back.confidence;
    } else {
      const only = there ?? back;
      if (only === undefined) continue;
      joined.set(frame, only.runs);
      confidence[at] = only.confidence;
    }
  }
  return {
    confidence,
    notes,
    maskAt(frame) {
      const key = painted.get(frame);
      if (key !== undefined) return key ?? new Uint8Array(width * height);
      const runs = joined.get(frame);
      if (runs === undefined) return new Uint8Array(width * height);
      const mask = unpackMask(runs, pixels);
      return factor === 1 ? mask : enlargeMask(mask, size, factor, source.info);
    },
  };
}
