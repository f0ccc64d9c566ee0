import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../src-main/models/safetensors.ts';
import { expectClose } from '../testing/index.ts';
import {
  buildControl,
  denormaliseLatents,
  latentFrameCount,
  letterbox,
  maskChannels,
  maskFrameIndices,
  normaliseLatents,
  patchify,
  splitByMask,
  tokenCount,
  unpatchify,
} from './index.ts';

const count = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i);

describe('patchify', () => {
  it('puts tokens in frame, row, column order and channels fastest within a token', () => {
    // [C 2, T 2, H 2, W 4]: element = its own index.
    const shape = { channels: 2, frames: 2, height: 2, width: 4 };
    const tokens = patchify(count(32), shape);
    expect(tokenCount(shape)).toBe(4);
    // Token 1: frame 0, columns 2 and 3; channel 1 begins at 16.
    expect([...tokens.subarray(8, 16)]).toEqual([2, 18, 3, 19, 6, 22, 7, 23]);
    // Token 2: frame 1, columns 0 and 1.
    expect([...tokens.subarray(16, 24)]).toEqual([8, 24, 9, 25, 12, 28, 13, 29]);
  });

  it('is undone by unpatchify', () => {
    const shape = { channels: 3, frames: 2, height: 6, width: 4 };
    const latents = count(144);
    expect(unpatchify(patchify(latents, shape), shape)).toEqual(latents);
  });

  it('drops leading reference frames on request', () => {
    const shape = { channels: 2, frames: 3, height: 4, width: 4 };
    const latents = count(96);
    const later = unpatchify(patchify(latents, shape), { ...shape, frames: 2 }, 1);
    for (const c of [0, 1]) {
      expect(later.subarray(c * 32, c * 32 + 32)).toEqual(latents.subarray(c * 48 + 16, c * 48 + 48));
    }
  });

  it('refuses arrays of another length', () => {
    const shape = { channels: 1, frames: 1, height: 2, width: 2 };
    expect(() => patchify(count(5), shape)).toThrow('volume: 5 elements, expected 4');
    expect(() => unpatchify(count(8), shape)).toThrow('tokens: 8 elements, expected 4');
  });
});

describe('maskChannels', () => {
  it('takes the middle frame of each latent frame', () => {
    expect(maskFrameIndices(17)).toEqual([1, 5, 8, 11, 15]);
    expect(maskFrameIndices(1)).toEqual([0]);
    expect(maskFrameIndices(5)).toEqual([1, 3]);
    expect(latentFrameCount(81)).toBe(21);
  });

  it('lays out 8 × 8 pixels as 64 channels and keeps grey values', () => {
    const shape = { frames: 1, height: 16, width: 8 };
    const mask = count(128).map((i) => i / 128);
    const { data, shape: size } = maskChannels(mask, shape);
    expect(size).toEqual({ channels: 64, frames: 1, height: 2, width: 1 });
    // Row 13 = 8 + 5, column 6 → channel 5·8 + 6 at row 1.
    expect(data[(5 * 8 + 6) * 2 + 1]).toBe(mask[13 * 8 + 6]);
  });

  it('refuses sizes that the VAE cannot take', () => {
    expect(() => maskChannels(count(12), { frames: 1, height: 2, width: 6 })).toThrow('no multiple of 8');
  });
});

describe('splitByMask', () => {
  it('puts each pixel on one side and 0 on the other; ½ itself stays', () => {
    const { inactive, reactive } = splitByMask(
      new Float32Array([-1, 0.5, 0.25, -0.25, 0.75, 1]),
      new Float32Array([0, 0.5, 0.6]),
      { channels: 2, frames: 1, height: 1, width: 3 },
    );
    expect([...inactive]).toEqual([-1, 0.5, 0, -0.25, 0.75, 0]);
    expect([...reactive]).toEqual([0, 0, 0.25, 0, 0, 1]);
  });
});

describe('normaliseLatents', () => {
  it('is (z − mean) / std and is undone', () => {
    const shape = { channels: 2, frames: 1, height: 1, width: 2 };
    const statistics = { mean: [1, -2], std: [0.5, 4] };
    const normal = normaliseLatents(new Float32Array([2, 0, 2, -2]), shape, statistics);
    expect([...normal]).toEqual([2, -2, 1, 0]);
    expect([...denormaliseLatents(normal, shape, statistics)]).toEqual([2, 0, 2, -2]);
  });
});

describe('letterbox', () => {
  it('centres the picture on white, the smaller bar first', () => {
    const canvas = letterbox(
      new Float32Array([-1, 0]),
      { channels: 1, height: 1, width: 2 },
      { height: 4, width: 2 },
    );
    expect([...canvas]).toEqual([1, 1, -1, 0, 1, 1, 1, 1]);
  });

  it('interpolates between half-pixel centres', () => {
    const canvas = letterbox(
      new Float32Array([0, 1]),
      { channels: 1, height: 1, width: 2 },
      { height: 2, width: 4 },
    );
    expectClose(canvas, [0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1], { atol: 1e-7 });
  });
});

describe('against the whole pipeline (golden E)', () => {
  const tensors: Record<string, Float32Array> = {};
  const bytes: Record<string, Uint8Array> = {};
  let close = async (): Promise<void> => {};
  const latentShape = { channels: 16, frames: 5, height: 8, width: 6 };
  const frameShape = { frames: 17, height: 64, width: 48 };

  beforeAll(async () => {
    const store = await openSafetensors('e2e/fixtures/golden/E_pipeline/case.safetensors');
    close = () => store.close();
    for (const name of [
      'inactive_latents',
      'reactive_latents',
      'mask_channels_64',
      'control_latents_96',
      'ref_control_latents_96',
      'ref_image_on_canvas',
    ]) {
      tensors[name] = await store.float32(name);
    }
    for (const name of ['mask_u8', 'ref_mask_gray_u8', 'ref_image_u8']) {
      bytes[name] = await store.uint8(name);
    }
  });
  afterAll(() => close());

  const unit = (values: Uint8Array): Float32Array => Float32Array.from(values, (value) => value / 255);

  it('returns the mask channels', () => {
    const { data, shape } = maskChannels(unit(bytes.mask_u8), frameShape);
    expect(shape).toEqual({ ...latentShape, channels: 64 });
    expect(data).toEqual(tensors.mask_channels_64);
  });

  it('returns the control latents', () => {
    const control = buildControl({
      latentShape,
      inactive: tensors.inactive_latents,
      reactive: tensors.reactive_latents,
      mask: maskChannels(unit(bytes.mask_u8), frameShape),
    });
    expect(control.length).toBe(60 * 384);
    // The two latents were computed apart from the control, hence their last bits.
    expectClose(unpatchify(control, { ...latentShape, channels: 96 }), tensors.control_latents_96, {
      atol: 1e-6,
    });
  });

  it('puts the reference frame in front, with zero reactive and mask channels', () => {
    const withReference = { ...latentShape, channels: 96, frames: 6 };
    const golden = tensors.ref_control_latents_96;
    const perFrame = 48;
    const frames = (first: number, last: number, from: number, to: number): Float32Array => {
      const parts: number[] = [];
      for (let c = from; c < to; c++) {
        const start = (c * 6 + first) * perFrame;
        parts.push(...golden.subarray(start, start + (last - first) * perFrame));
      }
      return new Float32Array(parts);
    };
    const control = buildControl({
      latentShape,
      references: [frames(0, 1, 0, 16)],
      inactive: frames(1, 6, 0, 16),
      reactive: frames(1, 6, 16, 32),
      mask: maskChannels(unit(bytes.ref_mask_gray_u8), frameShape),
    });
    expect(unpatchify(control, withReference)).toEqual(golden);
    // The mask part is compared with what the pipeline computed, grey values included.
    expect(bytes.ref_mask_gray_u8.some((value) => value !== 0 && value !== 255)).toBe(true);
  });

  it('returns the reference picture on its canvas', () => {
    const picture = new Float32Array(3 * 40 * 40);
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < 1600; i++) picture[c * 1600 + i] = (bytes.ref_image_u8[i * 3 + c] / 255) * 2 - 1;
    }
    const canvas = letterbox(picture, { channels: 3, height: 40, width: 40 }, { height: 64, width: 48 });
    expectClose(canvas, tensors.ref_image_on_canvas, { atol: 3e-6 });
  });
});
