import { expect, it } from 'vitest';
import { ltxVace, minimaxRemover, wanVace, type ModelFamily } from './index.ts';

const wan = {
  attention_head_dim: 128,
  cross_attn_norm: true,
  eps: 1e-6,
  ffn_dim: 64,
  freq_dim: 256,
  num_layers: 6,
  out_channels: 16,
  patch_size: [1, 2, 2],
  qk_norm: 'rms_norm_across_heads',
};
const configs: readonly (readonly [ModelFamily, (heads: number) => object])[] = [
  [
    wanVace,
    (heads) => ({
      ...wan,
      _class_name: 'WanVACETransformer3DModel',
      in_channels: 16,
      num_attention_heads: heads,
      text_dim: 32,
      vace_in_channels: 96,
      vace_layers: [0, 2, 4],
    }),
  ],
  [
    minimaxRemover,
    (heads) => ({ ...wan, _class_name: 'Transformer3DModel', in_channels: 48, num_attention_heads: heads }),
  ],
  [
    ltxVace,
    (heads) => ({
      _class_name: 'LTXVideoTransformer3DModel',
      attention_head_dim: 128,
      caption_channels: 32,
      context_num_layers: [0, 2, 4],
      in_channels: 128,
      num_attention_heads: heads,
      num_layers: 6,
      out_channels: 128,
      qk_norm: 'rms_norm',
    }),
  ],
];

it.each(configs.map(([family, config]) => [family.name, family, config] as const))(
  'a large network of %s has a graph of its first blocks on the same weights, a small one has not',
  (_name, family, config) => {
    const spec = family.transformer(config(8), 'transformer');
    const { plain, probe } = spec.graphs('fp16');
    expect(probe?.name).toBe('transformer-probe');
    expect(probe?.inputs.map(({ name }) => name)).toEqual(plain.inputs.map(({ name }) => name));
    const weights = new Map(plain.parameters.map((one) => [one.name, JSON.stringify(one)]));
    for (const one of probe!.parameters) expect(weights.get(one.name)).toBe(JSON.stringify(one));
    expect(probe!.parameters.length).toBeLessThan(plain.parameters.length / 2);
    const call = { tokens: 2000, textTokens: 512, batch: 1 };
    // Two blocks and one with a hint of six and three; of the remover two of six.
    const share = spec.probe!.flops(call) / spec.flops(call);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.4);
    expect(spec.probe!.probe).toBeUndefined();

    const small = family.transformer(config(2), 'transformer');
    expect([small.probe, small.graphs('fp16').probe]).toEqual([undefined, undefined]);
  },
);
