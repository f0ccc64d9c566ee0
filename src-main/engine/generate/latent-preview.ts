import {
  tokenPrefix,
  unpatchify,
  wanStrides,
  type VolumeShape,
} from '../../../src-shared/core/control/index.ts';
import {
  fitLatentColours,
  latentPicture,
  latentPixels,
  predictClean,
  type LatentColours,
} from '../../../src-shared/core/preview/index.ts';
import type { WanVaceConfig } from '../../../src-shared/core/graph/index.ts';
import type { EncodedWindow } from './generate-window.ts';
import type { Clock } from '../stage-timer.ts';
import type { OnPrediction } from './sampling-loop.ts';

/** A glance at what a window is becoming: one pixel for each latent cell. */
export interface LatentPreview {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] */
  readonly rgb: Uint8Array;
  /** Frame of the window that it shows: the middle one. */
  readonly frame: number;
}

/** Seconds between two previews: more often says no more and would take time from the sampling. */
const intervalSec = 0.5;

/** Makes previews of the windows of a job; they share the interval. */
export interface LatentPreviews {
  /** What watches the sampling of one window. */
  ofWindow(window: EncodedWindow, onPreview: (preview: LatentPreview) => void): OnPrediction;
}

/** The tokens of one frame as latents [channels, cells]. */
function frameLatents(tokens: Float32Array, { channels, height, width }: VolumeShape): Float32Array {
  return unpatchify(tokens, { channels, frames: 1, height, width });
}

/**
 * The line from latents to colours, fitted on one latent frame of the window itself: the encoded part that stays against
 * its own pixels. Both are at hand, so that no pass of the VAE is added.
 */
function windowColours(
  { control, picture, latentShape, referenceFrames }: EncodedWindow,
  { controlChannels, inChannels }: Pick<WanVaceConfig, 'controlChannels' | 'inChannels'>,
  latentFrame: number,
): LatentColours {
  const place = referenceFrames + latentFrame;
  const length = controlChannels * latentShape.height * latentShape.width;
  const inactive = tokenPrefix(
    control.subarray(place * length, (place + 1) * length),
    controlChannels,
    inChannels,
  );
  return fitLatentColours(
    frameLatents(inactive, latentShape),
    latentPixels(picture.video, picture.mask, picture, latentFrame),
    latentShape.channels,
  );
}

export function createLatentPreviews(
  config: Pick<WanVaceConfig, 'controlChannels' | 'inChannels'>,
  clock: Clock,
): LatentPreviews {
  let nextSec = -Infinity;
  return {
    ofWindow(window, onPreview) {
      const { latentShape, referenceFrames, picture } = window;
      const { height, width, channels } = latentShape;
      const clipFrames = latentShape.frames - referenceFrames;
      const latentFrame = Math.floor(clipFrames / 2);
      // Latent frame k > 0 holds the frames up to 4k; its second is near its middle.
      const { temporal } = wanStrides;
      const frame = Math.min(picture.frames - 1, Math.max(0, latentFrame * temporal - temporal / 2));
      let colours: LatentColours | undefined;
      return (sample, velocity, sigma) => {
        const now = clock();
        if (now < nextSec) return;
        nextSec = now + intervalSec;
        colours ??= windowColours(window, config, latentFrame);
        const length = channels * height * width;
        const from = (referenceFrames + latentFrame) * length;
        const clean = predictClean(
          sample.subarray(from, from + length),
          velocity.subarray(from, from + length),
          sigma,
        );
        const latent = frameLatents(clean, latentShape);
        onPreview({ width, height, rgb: latentPicture(latent, colours), frame });
      };
    },
  };
}
