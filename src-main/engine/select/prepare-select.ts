import {
  enlargeMotion,
  motionBetween,
  reduceLuma,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';
import {
  buildBackground,
  foregroundOdds,
  ownMotion,
  trackPicture,
  type BackgroundSample,
  type DenseFlow,
  type SelectFrame,
} from '../../../src-shared/core/track/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { FrameSource } from '../frames.ts';
import type { OpenCameraTracker } from '../plate/camera-tracker.ts';

/** Pixels of the picture that objects are found in, and of the one that they are cut out of; larger ones are reduced. */
const pixels = { found: 120_000, fine: 600_000 } as const;
/** The camera is followed in pictures of at most this width. */
const cameraWidth = 400;
/** Frames on each side of the one selected in, and how many frames one of them stands for at most. */
const samples = { eachSide: 12, mostStride: 3 } as const;

export interface PrepareInput {
  readonly source: FrameSource;
  /** Selected in; inside `range`. */
  readonly frame: number;
  readonly range: FrameRange;
  readonly openCamera: OpenCameraTracker;
  readonly flow: DenseFlow;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
}

export interface PreparedSelect {
  readonly frame: SelectFrame;
  /** `frame.fine` is so many times smaller than the clip's picture. */
  readonly factor: number;
}

const factorTo = (most: number, width: number, height: number): number =>
  Math.max(1, Math.ceil(Math.sqrt((width * height) / most)));

/** The frame, and what in it stands before the background that the frames around it show. */
export async function prepareSelect({
  source,
  frame: at,
  range,
  openCamera,
  flow,
  signal,
  onFrame,
}: PrepareInput): Promise<PreparedSelect> {
  const { width, height, pixelFormat } = source.info;
  const layout: PlaneLayout = { width, height, ...pixelFormat };
  const factor = factorTo(pixels.fine, width, height);
  const more = factorTo(pixels.found, Math.floor(width / factor), Math.floor(height / factor));
  const cameraFactor = Math.ceil(width / cameraWidth);
  const [columns, rows] = [Math.floor(width / cameraFactor), Math.floor(height / cameraFactor)];
  const camera = await openCamera(columns, rows);
  const frames = range.endFrame - range.startFrame;
  const stride = Math.max(1, Math.min(samples.mostStride, Math.floor(frames / (2 * samples.eachSide + 1))));
  // Near an end of the range the frames of the other side stand in.
  const wanted = Math.min(at - samples.eachSide * stride, range.endFrame - 1 - 2 * samples.eachSide * stride);
  const start = at - stride * Math.floor((at - Math.max(range.startFrame, wanted)) / stride);
  const end = Math.min(range.endFrame, start + 2 * samples.eachSide * stride + 1);

  const empty = new Uint8Array(columns * rows);
  let segment: number | undefined;
  const all: { readonly sample: BackgroundSample; readonly segment: number }[] = [];
  let fine: SelectFrame['fine'] | undefined;
  let here: BackgroundSample | undefined;
  for await (const frame of source.frames(start, end, signal)) {
    if (signal.aborted) throw cancelledError();
    onFrame(frame.index - start + 1, end - start);
    if ((frame.index - at) % stride !== 0) continue;
    const pose = camera.add(reduceLuma(frame.planes[0], layout, cameraFactor), empty);
    const sample: BackgroundSample = {
      picture: trackPicture(frame.planes, layout, factor * more),
      toReference: enlargeMotion(pose.toReference, cameraFactor / (factor * more)),
      hidden: null,
    };
    all.push({ sample, segment: pose.segment });
    if (frame.index === at) {
      here = sample;
      fine = more === 1 ? sample.picture : trackPicture(frame.planes, layout, factor);
      segment = pose.segment;
    }
  }
  if (here === undefined || fine === undefined) throw new Error(`frame ${at} was not read`);
  const shot = all.filter((one) => one.segment === segment).map((one) => one.sample);
  const background = buildBackground(shot);
  const { picture, toReference } = here;
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const odds = foregroundOdds(picture, whole, toReference, background);
  const place = shot.indexOf(here);
  const beside = [shot.at(place + 1), place > 0 ? shot[place - 1] : undefined]
    .filter((sample) => sample !== undefined)
    .map((sample) => ({ ...sample, isLater: shot.indexOf(sample) > place }));
  const motion = ownMotion(
    picture,
    beside.map((sample) => ({
      picture: sample.picture,
      isLater: sample.isLater,
      camera: motionBetween(toReference, sample.toReference),
    })),
    flow,
  );
  return { frame: { fine, picture, factor: more, odds, motion }, factor };
}
