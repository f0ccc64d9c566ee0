import { HetcutError } from '../errors/index.ts';
import type { SingleFileLayout, TensorShapes } from './single-file.ts';

/*
 * Wan's own names of tensors, which ComfyUI keeps, against those of diffusers. Dimensions come from the shapes; what
 * shapes do not tell (head size, epsilon, the VAE's statistics) is as in all released models of the family.
 */

const headDim = 128;

function incomplete(file: string, name: string): HetcutError {
  return new HetcutError('single-file-incomplete', `${file}: tensor ${name} is missing.`, {
    hint: 'The file is incomplete or of another model: get it again.',
  });
}

export function shapeOf(tensors: TensorShapes, name: string, file: string): readonly number[] {
  const shape = tensors.get(name);
  if (shape === undefined) throw incomplete(file, name);
  return shape;
}

/** 1 + the highest N of names `<prefix>N.…`; 0 where there is none. What no model has that many of does not count. */
export function countOf(tensors: TensorShapes, prefix: string): number {
  let count = 0;
  for (const name of tensors.keys()) {
    if (!name.startsWith(prefix)) continue;
    const [, number] = /^(\d{1,3})\./.exec(name.slice(prefix.length)) ?? [];
    if (number !== undefined) count = Math.max(count, 1 + Number(number));
  }
  return count;
}

/** Replaces the first rule that fits the beginning of the text. */
export function renamed(text: string, rules: readonly (readonly [from: string, to: string])[]): string {
  const rule = rules.find(([from]) => text === from || text.startsWith(`${from}.`));
  return rule === undefined ? text : rule[1] + text.slice(rule[0].length);
}

const topRules = [
  ['time_embedding.0', 'condition_embedder.time_embedder.linear_1'],
  ['time_embedding.2', 'condition_embedder.time_embedder.linear_2'],
  ['time_projection.1', 'condition_embedder.time_proj'],
  ['text_embedding.0', 'condition_embedder.text_embedder.linear_1'],
  ['text_embedding.2', 'condition_embedder.text_embedder.linear_2'],
  ['head.head', 'proj_out'],
  ['head.modulation', 'scale_shift_table'],
] as const;

const blockRules = [
  ['self_attn.q', 'attn1.to_q'],
  ['self_attn.k', 'attn1.to_k'],
  ['self_attn.v', 'attn1.to_v'],
  ['self_attn.o', 'attn1.to_out.0'],
  ['self_attn', 'attn1'],
  ['cross_attn.q', 'attn2.to_q'],
  ['cross_attn.k', 'attn2.to_k'],
  ['cross_attn.v', 'attn2.to_v'],
  ['cross_attn.o', 'attn2.to_out.0'],
  ['cross_attn', 'attn2'],
  ['norm3', 'norm2'],
  ['ffn.0', 'ffn.net.0.proj'],
  ['ffn.2', 'ffn.net.2'],
  ['modulation', 'scale_shift_table'],
  ['before_proj', 'proj_in'],
  ['after_proj', 'proj_out'],
] as const;

/** Wan-VACE's transformer: `diffusion_models/` of ComfyUI. */
export const wanVaceFile: SingleFileLayout = {
  label: 'a Wan-VACE transformer',
  recognises: (tensors) =>
    tensors.has('vace_patch_embedding.weight') && tensors.has('vace_blocks.0.self_attn.q.weight'),
  config(tensors, file) {
    const shape = (name: string): readonly number[] => shapeOf(tensors, name, file);
    const [width, inChannels] = shape('patch_embedding.weight');
    const layers = countOf(tensors, 'blocks.');
    const hints = countOf(tensors, 'vace_blocks.');
    if (width % headDim !== 0 || hints > layers) {
      throw new HetcutError(
        'single-file-sizes',
        `${file}: a width of ${width} and ${hints} context blocks for ${layers} blocks belong to no Wan-VACE model.`,
        { hint: 'The file is damaged or of another model: get it again.' },
      );
    }
    const step = Math.floor(layers / hints);
    return {
      _class_name: 'WanVACETransformer3DModel',
      added_kv_proj_dim: null,
      attention_head_dim: headDim,
      cross_attn_norm: true,
      eps: 1e-6,
      ffn_dim: shape('blocks.0.ffn.0.weight')[0],
      freq_dim: shape('time_embedding.0.weight')[1],
      image_dim: null,
      in_channels: inChannels,
      num_attention_heads: width / headDim,
      num_layers: layers,
      out_channels: shape('head.head.weight')[0] / 4,
      patch_size: [1, 2, 2],
      pos_embed_seq_len: null,
      qk_norm: 'rms_norm_across_heads',
      text_dim: shape('text_embedding.0.weight')[1],
      vace_in_channels: shape('vace_patch_embedding.weight')[1],
      vace_layers: Array.from({ length: hints }, (_, i) => i * step),
    };
  },
  usualName(name) {
    const [, block, rest] = /^((?:vace_)?blocks\.\d+)\.(.+)$/.exec(name) ?? [];
    return block === undefined ? renamed(name, topRules) : `${block}.${renamed(rest, blockRules)}`;
  },
  dottedName(name) {
    const dotted = (text: string, rules: readonly (readonly [string, string])[]): string =>
      rules.flat().find((one) => one.replaceAll('.', '_') === text) ?? text;
    const [, kind, block, rest] = /^((?:vace_)?blocks)_(\d+)_(.+)$/.exec(name) ?? [];
    return block === undefined ? dotted(name, topRules) : `${kind}.${block}.${dotted(rest, blockRules)}`;
  },
};

/** Mean and deviation of Wan 2.1's latents, as its published vae/config.json states them. */
export const wanLatentStatistics = {
  mean: [
    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134, -0.0715, 0.5517, -0.3632,
    -0.1922, -0.9497, 0.2503, -0.2921,
  ],
  std: [
    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526, 2.8652, 1.5579, 1.6382,
    1.1253, 2.8251, 1.916,
  ],
} as const;

/** flow_shift 3 is the released models' at 480 lines. */
export const wanSchedulerConfig: Readonly<Record<string, unknown>> = {
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

const residualRules = [
  ['residual.0', 'norm1'],
  ['residual.2', 'conv1'],
  ['residual.3', 'norm2'],
  ['residual.6', 'conv2'],
  ['shortcut', 'conv_shortcut'],
] as const;

const endRules = [
  ['conv1', 'conv_in'],
  ['head.0', 'norm_out'],
  ['head.2', 'conv_out'],
] as const;

const middleNames = ['mid_block.resnets.0', 'mid_block.attentions.0', 'mid_block.resnets.1'];

/** Residual blocks of a stage of the decoder, one more than of the encoder's, and what enlarges the picture after them. */
const decoderStage = 4;

/** Wan 2.1's video autoencoder. */
export const wanVaeFile: SingleFileLayout = {
  label: 'a Wan 2.1 VAE',
  recognises: (tensors) =>
    tensors.has('encoder.conv1.weight') &&
    tensors.has('decoder.upsamples.0.residual.2.weight') &&
    tensors.has('conv2.weight'),
  config(tensors, file) {
    const latentChannels = shapeOf(tensors, 'conv2.weight', file)[0];
    if (latentChannels !== wanLatentStatistics.mean.length) {
      throw new HetcutError(
        'single-file-sizes',
        `${file}: a VAE with ${latentChannels} latent channels${latentChannels === 48 ? ', that of Wan 2.2 5B' : ''}.`,
        { hint: 'Wan-VACE needs the VAE of Wan 2.1, with 16 latent channels (wan_2.1_vae.safetensors).' },
      );
    }
    return {
      _class_name: 'AutoencoderKLWan',
      attn_scales: [],
      base_dim: shapeOf(tensors, 'encoder.conv1.weight', file)[0],
      dim_mult: [1, 2, 4, 4],
      in_channels: 3,
      is_residual: false,
      latents_mean: wanLatentStatistics.mean,
      latents_std: wanLatentStatistics.std,
      num_res_blocks: decoderStage - 2,
      out_channels: 3,
      patch_size: null,
      temperal_downsample: [false, true, true],
      z_dim: latentChannels,
    };
  },
  usualName(name) {
    const [, half, rest] = /^(encoder|decoder)\.(.+)$/.exec(name) ?? [];
    if (half === undefined) {
      return renamed(name, [
        ['conv1', 'quant_conv'],
        ['conv2', 'post_quant_conv'],
      ]);
    }
    const [, middle, ofMiddle] = /^middle\.([012])\.(.+)$/.exec(rest) ?? [];
    if (middle !== undefined)
      return `${half}.${middleNames[Number(middle)]}.${renamed(ofMiddle, residualRules)}`;
    const [, down, ofDown] = /^downsamples\.(\d+)\.(.+)$/.exec(rest) ?? [];
    if (down !== undefined) return `${half}.down_blocks.${down}.${renamed(ofDown, residualRules)}`;
    const [, up, ofUp] = /^upsamples\.(\d+)\.(.+)$/.exec(rest) ?? [];
    if (up === undefined) return `${half}.${renamed(rest, endRules)}`;
    const stage = Math.floor(Number(up) / decoderStage);
    const at = Number(up) % decoderStage;
    const place = at === decoderStage - 1 ? 'upsamplers.0' : `resnets.${at}`;
    return `${half}.up_blocks.${stage}.${place}.${renamed(ofUp, residualRules)}`;
  },
};

const textRules = [
  ['norm1', 'layer.0.layer_norm'],
  ['attn', 'layer.0.SelfAttention'],
  ['pos_embedding.embedding', 'layer.0.SelfAttention.relative_attention_bias'],
  ['norm2', 'layer.1.layer_norm'],
  ['ffn.gate.0', 'layer.1.DenseReluDense.wi_0'],
  ['ffn.fc1', 'layer.1.DenseReluDense.wi_1'],
  ['ffn.fc2', 'layer.1.DenseReluDense.wo'],
] as const;

function usualTextName(name: string): string {
  const [, block, rest] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (block !== undefined) return `encoder.block.${block}.${renamed(rest, textRules)}`;
  return renamed(name, [
    ['token_embedding', 'shared'],
    ['norm', 'encoder.final_layer_norm'],
  ]);
}

/** UMT5's encoder, or T5's, which has its table of distances in the first block only; names of transformers or Wan's own. */
function textFile(label: string, modelType: 'umt5' | 't5'): SingleFileLayout {
  return {
    label,
    recognises: (tensors) =>
      (tensors.has('shared.weight') || tensors.has('token_embedding.weight')) &&
      [...tensors.keys()].some((name) => usualTextName(name).endsWith('.1.DenseReluDense.wi_0.weight')) &&
      [...tensors.keys()].some((name) =>
        usualTextName(name).startsWith('encoder.block.1.layer.0.SelfAttention.relative_attention_bias'),
      ) ===
        (modelType === 'umt5'),
    config(tensors, file) {
      const usual = new Map([...tensors].map(([name, shape]) => [usualTextName(name), shape]));
      const [vocabulary, width] = shapeOf(usual, 'shared.weight', file);
      const first = 'encoder.block.0.layer';
      const rows = shapeOf(usual, `${first}.0.SelfAttention.q.weight`, file)[0];
      const [buckets] = shapeOf(usual, `${first}.0.SelfAttention.relative_attention_bias.weight`, file);
      // As in the xxl of both.
      const textHeadDim = 64;
      return {
        architectures: [modelType === 'umt5' ? 'UMT5EncoderModel' : 'T5EncoderModel'],
        d_ff: shapeOf(usual, `${first}.1.DenseReluDense.wi_0.weight`, file)[0],
        d_kv: textHeadDim,
        d_model: width,
        dense_act_fn: 'gelu_new',
        feed_forward_proj: 'gated-gelu',
        is_gated_act: true,
        layer_norm_epsilon: 1e-6,
        model_type: modelType,
        num_heads: rows / textHeadDim,
        num_layers: countOf(usual, 'encoder.block.'),
        relative_attention_max_distance: 128,
        relative_attention_num_buckets: buckets,
        vocab_size: vocabulary,
      };
    },
    usualName: usualTextName,
  };
}

export const umt5File = textFile('a UMT5 text encoder', 'umt5');
export const t5File = textFile('a T5 text encoder (v1.1)', 't5');
