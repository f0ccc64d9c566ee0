import { usageError } from '../../../src-shared/core/errors/index.ts';
import { encodeMask } from '../../../src-shared/core/mask/index.ts';
import type { ClipInfo, FrameSource, Media } from '../frames.ts';

/** Video files that may carry transparency; pictures and JSON are read as masks. */
const isVideo = (path: string): boolean => /\.(?:mov|mkv|webm|mp4|avi|mxf)$/i.test(path);

/**
 * A matte for a clip as texts of `encodeMask`, one a frame; empty where it is black. A clip with transparency counts by it,
 * anything else as `Media.openMask` reads it. Errors (exit code 2): of `openMask` and `openClip`; mask-size, mask-length.
 */
export async function readMatte(
  media: Media,
  path: string,
  clip: ClipInfo,
  signal: AbortSignal,
): Promise<string[]> {
  const texts: string[] = [];
  const source = isVideo(path) ? await media.openClip(path, signal, { alpha: true }) : undefined;
  if (source?.info.alpha === true && (await isTransparent(source, signal))) {
    checkFits(path, source.info, clip);
    for await (const { alpha } of source.frames(0, source.info.ptsSec.length, signal)) {
      const opaque = 2 ** source.info.pixelFormat.bitDepth - 1;
      texts.push(
        alpha === undefined
          ? ''
          : encodeMask(Uint8Array.from(alpha, (value) => (2 * value > opaque ? 255 : 0))),
      );
    }
    return texts;
  }
  const masks = await media.openMask(path, clip, signal);
  for await (const mask of masks.masks(0, clip.ptsSec.length, signal)) texts.push(encodeMask(mask));
  return texts;
}

/** Whether anything in the first frame is: a matte of white and black may carry a channel that is opaque all over. */
async function isTransparent(source: FrameSource, signal: AbortSignal): Promise<boolean> {
  const opaque = 2 ** source.info.pixelFormat.bitDepth - 1;
  for await (const { alpha } of source.frames(0, 1, signal))
    return alpha?.some((value) => value < opaque) === true;
  return false;
}

function checkFits(path: string, matte: ClipInfo, clip: ClipInfo): void {
  if (matte.width !== clip.width || matte.height !== clip.height) {
    throw usageError(
      'mask-size',
      `The mask ${path} is ${matte.width}×${matte.height}, the clip ${clip.width}×${clip.height}.`,
      'Give a mask of the clip’s size.',
    );
  }
  if (matte.ptsSec.length === clip.ptsSec.length) return;
  throw usageError(
    'mask-length',
    `The mask ${path} has ${matte.ptsSec.length} frames, the clip ${clip.ptsSec.length}.`,
    'Give a mask with one frame for each of the clip’s.',
  );
}
