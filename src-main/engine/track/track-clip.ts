import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import {
  bandPx,
  blendMasks,
  enlargeMask,
  packMask,
  reduceMask,
  unpackMask,
  type MaskRuns,
} from '../../../src-shared/core/track/index.ts';
import { builtInSegmenter } from '../segment/built-in-segmenter.ts';
import type { AnySegmenter, Segmenter } from '../segment/segmenter.ts';
import { framesInOrder } from '../scan/frames-in-order.ts';
import { keepFrames } from '../scan/kept-pictures.ts';
import { surveyShots, type Survey } from './survey-shots.ts';
import type { TrackRemark } from '../../../src-shared/project/mask/index.ts';
import type { VideoFrame } from '../frames.ts';
import type { TrackInput, TrackKey } from './track-input.ts';

/** An object's masks over a range of a clip. */
export interface ClipTrack {
  /** [height, width] of the clip: the key's own mask, 255 and 0 elsewhere; empty where nothing was tracked. */
  maskAt(frame: number): Uint8Array;
  /** One number a frame of the range, 0…1: 1 at keys, 0 where the object is not seen or nothing was tracked. */
  readonly confidence: Float32Array;
  /** What the editor should know: cuts that ended the tracking, places where the object was lost. */
  readonly notes: readonly TrackRemark[];
}

/** Pixels of a picture around the object that are worked on: larger objects are tracked in reduced pictures. */
const workPixels = 60_000;

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

  const segmenter: AnySegmenter =
    input.openSegmenter?.(source.info, size) ?? builtInSegmenter(input, survey, factor);
  const found: Found = { forward: new Map(), backward: new Map() };
  const notes: TrackRemark[] = [];
  for (const leg of legs) {
    const { onMask } = input;
    const ofLeg = leg.to > leg.from ? found.forward : found.backward;
    const onFound = (frame: number, tracked: Tracked): void => {
      ofLeg.set(frame, tracked);
      if (onMask === undefined) return;
      const joined = joinedAt(work, found, frame);
      if (joined !== undefined) onMask(frame, fullMask(work, joined.runs), joined.confidence);
    };
    notes.push(...(await trackLeg(work, leg, segmenter, onFound)));
  }
  return clipTrack(work, found, notes);
}

/** What was tracked from keys before a frame, and from keys behind it. */
interface Found {
  readonly forward: Map<number, Tracked>;
  readonly backward: Map<number, Tracked>;
}

/** Frames to track from a key: `from` is the key's, `to` the first one that is not asked for. */
interface Leg {
  readonly key: TrackKey;
  readonly from: number;
  readonly to: number;
}

function legsOf({ keys, range, direction, only }: TrackInput): Leg[] {
  const isWanted = (from: number, to: number): boolean =>
    only === undefined || only.some(({ startFrame, endFrame }) => startFrame < to && endFrame > from);
  const sorted = [...keys].sort((a, b) => a.frame - b.frame);
  return sorted.flatMap((key, index) => {
    if (key.mask === null) return [];
    const next = sorted.at(index + 1)?.frame ?? range.endFrame;
    const previous = index === 0 ? range.startFrame - 1 : sorted[index - 1].frame;
    const legs: Leg[] = [];
    if (direction !== 'backward' && next > key.frame + 1 && isWanted(key.frame + 1, next))
      legs.push({ key, from: key.frame, to: next });
    if (direction !== 'forward' && previous < key.frame - 1 && isWanted(previous + 1, key.frame)) {
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

/** Tracks one leg; returns notes. */
async function trackLeg<Encoded, Memory>(
  work: Work,
  leg: Leg,
  segmenter: Segmenter<Encoded, Memory>,
  onFound: (frame: number, tracked: Tracked) => void,
): Promise<TrackRemark[]> {
  const { survey, factor, source } = work;
  const { key, to } = leg;
  if (key.mask === null) return [];
  const shot = survey.shotOf(key.frame);
  const painted = reduceMask(key.mask, source.info, factor);
  // An object smaller than a pixel of the reduced picture cannot be: the factor follows the object's size.
  if (!painted.includes(255)) return [];
  let memory: { readonly of: Memory } | undefined;
  let lostSince: number | undefined;
  const same = (frame: VideoFrame): VideoFrame => frame;
  for await (const { index, frame } of framesInOrder(source, leg.from, to, same, work.signal)) {
    if (index === key.frame) {
      const encoded = await segmenter.encode(frame);
      memory = { of: (await segmenter.prompt(encoded, { kind: 'mask', mask: key.mask })).memory };
      continue;
    }
    if (survey.shotOf(index) !== shot) {
      return [{ kind: 'cut', from: key.frame, frame: index }];
    }
    if (memory === undefined) throw new Error('the key’s frame comes first');
    const { mask, confidence } = await segmenter.propagate(await segmenter.encode(frame), memory.of);
    onFound(index, { runs: packMask(mask), confidence });
    if (confidence > 0) lostSince = undefined;
    else lostSince ??= index;
    work.report();
  }
  if (lostSince === undefined || Math.abs(to - lostSince) < 2) return [];
  return [{ kind: 'lost', frame: lostSince, backward: to < key.frame }];
}

/** What is known of a frame that is no key: tracked from one side, or the blend of both. */
function joinedAt(work: Work, { forward, backward }: Found, frame: number): Tracked | undefined {
  const [there, back] = [forward.get(frame), backward.get(frame)];
  if (there === undefined || back === undefined) return there ?? back;
  const keyFrames = work.keys.map((key) => key.frame);
  const before = Math.max(...keyFrames.filter((key) => key < frame));
  const after = Math.min(...keyFrames.filter((key) => key > frame));
  // Nearer keys count more, and surer masks.
  const weightThere = (after - frame) * (there.confidence + 0.01);
  const weightBack = (frame - before) * (back.confidence + 0.01);
  const share = weightBack / (weightThere + weightBack);
  const { width, height } = work.size;
  const masks = [there, back].map(({ runs }) => unpackMask(runs, width * height));
  return {
    runs: packMask(blendMasks(masks[0], masks[1], share, width, height)),
    confidence: (1 - share) * there.confidence + share * back.confidence,
  };
}

/** [height, width] of the clip. */
function fullMask({ size, factor, source }: Work, runs: MaskRuns): Uint8Array {
  const mask = unpackMask(runs, size.width * size.height);
  return factor === 1 ? mask : enlargeMask(mask, size, factor, source.info);
}

function clipTrack(work: Work, found: Found, notes: readonly TrackRemark[]): ClipTrack {
  const { range, keys, source } = work;
  const { width, height } = source.info;
  const painted = new Map(keys.map(({ frame, mask }) => [frame, mask]));
  const confidence = new Float32Array(range.endFrame - range.startFrame);
  const joined = new Map<number, MaskRuns>();
  for (let frame = range.startFrame; frame < range.endFrame; frame++) {
    const at = frame - range.startFrame;
    if (painted.has(frame)) confidence[at] = 1;
    else {
      const tracked = joinedAt(work, found, frame);
      if (tracked === undefined) continue;
      joined.set(frame, tracked.runs);
      confidence[at] = tracked.confidence;
    }
  }
  return {
    confidence,
    notes,
    maskAt(frame) {
      const key = painted.get(frame);
      if (key !== undefined) return key ?? new Uint8Array(width * height);
      const runs = joined.get(frame);
      return runs === undefined ? new Uint8Array(width * height) : fullMask(work, runs);
    },
  };
}
