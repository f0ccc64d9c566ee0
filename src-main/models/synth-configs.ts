import { wanLatentStatistics } from '../../src-shared/core/families/index.ts';

/** What `model synth` may be told; everything else of a Wan-VACE model is fixed by the family. */
export interface SynthSizes {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly ffn: number;
  readonly textDim: number;
  readonly freqDim: number;
  /** Main blocks that receive a hint. */
  readonly vaceLayers: readonly number[];
  readonly vaeBase: number;
  readonly vaeResBlocks: number;
}

/** `full`: UMT5-xxl; `small`: two layers and a vocabulary of 2000; `none`: the model has no text encoder. */
export type SynthText = 'full' | 'small' | 'none';

const every = (step: number, layers: number): number[] =>
  Array.from({ length: Math.ceil(layers / step) }, (_, i) => i * step);

const released = { textDim: 4096, freqDim: 256, vaeBase: 96, vaeResBlocks: 2 };

/** Sizes by name: those of the released models, and a small one to be changed at will. */
export const synthConfigs: Readonly<Record<string, SynthSizes>> = {
  'wan2.1-vace-1.3b': {
    ...released,
    layers: 30,
    heads: 12,
    headDim: 128,
    ffn: 8960,
    vaceLayers: every(2, 30),
  },
  'wan2.1-vace-14b': {
    ...released,
    layers: 40,
    heads: 40,
    headDim: 128,
    ffn: 13824,
    vaceLayers: every(5, 40),
  },
  'wan-vace': {
    layers: 4,
    heads: 2,
    headDim: 32,
    ffn: 128,
    textDim: 64,
    freqDim: 64,
    vaceLayers: [0, 2],
    vaeBase: 8,
    vaeResBlocks: 1,
  },
};

export function transformerConfig(sizes: SynthSizes): Record<string, unknown> {
  return {
    _class_name: 'WanVACETransformer3DModel',
    added_kv_proj_dim: null,
    attention_head_dim: sizes.headDim,
    cross_attn_norm: true,
    eps: 1e-6,
    ffn_dim: sizes.ffn,
    freq_dim: sizes.freqDim,
    image_dim: null,
    in_channels: 16,
    num_attention_heads: sizes.heads,
    num_layers: sizes.layers,
    out_channels: 16,
    patch_size: [1, 2, 2],
    pos_embed_seq_len: null,
    qk_norm: 'rms_norm_across_heads',
    rope_max_seq_len: 1024,
    text_dim: sizes.textDim,
    vace_in_channels: 96,
    vace_layers: sizes.vaceLayers,
  };
}

export function vaeConfig(sizes: SynthSizes): Record<string, unknown> {
  return {
    _class_name: 'AutoencoderKLWan',
    attn_scales: [],
    base_dim: sizes.vaeBase,
    dim_mult: [1, 2, 4, 4],
    dropout: 0,
    in_channels: 3,
    is_residual: false,
    latents_mean: wanLatentStatistics.mean,
    latents_std: wanLatentStatistics.std,
    num_res_blocks: sizes.vaeResBlocks,
    out_channels: 3,
    patch_size: null,
    temperal_downsample: [false, true, true],
    z_dim: 16,
  };
}

export function textEncoderConfig(
  sizes: SynthSizes,
  text: Exclude<SynthText, 'none'>,
): Record<string, unknown> {
  const numbers =
    text === 'full'
      ? { d_ff: 10240, d_kv: 64, num_heads: 64, num_layers: 24, vocab_size: 256384 }
      : { d_ff: 2 * sizes.textDim, d_kv: 16, num_heads: 4, num_layers: 2, vocab_size: 2000 };
  return {
    architectures: ['UMT5EncoderModel'],
    ...numbers,
    d_model: sizes.textDim,
    dense_act_fn: 'gelu_new',
    feed_forward_proj: 'gated-gelu',
    is_gated_act: true,
    layer_norm_epsilon: 1e-6,
    model_type: 'umt5',
    relative_attention_max_distance: 128,
    relative_attention_num_buckets: 32,
  };
}

export function modelIndex(text: SynthText): Record<string, unknown> {
  return {
    _class_name: 'WanVACEPipeline',
    scheduler: ['diffusers', 'UniPCMultistepScheduler'],
    text_encoder: text === 'none' ? [null, null] : ['transformers', 'UMT5EncoderModel'],
    tokenizer: [null, null],
    transformer: ['diffusers', 'WanVACETransformer3DModel'],
    vae: ['diffusers', 'AutoencoderKLWan'],
  };
}
