import { limitedTenBits, tenBitAlpha, unmixPlanes } from '../../../src-shared/core/picture/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { ClipInfo, FrameSource, VideoFrame } from '../frames.ts';
import { layeredClip, type EditLayer, type WrittenFrames } from './layered-clip.ts';
import { blendWeights } from './matte-clip.ts';

/** What an edit made of a clip, and over how many pixels it was blended in; absent: `usualFeatherPx`. */
export interface PatchLayer extends EditLayer {
  readonly featherPx?: number | undefined;
}

const opaque = 1023;

/** How a patch of frames `range` of a clip is written: 10 bits in limited range, as ProRes has them; no sound. */
export function patchInfo(layered: ClipInfo): ClipInfo {
  const { pixelFormat, colour } = layered;
  const name = pixelFormat.bitDepth === 10 ? pixelFormat.name : `${pixelFormat.name}10le`;
  return {
    ...layered,
    pixelFormat: { ...pixelFormat, name, bitDepth: 10 },
    colour: { ...colour, range: 'limited', tags: { ...colour.tags, range: 'tv' } },
    audio: [],
  };
}

/**
 * What edits made of frames `range` of a clip, to be laid over it: alpha is how much of each pixel is edited, straight,
 * and the planes are such that both together give `layeredClip`, in its soft edges too. Where several edits are over
 * each other the larger alpha counts; frames without a result are transparent; where the clip is transparent so is the
 * patch. Where alpha is 0 the planes are the clip's. Throws `clip-changed` where a result does not fit the clip.
 */
export function patchClip(
  source: FrameSource,
  layers: readonly PatchLayer[],
  range: FrameRange,
): WrittenFrames {
  const layered = layeredClip(source, layers, range);
  const info = patchInfo(layered.info);
  const pixels = info.width * info.height;
  return {
    info,
    async *frames(signal) {
      for await (const { index, planes, below, edits, alpha: shown } of layered.frames(signal)) {
        const weights = new Float32Array(pixels);
        for (const edit of edits) {
          const { maskAt, featherPx } = layers[edit];
          const own = blendWeights(maskAt(range.startFrame + index), info, featherPx);
          for (let i = 0; i < pixels; i++) if (own[i] > weights[i]) weights[i] = own[i];
        }
        // What is written is taken back out, not what it was before it became a whole number.
        const alpha = Uint16Array.from(weights, (weight) => Math.round(opaque * weight));
        for (let i = 0; i < pixels; i++) weights[i] = alpha[i] / opaque;
        const frame: VideoFrame = {
          index,
          planes: unmixPlanes(
            limitedTenBits(below, layered.info),
            limitedTenBits(planes, layered.info),
            weights,
            info,
          ),
          alpha:
            shown === undefined
              ? alpha
              : within(alpha, tenBitAlpha(shown, layered.info.pixelFormat.bitDepth)),
        };
        yield frame;
      }
    },
  };
}

/** Two transparencies of 10 bits, the one inside the other. */
function within(alpha: Uint16Array, other: ArrayLike<number>): Uint16Array {
  return alpha.map((value, i) => Math.round((value * other[i]) / opaque));
}
