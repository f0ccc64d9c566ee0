import { HetcutError } from '../errors/index.ts';
import type { SingleFileLayout, TensorShapes } from './single-file.ts';
import { countOf, renamed, shapeOf } from './wan-single-files.ts';

/*
 * Lightricks' own names of tensors, which VACE's release keeps, against those of diffusers (its conversion script names
 * both). Dimensions come from the shapes; the order of the VAE's blocks is that of version 0.9.0.
 */

const headDim = 64;

const transformerRules = [
  ['patchify_proj', 'proj_in'],
  ['adaln_single', 'time_embed'],
] as const;

/** LTX-Video-VACE's transformer. */
export const ltxVaceFile: SingleFileLayout = {
  label: 'an LTX-Video-VACE transformer',
  recognises: (tensors) =>
    tensors.has('patchify_context_proj.weight') &&
    tensors.has('transformer_context_blocks.0.before_proj.weight'),
  config(tensors, file) {
    const shape = (name: string): readonly number[] => shapeOf(tensors, name, file);
    const [width, inChannels] = shape('patchify_proj.weight');
    const layers = countOf(tensors, 'transformer_blocks.');
    const contextLayers = Array.from({ length: layers }, (_, i) => i).filter((i) =>
      tensors.has(`transformer_context_blocks.${i}.after_proj.weight`),
    );
    if (width % headDim !== 0) {
      throw new HetcutError(
        'single-file-sizes',
        `${file}: a width of ${width} belongs to no LTX-Video-VACE model.`,
        { hint: 'The file is damaged or of another model: get it again.' },
      );
    }
    return {
      _class_name: 'LTXVideoTransformer3DModel',
      attention_head_dim: headDim,
      caption_channels: shape('caption_projection.linear_1.weight')[1],
      context_num_layers: contextLayers,
      in_channels: inChannels,
      in_context_channels: shape('patchify_context_proj.weight')[1],
      norm_eps: 1e-6,
      num_attention_heads: width / headDim,
      num_layers: layers,
      out_channels: shape('proj_out.weight')[0],
      qk_norm: 'rms_norm_across_heads',
    };
  },
  usualName: (name) =>
    renamed(name, transformerRules).replace('.q_norm', '.norm_q').replace('.k_norm', '.norm_k'),
};

/** Blocks of a coder in the order of the file, and their places in diffusers' stages. */
const encoderBlocks = [
  'down_blocks.0',
  'down_blocks.0.downsamplers.0',
  'down_blocks.0.conv_out',
  'down_blocks.1',
  'down_blocks.1.downsamplers.0',
  'down_blocks.1.conv_out',
  'down_blocks.2',
  'down_blocks.2.downsamplers.0',
  'down_blocks.3',
  'mid_block',
] as const;
const decoderBlocks = [
  'mid_block',
  'up_blocks.0',
  'up_blocks.1.upsamplers.0',
  'up_blocks.1',
  'up_blocks.2.conv_in',
  'up_blocks.2.upsamplers.0',
  'up_blocks.2',
  'up_blocks.3.conv_in',
  'up_blocks.3.upsamplers.0',
  'up_blocks.3',
] as const;

/** In a file with the transformer the VAE's names begin with this. */
const withoutVae = (name: string): string => name.replace(/^vae\./, '');

function usualVaeName(stored: string): string {
  const name = withoutVae(stored);
  if (name === 'per_channel_statistics.mean-of-means') return 'latents_mean';
  if (name === 'per_channel_statistics.std-of-means') return 'latents_std';
  const [, half, , index, rest] = /^(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (half === undefined) return name;
  const block = (half === 'encoder' ? encoderBlocks : decoderBlocks)[Number(index)];
  if (block === undefined) return name;
  const inner = rest
    .replace(/^res_blocks\./, 'resnets.')
    .replace('norm3.norm', 'norm3')
    .replace(/conv_shortcut\.(weight|bias)$/, 'conv_shortcut.conv.$1');
  return `${half}.${block}.${inner}`;
}

/** LTX-Video's autoencoder, version 0.9.0. */
export const ltxVaeFile: SingleFileLayout = {
  label: 'an LTX-Video VAE (0.9.0)',
  recognises: (tensors) => {
    const names = new Set([...tensors.keys()].map(withoutVae));
    return (
      names.has('per_channel_statistics.mean-of-means') &&
      names.has('encoder.down_blocks.9.res_blocks.0.conv1.conv.weight') &&
      names.has('decoder.up_blocks.9.res_blocks.0.conv1.conv.weight') &&
      // Later versions tell the decoder the timestep.
      !names.has('decoder.timestep_scale_multiplier')
    );
  },
  config(tensors, file) {
    const bare: TensorShapes = new Map([...tensors].map(([name, shape]) => [withoutVae(name), shape]));
    const blocks = (half: string, index: number): number =>
      countOf(bare, `${half}_blocks.${index}.res_blocks.`);
    const width = (index: number): number =>
      shapeOf(bare, `encoder.down_blocks.${index}.res_blocks.0.conv1.conv.weight`, file)[0];
    return {
      _class_name: 'AutoencoderKLLTXVideo',
      block_out_channels: [0, 3, 6, 8].map(width),
      decoder_layers_per_block: [9, 6, 3, 1, 0].map((index) => blocks('decoder.up', index)),
      latent_channels: shapeOf(bare, 'decoder.conv_in.conv.weight', file)[1],
      layers_per_block: [0, 3, 6, 8, 9].map((index) => blocks('encoder.down', index)),
      patch_size: 4,
      spatio_temporal_scaling: [true, true, true, false],
      timestep_conditioning: false,
    };
  },
  usualName: usualVaeName,
};

/** scheduler_config.json of the release in diffusers' terms: shifted by the number of tokens, down to 0.1. */
export const ltxSchedulerConfig: Readonly<Record<string, unknown>> = {
  _class_name: 'FlowMatchEulerDiscreteScheduler',
  base_image_seq_len: 1024,
  base_shift: 0.95,
  invert_sigmas: false,
  max_image_seq_len: 4096,
  max_shift: 2.05,
  num_train_timesteps: 1000,
  shift: 1,
  shift_terminal: 0.1,
  use_beta_sigmas: false,
  use_dynamic_shifting: true,
  use_exponential_sigmas: false,
  use_karras_sigmas: false,
};
