import { HetcutError, usageError } from '../../../src-shared/core/errors/index.ts';
import { isStillPicture, rgbToPlanes } from '../../../src-shared/core/picture/index.ts';
import type { PlateChoice } from '../edit-job.ts';
import type { ClipInfo, Media, VideoFrame } from '../frames.ts';
import { readOnFrames } from '../scan/masked-stretches.ts';

/** The clip that a plate is for, as far as it must fit it. */
type PlatedClip = Pick<ClipInfo, 'width' | 'height' | 'pixelFormat'>;

/** A clean plate that the editor provides, asked for in the order of the clip. */
export interface PlateFrames {
  readonly planesOf: (frame: VideoFrame) => Promise<VideoFrame['planes']>;
  readonly close: () => Promise<void>;
}

/** What reads a plate, with its failures reported as the plate's. */
async function reading<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HetcutError) || error.exitCode === 130) throw error;
    const { code, message, hint, exitCode, details } = error;
    throw new HetcutError(code, `The plate cannot be used: ${message}`, {
      hint: `${hint} Or choose another background.`,
      exitCode,
      details,
      cause: error,
    });
  }
}

function requireSize(
  path: string,
  size: { readonly width: number; readonly height: number },
  clip: PlatedClip,
) {
  if (size.width === clip.width && size.height === clip.height) return;
  throw usageError(
    'plate-size',
    `The plate ${path} is ${size.width}×${size.height}, the clip ${clip.width}×${clip.height}.`,
    'Give a plate of the same size.',
  );
}

/** `endFrame`: as far as the plate must reach. */
function requireFrames(path: string, plate: ClipInfo, clip: PlatedClip, endFrame: number): void {
  if (plate.ptsSec.length >= endFrame && plate.pixelFormat.name === clip.pixelFormat.name) return;
  throw usageError(
    'plate-clip',
    `The plate ${path} has ${plate.ptsSec.length} frames in ${plate.pixelFormat.name}; ` +
      `${endFrame} in ${clip.pixelFormat.name} are needed.`,
    'Give a picture, or a clip of the same length and pixel format.',
  );
}

/**
 * Looks at a plate before any work. `endFrame`: the job's, in the whole clip. Errors (exit code 2): plate-size,
 * plate-clip, and those of reading a clip or a picture. Nothing to check where the plate is no file.
 */
export async function checkPlate(
  media: Media,
  plate: PlateChoice,
  clip: PlatedClip,
  endFrame: number,
  signal?: AbortSignal,
): Promise<void> {
  if (plate.kind !== 'file') return;
  const { path } = plate;
  if (isStillPicture(path)) {
    requireSize(path, await reading(() => media.readPicture(path)), clip);
    return;
  }
  const info = await reading(() => media.probe(path, signal));
  requireSize(path, info, clip);
  requireFrames(path, info, clip, endFrame);
}

/**
 * Opens a plate: one picture for all frames, or a clip as long as the whole one. Frames are those of
 * [startFrame, endFrame), whose first is the clip's frame 0. Throws as `checkPlate`.
 */
export async function openPlateFile(
  media: Media,
  path: string,
  clip: ClipInfo,
  { startFrame, endFrame }: { readonly startFrame: number; readonly endFrame: number },
  signal: AbortSignal,
): Promise<PlateFrames> {
  if (isStillPicture(path)) {
    const picture = await reading(() => media.readPicture(path));
    requireSize(path, picture, clip);
    const pixels = picture.width * picture.height;
    const rgb = new Float32Array(3 * pixels);
    for (let i = 0; i < rgb.length; i++) rgb[(i % 3) * pixels + Math.floor(i / 3)] = picture.rgb[i] / 255;
    const planes = rgbToPlanes(rgb, clip, clip);
    return { planesOf: async () => planes, close: async () => undefined };
  }
  const plate = await reading(() => media.openClip(path, signal));
  requireSize(path, plate.info, clip);
  requireFrames(path, plate.info, clip, endFrame);
  const framesFrom = (index: number) =>
    plate.frames(startFrame + index, endFrame, signal)[Symbol.asyncIterator]();
  let frames = framesFrom(0);
  let next = 0;
  return {
    async planesOf({ index }) {
      if (index - next > readOnFrames) {
        await frames.return?.();
        frames = framesFrom(index);
        next = index;
      }
      for (;;) {
        const step = await frames.next();
        if (step.done === true) throw new Error('the plate ended before the clip');
        if (next++ === index) return step.value.planes;
      }
    },
    // The decoder would wait for ever to hand over the rest.
    close: async () => void (await frames.return?.()),
  };
}
