import { setImmediate } from 'node:timers/promises';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { featherWeights, usualFeatherPx } from '../../../src-shared/core/mask/index.ts';
import { rangeOfClip } from '../scan/clip-range.ts';
import type { FrameRange } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import type { WrittenFrames } from './layered-clip.ts';
import { planeSize } from '../composite/planes.ts';

/** `painted`: its coverage as it is drawn. `blended`: as the result is blended in, rising from 0 at its border over a few pixels. */
export type MatteEdge = 'painted' | 'blended';

/** The mask of an edit. */
export interface MatteMask {
  /** At a frame of the clip: [height, width], 0…255. */
  readonly maskAt: (frame: number) => Uint8Array;
  /** Over how many pixels the edit's result is blended in; absent: `usualFeatherPx`. */
  readonly featherPx?: number | undefined;
}

/** With which weights [height, width], float32 in 0…1, a result is blended in under a mask: coverage [height, width], 0…255. */
export function blendWeights(mask: Uint8Array, clip: ClipInfo, featherPx = usualFeatherPx): Float32Array {
  const whole = { x: 0, y: 0, width: clip.width, height: clip.height };
  return featherWeights(mask, clip, whole, featherPx);
}

/** The same as greys, 0…255. */
function blended(mask: Uint8Array, clip: ClipInfo, featherPx?: number): Uint8Array {
  return Uint8Array.from(blendWeights(mask, clip, featherPx), (weight) => Math.round(255 * weight));
}

/** Grey pictures of a clip's size and times, in full range, without sound. */
export function greyInfo(clip: ClipInfo): ClipInfo {
  return {
    ...clip,
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    colour: {
      matrix: 'bt709',
      range: 'full',
      assumed: false,
      tags: { space: 'bt709', primaries: 'bt709', transfer: 'bt709', range: 'pc' },
    },
    audio: [],
    warnings: [],
  };
}

/** Either chroma plane of a grey picture. */
export function neutralChroma(info: ClipInfo): Uint8Array {
  const { width, height } = planeSize(1, info, info.pixelFormat);
  return new Uint8Array(width * height).fill(128);
}

/**
 * Masks of frames `range` of a clip as grey pictures of its size and times: white is edited, in full range, without
 * sound. Where several masks are over each other the lighter one counts.
 */
export function matteClip(
  clip: ClipInfo,
  masks: readonly MatteMask[],
  edge: MatteEdge,
  range: FrameRange,
): WrittenFrames {
  const info = greyInfo(rangeOfClip(clip, range));
  const neutral = neutralChroma(info);
  const greyAt = (frame: number): Uint8Array => {
    const grey = new Uint8Array(info.width * info.height);
    for (const { maskAt, featherPx } of masks) {
      const drawn = maskAt(frame);
      const mask = edge === 'painted' ? drawn : blended(drawn, info, featherPx);
      for (let i = 0; i < grey.length; i++) if (mask[i] > grey[i]) grey[i] = mask[i];
    }
    return grey;
  };
  return {
    info,
    async *frames(signal) {
      for (let frame = range.startFrame; frame < range.endFrame; frame++) {
        if (signal?.aborted) throw cancelledError();
        yield { index: frame - range.startFrame, planes: [greyAt(frame), neutral, neutral] };
        // Drawing is work without a pause: the program answers in between.
        await setImmediate();
      }
    },
  };
}
