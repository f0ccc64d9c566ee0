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

/** Mean and deviation of Wan 2.1's latents, as its vae/config.json states them. */
const latentsMean = [
  -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134, -0.0715, 0.5517, -0.3632,
  -0.1922, -0.9497, 0.2503, -0.2921,
];
const latentsStd = [
  2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526, 2.8652, 1.5579, 1.6382,
  1.1253, 2.8251, 1.916,
];

export function vaeConfig(sizes: SynthSizes): Record<string, unknown> {
  return {
    _class_name: 'AutoencoderKLWan',
    attn_scales: [],
    base_dim: sizes.vaeBase,
    dim_mult: [1, 2, 4, 4],
    dropout: 0,
    in_channels: 3,
    is_residual: false,
    latents_mean: latentsMean,
    latents_std: latentsStd,
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

/** flow_shift 3 is the released models' at 480 lines. */
export const schedulerConfig: Readonly<Record<string, unknown>> = {
  _class_name: 'UniPCMultistepScheduler',
  beta_end: 0.02,
  beta_schedule: 'linear',
  beta_start: 0.0001,
  disable_corrector: [],
  final_sigmas_type: 'zero',
  flow_shift: 3,
  lower_order_final: true,
  num_train_timesteps: 1000,
  predict_x0: true,
  prediction_type: 'flow_prediction',
  solver_order: 2,
  solver_p: null,
  solver_type: 'bh2',
  steps_offset: 0,
  thresholding: false,
  timestep_spacing: 'linspace',
  use_beta_sigmas: false,
  use_exponential_sigmas: false,
  use_flow_sigmas: true,
  use_karras_sigmas: false,
};

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
