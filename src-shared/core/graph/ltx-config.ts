import { readConfigFields } from '../json/index.ts';
import type { WanBlockConfig } from './wan-vace-config.ts';

/**
 * Sizes of LTX-Video's transformer, with VACE's context blocks (Lightricks' 2B; VACE, arXiv 2503.07598). The feed-forward is
 * four times as wide as the stream. A token is one latent cell.
 */
export interface LtxConfig extends WanBlockConfig {
  readonly inChannels: number;
  readonly textDim: number;
  /** Channels of one control token: 384 in the released model. */
  readonly controlChannels: number;
  /** Main blocks that receive a hint, ascending from 0; none in LTX-Video itself, which has no control. */
  readonly contextLayers: readonly number[];
}

const classes = ['LTXVideoTransformer3DModel', 'VaceTransformer3DModel', 'Transformer3DModel'];

/** Whether transformer/config.json is of LTX-Video with context blocks. */
export function isLtxVaceConfig(json: unknown): boolean {
  const fields = (json ?? {}) as Readonly<Record<string, unknown>>;
  const name = fields['_class_name'];
  return typeof name === 'string' && classes.includes(name) && 'context_num_layers' in fields;
}

/**
 * Reads transformer/config.json, of diffusers (its class LTXVideoTransformer3DModel) or as VACE publishes it.
 * Throws HetcutError (`config-invalid`, `config-unsupported`) naming `file`, field and value for another class, a missing
 * or impossible size, or a variant that the graph does not have.
 */
export function parseLtxConfig(json: unknown, file: string): LtxConfig {
  const fields = readConfigFields(json, file);
  fields.require('_class_name', classes);
  fields.require('qk_norm', ['rms_norm_across_heads', 'rms_norm']);
  fields.only('patch_size', [1]);
  fields.only('patch_size_t', [1]);
  fields.only('activation_fn', ['gelu-approximate']);
  fields.only('attention_bias', [true]);
  fields.only('norm_elementwise_affine', [false]);
  fields.only('adaptive_norm', ['single_scale_shift']);
  fields.only('standardization_norm', ['rms_norm']);
  fields.only('positional_embedding_type', ['rope']);
  fields.only('positional_embedding_theta', [10000]);
  fields.only('positional_embedding_max_pos', [[20, 2048, 2048]]);
  fields.only('timestep_scale_multiplier', [1000]);
  fields.only('causal_temporal_positioning', [false]);
  const heads = fields.count('num_attention_heads');
  const headDim = fields.count('attention_head_dim');
  const width = heads * headDim;
  if (headDim % 2 !== 0 || (width % 6) % 2 !== 0) {
    throw fields.invalid('attention_head_dim', 'rotary embedding needs an even number');
  }
  if (fields.count('cross_attention_dim', width) !== width) {
    throw fields.invalid('cross_attention_dim', `it must be the width of the stream, ${width}`);
  }
  const layers = fields.few('num_layers');
  return {
    layers,
    heads,
    headDim,
    ffnDim: 4 * width,
    freqDim: 256,
    inChannels: fields.count('in_channels'),
    outChannels: fields.count('out_channels'),
    patchSize: [1, 1, 1],
    eps: fields.positive('norm_eps', 1e-6),
    textDim: fields.count('caption_channels'),
    controlChannels: fields.count('in_context_channels', 384),
    contextLayers: contextLayers(json, layers, (reason) => fields.invalid('context_num_layers', reason)),
  };
}

/** A list of blocks, or how many of the first; absent: none. */
function contextLayers(json: unknown, layers: number, invalid: (reason: string) => Error): readonly number[] {
  const value = (json as Readonly<Record<string, unknown>>)['context_num_layers'];
  if (value === undefined || value === null) return [];
  const list = typeof value === 'number' ? Array.from({ length: value }, (_, i) => i) : value;
  const fits =
    Array.isArray(list) &&
    list.length > 0 &&
    list.every(
      (layer: unknown, i) =>
        Number.isInteger(layer) &&
        (layer as number) < layers &&
        (i === 0 ? layer === 0 : (layer as number) > (list[i - 1] as number)),
    );
  if (!fits) {
    throw invalid(
      `it must be a number of blocks, or ascending block numbers from 0 to ${layers - 1}, beginning with 0`,
    );
  }
  return list as readonly number[];
}
