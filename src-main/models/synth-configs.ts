import {
  ltxSchedulerConfig,
  ltxVace,
  wanLatentStatistics,
  wanSchedulerConfig,
  wanVace,
  type ModelFamily,
} from '../../src-shared/core/families/index.ts';

/** What `model synth` may be told; everything else is fixed by the family. */
export interface SynthSizes {
  readonly family: 'wan-vace' | 'ltx-vace';
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
  /** Of the text encoder in its full width; absent: 24, as released. */
  readonly textLayers?: number;
  /** Channels of the latents. */
  readonly latents: number;
}

/** `full`: UMT5-xxl; `small`: two layers and a vocabulary of 2000; `none`: the model has no text encoder. */
export type SynthText = 'full' | 'small' | 'none';

const every = (step: number, layers: number): number[] =>
  Array.from({ length: Math.ceil(layers / step) }, (_, i) => i * step);

const wan = { family: 'wan-vace', latents: 16 } as const;
const released = { ...wan, textDim: 4096, freqDim: 256, vaeBase: 96, vaeResBlocks: 2 };

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
  'ltx-video-vace-2b': {
    family: 'ltx-vace',
    layers: 28,
    heads: 32,
    headDim: 64,
    ffn: 8192,
    textDim: 4096,
    freqDim: 256,
    vaceLayers: every(2, 28),
    vaeBase: 128,
    vaeResBlocks: 3,
    latents: 128,
  },
  'wan-vace': {
    ...wan,
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
  'ltx-vace': {
    family: 'ltx-vace',
    layers: 4,
    heads: 2,
    headDim: 64,
    ffn: 512,
    textDim: 64,
    freqDim: 256,
    vaceLayers: [0, 2],
    vaeBase: 8,
    vaeResBlocks: 1,
    latents: 8,
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

function ltxTransformerConfig(sizes: SynthSizes): Record<string, unknown> {
  return {
    _class_name: 'LTXVideoTransformer3DModel',
    activation_fn: 'gelu-approximate',
    attention_bias: true,
    attention_head_dim: sizes.headDim,
    attention_out_bias: true,
    caption_channels: sizes.textDim,
    context_num_layers: sizes.vaceLayers,
    cross_attention_dim: sizes.heads * sizes.headDim,
    in_channels: sizes.latents,
    in_context_channels: 2 * sizes.latents + 128,
    norm_elementwise_affine: false,
    norm_eps: 1e-6,
    num_attention_heads: sizes.heads,
    num_layers: sizes.layers,
    out_channels: sizes.latents,
    patch_size: 1,
    patch_size_t: 1,
    qk_norm: 'rms_norm_across_heads',
  };
}

function ltxVaeConfig({ vaeBase, vaeResBlocks, latents }: SynthSizes): Record<string, unknown> {
  return {
    _class_name: 'AutoencoderKLLTXVideo',
    block_out_channels: [vaeBase, 2 * vaeBase, 4 * vaeBase, 4 * vaeBase],
    decoder_causal: false,
    encoder_causal: true,
    in_channels: 3,
    latent_channels: latents,
    layers_per_block: [vaeResBlocks + 1, vaeResBlocks, vaeResBlocks, vaeResBlocks, vaeResBlocks + 1],
    out_channels: 3,
    patch_size: 4,
    patch_size_t: 1,
    resnet_norm_eps: 1e-6,
    scaling_factor: 1,
    spatio_temporal_scaling: [true, true, true, false],
    timestep_conditioning: false,
  };
}

/** What of a random model is the family's. */
export interface SynthFamily {
  readonly family: ModelFamily;
  readonly pipelineClass: string;
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly textModel: { readonly type: 'umt5' | 't5'; readonly className: string; readonly vocabulary: number };
  readonly transformer: (sizes: SynthSizes) => Record<string, unknown>;
  readonly vae: (sizes: SynthSizes) => Record<string, unknown>;
}

export const synthFamilies: Readonly<Record<SynthSizes['family'], SynthFamily>> = {
  'wan-vace': {
    family: wanVace,
    pipelineClass: 'WanVACEPipeline',
    scheduler: wanSchedulerConfig,
    textModel: { type: 'umt5', className: 'UMT5EncoderModel', vocabulary: 256384 },
    transformer: transformerConfig,
    vae: vaeConfig,
  },
  'ltx-vace': {
    family: ltxVace,
    pipelineClass: 'VaceLTXVideoPipeline',
    scheduler: ltxSchedulerConfig,
    textModel: { type: 't5', className: 'T5EncoderModel', vocabulary: 32128 },
    transformer: ltxTransformerConfig,
    vae: ltxVaeConfig,
  },
};

export function textEncoderConfig(
  sizes: SynthSizes,
  text: Exclude<SynthText, 'none'>,
): Record<string, unknown> {
  const { type, className, vocabulary } = synthFamilies[sizes.family].textModel;
  const numbers =
    text === 'full'
      ? { d_ff: 10240, d_kv: 64, num_heads: 64, num_layers: sizes.textLayers ?? 24, vocab_size: vocabulary }
      : { d_ff: 2 * sizes.textDim, d_kv: 16, num_heads: 4, num_layers: 2, vocab_size: 2000 };
  return {
    architectures: [className],
    ...numbers,
    d_model: sizes.textDim,
    dense_act_fn: 'gelu_new',
    feed_forward_proj: 'gated-gelu',
    is_gated_act: true,
    layer_norm_epsilon: 1e-6,
    model_type: type,
    relative_attention_max_distance: 128,
    relative_attention_num_buckets: 32,
  };
}

export function modelIndex(sizes: SynthSizes, text: SynthText): Record<string, unknown> {
  const { pipelineClass, scheduler, textModel, transformer, vae } = synthFamilies[sizes.family];
  const className = (config: Readonly<Record<string, unknown>>): unknown => config['_class_name'];
  return {
    _class_name: pipelineClass,
    scheduler: ['diffusers', className(scheduler)],
    text_encoder: text === 'none' ? [null, null] : ['transformers', textModel.className],
    tokenizer: [null, null],
    transformer: ['diffusers', className(transformer(sizes))],
    vae: ['diffusers', className(vae(sizes))],
  };
}
