import { chain, invert, type Homography } from '../plate/index.ts';
import { sampleScene } from './sprite-clip.ts';
import { seededNumbers, toPlanes, type Scene } from './synthetic-clip.ts';

/** A flat picture that moves before a photograph, with the exact motion of every frame. */
export interface PosterClip {
  readonly width: number;
  readonly height: number;
  /** 8-bit 4:2:0 planes of each frame. */
  readonly frames: readonly [Uint8Array, Uint8Array, Uint8Array][];
  /** From frame 0's pixels to those of each frame, of the poster. */
  readonly motions: readonly Homography[];
  /** [height, width] of each frame: 255 where more than half of a pixel is the poster's and not hidden. */
  readonly seen: readonly Uint8Array<ArrayBuffer>[];
}

export interface PosterSpec {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly behind: Scene;
  readonly poster: Scene;
  /** The part of the poster's scene that is shown: from its corner, in its pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** From the poster's pixels to those of frame i. */
  readonly motion: (frame: number) => Homography;
  /** Pixels a frame that what lies behind moves. */
  readonly pan: number;
  /** Left edge of an upright bar in front of everything, and its width; absent: none. */
  readonly bar?: (frame: number) => { readonly left: number; readonly width: number } | undefined;
  /** Brightness of frame i over that of frame 0; absent: 1. */
  readonly gain?: (frame: number) => number;
  readonly noise: number;
  readonly seed: number;
}

/** Renders the clip, pixels at edges by 2 × 2 samples; the same numbers for the same spec. */
export function posterClip(spec: PosterSpec): PosterClip {
  const next = seededNumbers(spec.seed);
  const frames: [Uint8Array, Uint8Array, Uint8Array][] = [];
  const seen: Uint8Array<ArrayBuffer>[] = [];
  const motions: Homography[] = [];
  for (let frame = 0; frame < spec.frames; frame++) {
    const motion = spec.motion(frame);
    motions.push(chain(invert(spec.motion(0)), motion));
    const picture = [0, 1, 2].map(() => new Float32Array(spec.width * spec.height));
    const mask = new Uint8Array(spec.width * spec.height);
    drawFrame(spec, frame, invert(motion), picture, mask);
    frames.push(toPlanes(picture, spec.width, spec.height, spec.noise, next));
    seen.push(mask);
  }
  return { width: spec.width, height: spec.height, frames, motions, seen };
}

const corners = [
  [-0.25, -0.25],
  [0.25, -0.25],
  [-0.25, 0.25],
  [0.25, 0.25],
] as const;
const middle = [[0, 0]] as const;

function drawFrame(
  { width, height, behind, poster, size, pan, bar, gain }: PosterSpec,
  frame: number,
  toPoster: Homography,
  picture: readonly Float32Array[],
  mask: Uint8Array,
): void {
  const [a, b, c, d, e, f, g, h, i] = toPoster;
  const hidden = bar?.(frame);
  const brightness = gain?.(frame) ?? 1;
  const isBarred = (x: number): boolean =>
    hidden !== undefined && x >= hidden.left && x < hidden.left + hidden.width;
  /** In the poster's pixels; null: not on it. */
  const onPoster = (x: number, y: number): readonly [number, number] | null => {
    const w = g * x + h * y + i;
    const [u, v] = [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
    return w > 0 && u >= 0 && v >= 0 && u < size.width && v < size.height ? [u, v] : null;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      let ofPoster = 0;
      let barred = 0;
      for (const [ox, oy] of corners) {
        if (isBarred(x + ox)) barred++;
        else if (onPoster(x + ox, y + oy) !== null) ofPoster++;
      }
      // One sample where nothing ends in the pixel.
      const samples = ofPoster % 4 === 0 && barred % 4 === 0 ? middle : corners;
      for (const [ox, oy] of samples) {
        const place = onPoster(x + ox, y + oy);
        for (let channel = 0; channel < 3; channel++) {
          const value = isBarred(x + ox)
            ? 0.6 * sampleScene(behind, channel, x + ox + 250, y + oy + 90)
            : place === null
              ? sampleScene(behind, channel, x + ox + 10 + pan * frame, y + oy + 10)
              : sampleScene(poster, channel, ...place);
          picture[channel][pixel] += (value * (channel === 0 ? brightness : 1)) / samples.length;
        }
      }
      if (ofPoster > 2) mask[pixel] = 255;
    }
  }
}
