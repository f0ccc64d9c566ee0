import { describe, expect, it } from 'vitest';
import { ltxFlops, ltxVaeFlops, ltxVaePeakBytes } from '../flops/index.ts';
import { parseLtxConfig, parseLtxVaeConfig } from '../graph/index.ts';
import { ltxVace } from './index.ts';

const transformer = {
  _class_name: 'LTXVideoTransformer3DModel',
  attention_head_dim: 16,
  caption_channels: 24,
  context_num_layers: 2,
  in_channels: 4,
  in_context_channels: 136,
  num_attention_heads: 2,
  num_layers: 3,
  out_channels: 4,
  qk_norm: 'rms_norm_across_heads',
};

const vae = {
  _class_name: 'AutoencoderKLLTXVideo',
  block_out_channels: [4, 8],
  layers_per_block: [1, 1, 1],
  spatio_temporal_scaling: [true, false],
  latent_channels: 4,
};

describe('its control', () => {
  // 9 frames of 64 × 32: two latent frames of two cells; a token has 4 + 4 + 128 elements.
  const size = { frames: 9, height: 64, width: 32 };
  const pixels = size.height * size.width;
  const video = new Float32Array(3 * size.frames * pixels).fill(0.5);
  // The lower half of the picture, in all frames.
  const mask = Float32Array.from({ length: size.frames * pixels }, (_, i) =>
    i % pixels < pixels / 2 ? 0 : 1,
  );
  const picture = { video, mask, ...size };

  it('shows what stays and what goes, and takes a reference in front', () => {
    const [kept, gone] = ltxVace.control.videos(picture);
    expect([kept.data[0], kept.data[pixels - 1], gone.data[0], gone.data[pixels - 1]]).toEqual([
      0.5, 0, 0, 0.5,
    ]);
    const reference = new Float32Array(3 * pixels);
    const videos = ltxVace.control.videos({ ...picture, references: [reference] });
    expect(videos.map(({ frames }) => frames)).toEqual([1, 9, 9]);
  });

  it('lays latents and mask into tokens, the mask at 2 × 8 × 8 values each, ends on ends', () => {
    // Latents that say which they are: 1000·video + 100·channel + 10·frame + row.
    const latents = [0, 1].map((which) =>
      Float32Array.from(
        { length: 4 * 2 * 2 },
        (_, i) => 1000 * which + 100 * Math.floor(i / 4) + 10 * (Math.floor(i / 2) % 2) + (i % 2),
      ),
    );
    const { control, source } = ltxVace.control.tokens(picture, latents, 4);
    expect([control.length, source.length]).toEqual([4 * 136, 4 * 4]);
    const token = (index: number): number[] => [...control.subarray(136 * index, 136 * (index + 1))];
    expect(token(0).slice(0, 8)).toEqual([0, 100, 200, 300, 1000, 1100, 1200, 1300]);
    expect(token(3).slice(0, 8)).toEqual([11, 111, 211, 311, 1011, 1111, 1211, 1311]);
    expect([...source.subarray(12)]).toEqual([11, 111, 211, 311]);
    // 64 rows at 16 values, 4.2 apart: the first eight lie on rows 0 to 29.4, the last eight on 33.6 to 63.
    expect(new Set(token(0).slice(8))).toEqual(new Set([0]));
    expect(new Set(token(1).slice(8))).toEqual(new Set([1]));
  });

  it('blends where the mask ends between two values, and along time', () => {
    const late = Float32Array.from(mask, (value, i) => (i < 4 * pixels ? 0 : value));
    const latents = [new Float32Array(16), new Float32Array(16)];
    const { control } = ltxVace.control.tokens({ ...picture, mask: late }, latents, 4);
    // Four values of time on frames 0, 8/3, 16/3 and 8: none of the first two is masked.
    const lower = (frame: number): number[] => [
      ...control.subarray(136 * (2 * frame + 1) + 8, 136 * (2 * frame + 2)),
    ];
    expect(lower(0)).toEqual(new Array(128).fill(0));
    expect(lower(1)).toEqual(new Array(128).fill(1));
    const onFour = Float32Array.from(mask, (value, i) => (i < 3 * pixels ? 0 : value));
    const { control: blended } = ltxVace.control.tokens({ ...picture, mask: onFour }, latents, 4);
    // 8/3 lies two thirds of the way from frame 2 to frame 3, which is the first one masked.
    expect(blended[136 + 8 + 64]).toBeCloseTo(2 / 3, 6);
  });
});

describe('its configuration', () => {
  it('is known by VACE’s blocks, which may be a number or a list', () => {
    const recognises = (config: unknown): boolean => ltxVace.recognises({ transformer: config });
    expect(recognises(transformer)).toBe(true);
    const { context_num_layers: _, ...plain } = transformer;
    expect(recognises(plain)).toBe(false);
    expect(parseLtxConfig(transformer, 'f').contextLayers).toEqual([0, 1]);
    expect(parseLtxConfig({ ...transformer, context_num_layers: [0, 2] }, 'f').contextLayers).toEqual([0, 2]);
    expect(parseLtxConfig(plain, 'f').contextLayers).toEqual([]);
  });

  it.each([
    ['context_num_layers', [1, 2], /"context_num_layers" is \[1,2\]/],
    ['context_num_layers', 4, /"context_num_layers" is 4/],
    ['qk_norm', null, /"qk_norm": null is not supported/],
    ['cross_attention_dim', 48, /"cross_attention_dim" is 48, but it must be the width of the stream, 32/],
    ['patch_size', 2, /"patch_size": 2 is not supported/],
    ['attention_head_dim', 15, /"attention_head_dim" is 15/],
  ])('is refused with %s %j', (field, value, message) => {
    expect(() => parseLtxConfig({ ...transformer, [field]: value }, 'transformer/config.json')).toThrow(
      message,
    );
  });

  it.each([
    // Of later versions: a decoder that is told the timestep, noise in it, other blocks.
    ['timestep_conditioning', true, /"timestep_conditioning": true is not supported/],
    ['decoder_inject_noise', [true, false, false], /"decoder_inject_noise"/],
    ['down_block_types', ['LTXVideo095DownBlock3D', 'LTXVideo095DownBlock3D'], /LTXVideo095DownBlock3D/],
    ['layers_per_block', [1, 1], /"layers_per_block" is \[1,1\], but "block_out_channels" asks for 3 values/],
    ['decoder_spatio_temporal_scaling', [true, true], /the decoder must undo what the encoder does/],
  ])('of the VAE is refused with %s %j', (field, value, message) => {
    expect(() => parseLtxVaeConfig({ ...vae, [field]: value }, 'vae/config.json')).toThrow(message);
  });
});

describe('its operations', () => {
  const [n, l, d] = [7, 11, 32];
  const linear = (rows: number, from: number, to: number): number => 2 * rows * from * to;

  it('of a call are the sum by hand', () => {
    const block =
      4 * linear(n, d, d) +
      4 * n * n * d +
      2 * linear(n, d, d) +
      2 * linear(l, d, d) +
      4 * n * l * d +
      2 * linear(n, d, 4 * d);
    const hints = 3 * linear(n, d, d);
    const ends = linear(n, 4 + 4 + 136, d);
    const embedders =
      linear(l, 24, d) + linear(l, d, d) + linear(1, 256, d) + linear(1, d, d) + linear(1, d, 6 * d);
    const config = parseLtxConfig(transformer, 'f');
    const call = { tokens: n, textTokens: l, batch: 2 };
    expect(ltxFlops(config, call)).toBe(2 * (5 * block + hints + ends + embedders));
    expect(ltxFlops(config, { ...call, queries: 3 }) - ltxFlops(config, call)).toBe(
      linear(3, d, n) + linear(n, d, 64),
    );
  });

  it('of the VAE are the sum by hand', () => {
    // 3 frames of 16 × 8: patches of 4 × 2 with 48 channels; 2 latent frames of 2 × 1.
    const size = { frames: 3, height: 16, width: 8 };
    const config = parseLtxVaeConfig(vae, 'f');
    const fine = 3 * 4 * 2;
    const coarse = 2 * 2 * 1;
    const conv = (places: number, from: number, to: number): number => linear(places, 27 * from, to);
    const grow = conv(coarse, 4, 8) + conv(coarse, 8, 8) + linear(coarse, 4, 8);
    const encoder =
      conv(fine, 48, 4) +
      2 * conv(fine, 4, 4) +
      conv(coarse, 4, 4) +
      grow +
      2 * (2 * conv(coarse, 8, 8)) +
      conv(coarse, 8, 5);
    expect(ltxVaeFlops(config, 'encoder', size)).toBe(encoder);
    const shrink = conv(coarse, 8, 4) + conv(coarse, 4, 4) + linear(coarse, 8, 4);
    const decoder =
      conv(coarse, 4, 8) +
      2 * (2 * conv(coarse, 8, 8)) +
      shrink +
      conv(coarse, 4, 32) +
      2 * conv(fine, 4, 4) +
      conv(fine, 4, 48);
    expect(ltxVaeFlops(config, 'decoder', size)).toBe(decoder);
    expect(ltxVaePeakBytes(config, 'decoder', size)).toBeGreaterThan(4 * fine * 48);
  });
});
