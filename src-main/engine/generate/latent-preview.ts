import { unpatchify, type TokenGeometry, type VolumeShape } from '../../../src-shared/core/control/index.ts';
import {
  fitLatentColours,
  latentPicture,
  latentPixels,
  predictClean,
  type LatentColours,
} from '../../../src-shared/core/preview/index.ts';
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
function frameLatents(
  tokens: Float32Array,
  { channels, height, width }: VolumeShape,
  { patchEdge }: TokenGeometry,
): Float32Array {
  return unpatchify(tokens, { channels, frames: 1, height, width }, 0, patchEdge);
}

/**
 * The line from latents to colours, fitted on one latent frame of the window itself: what is known of the source against
 * its own pixels. Both are at hand, so that no pass of the VAE is added.
 */
function windowColours(
  { source, picture, latentShape, referenceFrames }: EncodedWindow,
  geometry: TokenGeometry,
  latentFrame: number,
): LatentColours {
  const place = referenceFrames + latentFrame;
  const length = latentShape.channels * latentShape.height * latentShape.width;
  return fitLatentColours(
    frameLatents(source.subarray(place * length, (place + 1) * length), latentShape, geometry),
    latentPixels(picture.video, picture.mask, picture, latentFrame, geometry),
    latentShape.channels,
  );
}

export function createLatentPreviews(geometry: TokenGeometry, clock: Clock): LatentPreviews {
  let nextSec = -Infinity;
  return {
    ofWindow(window, onPreview) {
      const { latentShape, referenceFrames, picture } = window;
      const { height, width, channels } = latentShape;
      const clipFrames = latentShape.frames - referenceFrames;
      const latentFrame = Math.floor(clipFrames / 2);
      // Latent frame k > 0 holds the frames up to k · stride; the one half a stride before is its middle.
      const { temporalStride: temporal } = geometry;
      const frame = Math.min(
        picture.frames - 1,
        Math.max(0, latentFrame * temporal - Math.floor(temporal / 2)),
      );
      let colours: LatentColours | undefined;
      return (sample, velocity, sigma) => {
        const now = clock();
        if (now < nextSec) return;
        nextSec = now + intervalSec;
        colours ??= windowColours(window, geometry, latentFrame);
        const length = channels * height * width;
        const from = (referenceFrames + latentFrame) * length;
        const clean = predictClean(
          sample.subarray(from, from + length),
          velocity.subarray(from, from + length),
          sigma,
        );
        const latent = frameLatents(clean, latentShape, geometry);
        onPreview({ width, height, rgb: latentPicture(latent, colours), frame });
      };
    },
  };
}
