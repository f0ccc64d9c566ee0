import { describe, expect, it } from 'vitest';
import { patchify, tokenPrefix, volumeLength } from '../../../src-shared/core/control/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import { wanVace } from '../../../src-shared/core/families/index.ts';
import { encodeWindow } from './generate-window.ts';
import { readReference, referenceOnCanvas } from './reference-picture.ts';
import type { VaeCodec } from '../network/vae-codec.ts';

const never = new AbortController().signal;
const window: EditWindow = {
  index: 0,
  startFrame: 0,
  endFrame: 5,
  knownFrames: 0,
  modelFrames: 5,
  crop: { x: 0, y: 0, width: 32, height: 16 },
  workingWidth: 32,
  workingHeight: 16,
};

describe('a reference picture', () => {
  it('is read channel by channel, and is in the middle of a white canvas', async () => {
    // Two pixels, red and half grey.
    const rgb = Uint8Array.of(255, 0, 0, 51, 102, 204);
    const picture = await readReference({ readPicture: async () => ({ width: 2, height: 1, rgb }) }, 'a.png');
    expectClose(picture.rgb, [1, -0.6, -1, -0.2, -1, 0.6], { atol: 1e-6, rtol: 0 });
    // As wide as the canvas: 32 × 16 is all of it.
    const wide = referenceOnCanvas(picture, window);
    expectClose([wide[0], wide[31], wide[2 * 512 + 31]], [1, -0.6, 0.6], { atol: 1e-6, rtol: 0 });
    const tall = referenceOnCanvas({ ...picture, width: 1, height: 2 }, window);
    // 8 of 32 columns, 12 white ones on both sides.
    const columns = Array.from({ length: 32 }, (_, x) => tall[512 + x]);
    expectClose(
      columns,
      Array.from({ length: 32 }, (_, x) => (x < 12 || x >= 20 ? 1 : -1)),
      {
        atol: 1e-6,
        rtol: 0,
      },
    );
  });

  it('goes before the clip into the sample that a run of lower strength starts from', async () => {
    const size = { frames: 5, height: 16, width: 32 };
    // A codec whose latents say which video they are of, and where in it they are.
    const codec: VaeCodec = {
      latentChannels: 16,
      encode: async (video, { frames, height, width }) => {
        const length = 16 * (1 + (frames - 1) / 4) * (height / 8) * (width / 8);
        return Float32Array.from({ length }, (_, i) => video[0] * 1000 + i);
      },
      decode: () => Promise.reject(new Error('nothing is decoded')),
      takeLess: () => false,
      release: async () => undefined,
    };
    const pixels = size.height * size.width;
    const picture = {
      ...size,
      video: new Float32Array(3 * size.frames * pixels).fill(0.5),
      mask: new Float32Array(size.frames * pixels),
      references: [new Float32Array(3 * pixels).fill(-0.25)],
    };
    const { clean, control, latentShape, referenceFrames } = await encodeWindow(
      { family: wanVace, codec },
      picture,
      true,
      never,
    );
    expect([referenceFrames, latentShape.frames]).toEqual([1, 3]);
    const shapes = { ...latentShape, frames: 1 };
    const reference = Float32Array.from({ length: volumeLength(shapes) }, (_, i) => -250 + i);
    const clipShape = { ...latentShape, frames: 2 };
    const clip = Float32Array.from({ length: volumeLength(clipShape) }, (_, i) => 500 + i);
    expect(clean).toEqual(Float32Array.of(...patchify(reference, shapes), ...patchify(clip, clipShape)));
    // Nothing is masked: the control's inactive part is the same.
    expect(tokenPrefix(control, 96, 16)).toEqual(clean);
    const { references: _, ...alone } = picture;
    const without = await encodeWindow({ family: wanVace, codec }, alone, true, never);
    expect(without.clean).toEqual(patchify(clip, clipShape));
  });
});
