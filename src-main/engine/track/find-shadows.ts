import { cancelledError, usageError } from '../../../src-shared/core/errors/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import {
  enlargeMask,
  findShadow,
  packMask,
  reduceMask,
  unpackMask,
  type MaskRuns,
} from '../../../src-shared/core/track/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { FrameSource } from '../frames.ts';
import type { OpenCameraTracker } from '../plate/camera-tracker.ts';
import { keepFrames } from '../scan/kept-pictures.ts';
import { surveyShots } from './survey-shots.ts';

export interface ShadowInput {
  readonly source: FrameSource;
  /** The object's masks by frame, [height, width] of the clip. */
  readonly masks: ReadonlyMap<number, Uint8Array>;
  readonly range: FrameRange;
  readonly openCamera: OpenCameraTracker;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
  /** The shadow in one frame, [height, width] of the clip; called at the end for each frame in which there is one. */
  readonly onMask: (frame: number, mask: Uint8Array, confidence: number) => void;
}

/** Pixels of the pictures that shadows are found in: larger ones are reduced. */
const workPixels = 200_000;
/** A shadow is seen in at least this share of the object's frames. */
const leastShare = 0.25;

/** The shadow that an object throws, in every frame in which it is. Throws `track-mask-empty` where it is in none. */
export async function findShadows({ onFrame, onMask, ...input }: ShadowInput): Promise<void> {
  const source = keepFrames(input.source);
  const { range, signal } = input;
  const { width, height } = source.info;
  const masks = [...input.masks].filter(
    ([frame, mask]) =>
      frame >= range.startFrame && frame < range.endFrame && boundingBox(mask, width) !== null,
  );
  if (masks.length === 0) {
    throw usageError(
      'track-mask-empty',
      'The object whose shadow is looked for is in no frame.',
      'Paint it, or track it, first.',
    );
  }
  const factor = Math.max(1, Math.ceil(Math.sqrt((width * height) / workPixels)));
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const steps = 2 * (range.endFrame - range.startFrame);
  let done = 0;
  const report = (): void => onFrame(++done, steps);
  const keys = masks.map(([frame, mask]) => ({ frame, mask }));
  const survey = await surveyShots({ ...input, source, keys }, factor, report);
  const known = new Map(masks);
  const found = new Map<number, { readonly runs: MaskRuns; readonly confidence: number }>();
  for await (const frame of source.frames(range.startFrame, range.endFrame, signal)) {
    if (signal.aborted) throw cancelledError();
    const mask = known.get(frame.index);
    if (mask !== undefined) {
      const { mask: shadow, confidence } = findShadow(
        survey.trackFrame(frame, factor),
        reduceMask(mask, source.info, factor),
        survey.shotOf(frame.index).background,
      );
      if (confidence > 0) found.set(frame.index, { runs: packMask(shadow), confidence });
    }
    report();
  }
  // Something dark that the object passes is with it for a few frames; its shadow stays.
  if (found.size < leastShare * masks.length) return;
  for (const [frame, { runs, confidence }] of found) {
    const shadow = unpackMask(runs, size.width * size.height);
    onMask(frame, factor === 1 ? shadow : enlargeMask(shadow, size, factor, source.info), confidence);
  }
}
