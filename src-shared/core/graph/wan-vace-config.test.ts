import { describe, expect, it } from 'vitest';
import { modelWidth, parseWanVaceConfig } from './index.ts';

/** transformer/config.json of Wan2.1-VACE-1.3B. */
const real = {
  _class_name: 'WanVACETransformer3DModel',
  added_kv_proj_dim: null,
  attention_head_dim: 128,
  cross_attn_norm: true,
  eps: 1e-6,
  ffn_dim: 8960,
  freq_dim: 256,
  image_dim: null,
  in_channels: 16,
  num_attention_heads: 12,
  num_layers: 30,
  out_channels: 16,
  patch_size: [1, 2, 2],
  pos_embed_seq_len: null,
  qk_norm: 'rms_norm_across_heads',
  rope_max_seq_len: 1024,
  text_dim: 4096,
  vace_in_channels: 96,
  vace_layers: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28],
};
const file = 'transformer/config.json';

describe('parseWanVaceConfig', () => {
  it('reads the real model', () => {
    const config = parseWanVaceConfig(real, file);
    expect(config).toMatchObject({
      layers: 30,
      heads: 12,
      headDim: 128,
      ffnDim: 8960,
      textDim: 4096,
      eps: 1e-6,
    });
    expect(config.vaceLayers).toEqual(real.vace_layers);
    expect(modelWidth(config)).toBe(1536);
  });

  it.each([
    [
      { _class_name: 'LTXVideoTransformer3DModel' },
      /"_class_name": "LTXVideoTransformer3DModel" is not supported/,
    ],
    [{ _class_name: undefined }, /"_class_name": nothing is not supported/],
    [{ patch_size: [1, 1, 1] }, /"patch_size": \[1,1,1\] is not supported/],
    [{ qk_norm: 'layer_norm' }, /"qk_norm"/],
    [{ cross_attn_norm: false }, /"cross_attn_norm"/],
    [{ image_dim: 1280 }, /"image_dim": 1280 is not supported/],
    [{ num_layers: 0 }, /"num_layers"/],
    [{ ffn_dim: undefined }, /"ffn_dim" must be .* nothing/],
    [{ attention_head_dim: 33 }, /"attention_head_dim" is 33, but/],
    [{ freq_dim: 255 }, /"freq_dim" is 255, but/],
    [{ vace_layers: [2, 4] }, /"vace_layers" is \[2,4\], but/],
    [{ vace_layers: [0, 4, 2] }, /"vace_layers"/],
    [{ vace_layers: [0, 30] }, /"vace_layers" .* 0 to 29/],
    [{ vace_layers: [] }, /"vace_layers"/],
    [{ eps: 0 }, /"eps"/],
  ])('refuses %j, naming file, field and value', (change, message) => {
    const parse = (): unknown => parseWanVaceConfig({ ...real, ...change }, file);
    expect(parse).toThrow(message);
    expect(parse).toThrow(/transformer\/config\.json/);
  });
});
