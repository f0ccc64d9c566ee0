import { readConfigFields } from '../json/index.ts';
import { requireEvenSizes, type WanBlockConfig } from './wan-vace-config.ts';

/**
 * Sizes of MiniMax-Remover's transformer (arXiv 2505.24873), as its config.json states them. Its sample has as many channels
 * as its velocity.
 */
export type RemoverConfig = WanBlockConfig;

/** Channels that the network sees of one latent cell: the sample, the masked clip, the mask. */
export const removerInChannels = ({ outChannels }: RemoverConfig): number => 3 * outChannels;

/** Whether transformer/config.json is of such a model: its class name alone is that of others too. */
export function isRemoverConfig(json: unknown): boolean {
  const { _class_name: name, in_channels: channels } = (json ?? {}) as Readonly<Record<string, unknown>>;
  return name === 'Transformer3DModel' && channels === 48;
}

/**
 * Reads transformer/config.json. Throws HetcutError (`config-invalid`, `config-unsupported`) naming `file`, field and
 * value for another class, a missing or impossible size, or a variant that the graph does not have.
 */
export function parseRemoverConfig(json: unknown, file: string): RemoverConfig {
  const fields = readConfigFields(json, file);
  fields.require('_class_name', ['Transformer3DModel']);
  fields.require('patch_size', [[1, 2, 2]]);
  fields.require('qk_norm', ['rms_norm_across_heads']);
  fields.only('added_kv_proj_dim', [null]);
  const config: RemoverConfig = {
    layers: fields.few('num_layers'),
    heads: fields.count('num_attention_heads'),
    headDim: fields.count('attention_head_dim'),
    ffnDim: fields.count('ffn_dim'),
    freqDim: fields.count('freq_dim'),
    outChannels: fields.count('out_channels'),
    patchSize: [1, 2, 2],
    eps: fields.positive('eps'),
  };
  requireEvenSizes(config, fields);
  if (fields.count('in_channels') !== removerInChannels(config)) {
    throw fields.invalid('in_channels', `it must be three times out_channels, ${removerInChannels(config)}`);
  }
  return config;
}
