import { describe, expect, it } from 'vitest';
import { patchify, volumeLength, wanGeometry } from '../../../src-shared/core/control/index.ts';
import { latentPixels } from '../../../src-shared/core/preview/index.ts';
import { gaussianNoise } from '../../../src-shared/core/random/index.ts';
import { noiseTo } from '../../../src-shared/core/schedulers/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import type { EncodedWindow } from './generate-window.ts';
import { createLatentPreviews, type LatentPreview } from './latent-preview.ts';

const picture = { frames: 9, height: 64, width: 96 };
const latentShape = { channels: 16, frames: 3, height: 8, width: 12 };
const cells = volumeLength(latentShape) / 16;

/** Pictures of slow waves: [3, T, H, W] in −1…1. */
function waves(phase: number): Float32Array {
  const { frames, height, width } = picture;
  return Float32Array.from({ length: 3 * frames * height * width }, (_, place) => {
    const x = place % width;
    const y = Math.floor(place / width) % height;
    const t = Math.floor(place / (width * height)) % frames;
    const c = Math.floor(place / (width * height * frames));
    return 0.8 * Math.sin(x / (9 + 4 * c) + y / 13 + t / 5 + phase + 2 * c);
  });
}

/** Mean colours of all cells, [3, T, H, W]. */
function coloursOf(video: Float32Array): Float32Array {
  const mask = new Float32Array(video.length / 3);
  const colours = new Float32Array(3 * cells);
  const frame = cells / latentShape.frames;
  for (let t = 0; t < latentShape.frames; t++) {
    const part = latentPixels(video, mask, picture, t);
    for (let c = 0; c < 3; c++) colours.set(part.subarray(c * frame, (c + 1) * frame), c * cells + t * frame);
  }
  return colours;
}

/** A VAE that is a straight line from mean colours to the first channels; the others hold faint noise. */
function encode(video: Float32Array): Float32Array {
  const colours = coloursOf(video);
  const latent = gaussianNoise(9, 0, 16 * cells).map((value) => 1e-3 * value);
  for (let i = 0; i < cells; i++) {
    for (let k = 0; k < 3; k++) {
      latent[k * cells + i] = 2 * colours[k * cells + i] - colours[((k + 1) % 3) * cells + i] + 0.3;
    }
  }
  return latent;
}

/** A window of which nothing is masked, with as many reference frames before it. */
function windowOf(video: Float32Array, referenceFrames: number): EncodedWindow {
  const shape = { ...latentShape, frames: latentShape.frames + referenceFrames };
  const inactive = new Float32Array(volumeLength(shape)).fill(50);
  const latent = encode(video);
  const frame = latentShape.height * latentShape.width;
  for (let c = 0; c < 16; c++) {
    inactive.set(latent.subarray(c * cells, (c + 1) * cells), (c * shape.frames + referenceFrames) * frame);
  }
  const tokens = patchify(inactive, shape);
  const control = new Float32Array(volumeLength(shape) * 6).fill(-3);
  for (let cell = 0; cell < tokens.length / 16; cell++) {
    control.set(tokens.subarray(16 * cell, 16 * cell + 16), 96 * cell);
  }
  const mask = new Float32Array(picture.frames * picture.height * picture.width);
  return {
    control,
    source: tokens,
    latentShape: shape,
    referenceFrames,
    picture: { ...picture, video, mask },
  };
}

describe('latent previews', () => {
  it.each([0, 1])('show the colours of the clean picture in the middle (%d references)', (references) => {
    const window = windowOf(waves(0), references);
    const made = waves(1.3);
    const shape = window.latentShape;
    const noise = gaussianNoise(3, 0, volumeLength(shape));
    const clean = noise.slice();
    const latent = encode(made);
    const frame = latentShape.height * latentShape.width;
    const whole = new Float32Array(volumeLength(shape));
    for (let c = 0; c < 16; c++) {
      whole.set(latent.subarray(c * cells, (c + 1) * cells), (c * shape.frames + references) * frame);
    }
    clean.set(patchify(whole, shape));
    const seen: LatentPreview[] = [];
    const watch = createLatentPreviews(wanGeometry, () => 0).ofWindow(window, (preview) =>
      seen.push(preview),
    );
    const sigma = 0.9;
    watch(
      noiseTo(clean, noise, sigma),
      noise.map((value, i) => value - clean[i]),
      sigma,
    );
    expect(seen).toHaveLength(1);
    const [{ rgb, ...rest }] = seen;
    expect(rest).toEqual({ width: 12, height: 8, frame: 2 });
    const colours = coloursOf(made);
    const expected = Array.from({ length: 3 * frame }, (_, place) => {
      const value = colours[(place % 3) * cells + frame + Math.floor(place / 3)];
      return (value + 1) * 127.5;
    });
    // Other frames and other phases are tens of levels away.
    expectClose(rgb, expected, { atol: 2 });
  });

  it('come twice a second at most, over all windows of a job', () => {
    let now = 10;
    let count = 0;
    const previews = createLatentPreviews(wanGeometry, () => now);
    const window = windowOf(waves(0), 0);
    const sample = new Float32Array(volumeLength(latentShape));
    const counts: number[] = [];
    for (let w = 0; w < 3; w++) {
      const watch = previews.ofWindow(window, () => count++);
      for (let step = 0; step < 4; step++) {
        watch(sample, sample, 1);
        counts.push(count);
        now += 0.2;
      }
    }
    // At 0, 0.6, 1.2 and 1.8 seconds of steps that take 0.2.
    expect(counts).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  });
});
