import {
  enlargeMotion,
  reduceLuma,
  type Homography,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';
import {
  buildBackground,
  reduceMask,
  trackPicture,
  type Background,
  type BackgroundSample,
  type TrackFrame,
  type TrackPicture,
} from '../../../src-shared/core/track/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { VideoFrame } from '../frames.ts';
import type { TrackInput } from './track-input.ts';

/** Frames from one cut to the next. */
export interface Shot {
  /** Unknown everywhere in shots without a key. */
  background: Background;
}

/** What a first look at all frames of a range tells. */
export interface Survey {
  /** The same object for all frames of one shot. */
  shotOf(frame: number): Shot;
  /** A frame as the tracker takes it. */
  trackFrame(frame: VideoFrame, factor: number): TrackFrame;
}

/** The camera is followed in pictures of at most this width. */
const cameraWidth = 640;
/** Frames of a shot that its background is made from, and their memory over all shots, in bytes. */
const samples = { most: 24, memory: 128e6 } as const;

/** Follows the camera through the range, finds the cuts, and makes the background of each shot that has a key. */
export async function surveyShots(
  {
    source,
    range,
    keys,
    openCamera,
    signal,
  }: Pick<TrackInput, 'source' | 'range' | 'keys' | 'openCamera' | 'signal'>,
  factor: number,
  onFrame: () => void,
): Promise<Survey> {
  const { width, height, pixelFormat } = source.info;
  const layout: PlaneLayout = { width, height, ...pixelFormat };
  const cameraFactor = Math.ceil(width / cameraWidth);
  const [cameraColumns, cameraRows] = [Math.floor(width / cameraFactor), Math.floor(height / cameraFactor)];
  const camera = await openCamera(cameraColumns, cameraRows);
  const masks = new Map(keys.map(({ frame, mask }) => [frame, mask]));
  const sampleBytes = 3 * Math.floor(width / factor) * Math.floor(height / factor);
  const most = Math.max(8, Math.min(4 * samples.most, Math.floor(samples.memory / sampleBytes)));
  const stride = Math.max(1, Math.ceil((range.endFrame - range.startFrame) / most));

  const poses: Homography[] = [];
  const shots: Shot[] = [];
  const kept = new Map<Shot, BackgroundSample[]>();
  /** Of the frames that are kept as samples: they are tracked as well. */
  const pictures = new Map<number, TrackPicture>();
  let segment = -1;
  for await (const frame of source.frames(range.startFrame, range.endFrame, signal)) {
    if (signal.aborted) throw cancelledError();
    const painted = masks.get(frame.index) ?? null;
    const pose = camera.add(
      reduceLuma(frame.planes[0], layout, cameraFactor),
      painted === null
        ? new Uint8Array(cameraColumns * cameraRows)
        : reduceMask(painted, layout, cameraFactor),
    );
    // A view that a cut comes back to is a shot of its own: an object cannot be followed across the cut.
    const shot = pose.segment === segment ? shots[shots.length - 1] : { background: buildBackground([]) };
    segment = pose.segment;
    shots.push(shot);
    poses.push(enlargeMotion(pose.toReference, cameraFactor));
    if ((frame.index - range.startFrame) % stride === 0) {
      const picture = trackPicture(frame.planes, layout, factor);
      pictures.set(frame.index, picture);
      const sample: BackgroundSample = {
        picture,
        toReference: reduceMotion(poses[poses.length - 1], factor),
        hidden: painted === null ? null : reduceMask(painted, layout, factor),
      };
      kept.set(shot, [...(kept.get(shot) ?? []), sample]);
    }
    onFrame();
  }
  const shotOf = (frame: number): Shot => shots[frame - range.startFrame];
  for (const shot of new Set(keys.map(({ frame }) => shotOf(frame)))) {
    shot.background = buildBackground(evenly(kept.get(shot) ?? [], samples.most));
  }
  return {
    shotOf,
    trackFrame: (frame) => ({
      picture: pictures.get(frame.index) ?? trackPicture(frame.planes, layout, factor),
      toReference: reduceMotion(poses[frame.index - range.startFrame], factor),
    }),
  };
}

/** A motion of full-size pixels in those of pictures reduced `factor` times: the inverse of `enlargeMotion`. */
function reduceMotion(motion: Homography, factor: number): Homography {
  return enlargeMotion(motion, 1 / factor);
}

function evenly<T>(all: readonly T[], most: number): T[] {
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / count)]);
}
