import { readConfigFields, type ConfigFields } from '../json/index.ts';

/** Sizes that Wan's transformers have in common, with a control branch and without. */
export interface WanBlockConfig {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly ffnDim: number;
  readonly freqDim: number;
  readonly outChannels: number;
  /** Latent frames, rows and columns of one token. */
  readonly patchSize: readonly [number, number, number];
  readonly eps: number;
}

/** Sizes of a WanVACETransformer3DModel (diffusers), as its config.json states them. */
export interface WanVaceConfig extends WanBlockConfig {
  readonly textDim: number;
  readonly inChannels: number;
  /** 2·inChannels + 64 mask channels in every released model: 96. */
  readonly controlChannels: number;
  /** Main blocks that receive a hint, ascending, beginning with 0; one VACE block each. */
  readonly vaceLayers: readonly number[];
}

/** heads · headDim */
export function modelWidth(config: Pick<WanBlockConfig, 'heads' | 'headDim'>): number {
  return config.heads * config.headDim;
}

/** Latent cells of one token. */
export function cellsPerToken(config: Pick<WanBlockConfig, 'patchSize'>): number {
  return config.patchSize[0] * config.patchSize[1] * config.patchSize[2];
}

/**
 * Reads transformer/config.json. Throws HetcutError (`config-invalid`, `config-unsupported`) naming `file`, field
 * and value for another class, a missing or impossible size, or a variant that the graph does not have.
 */
export function parseWanVaceConfig(json: unknown, file: string): WanVaceConfig {
  const fields = readConfigFields(json, file);
  fields.require('_class_name', ['WanVACETransformer3DModel']);
  fields.require('patch_size', [[1, 2, 2]]);
  fields.require('qk_norm', ['rms_norm_across_heads']);
  fields.require('cross_attn_norm', [true]);
  fields.only('image_dim', [null]);
  fields.only('added_kv_proj_dim', [null]);
  fields.only('pos_embed_seq_len', [null]);
  const config: WanVaceConfig = {
    layers: fields.few('num_layers'),
    heads: fields.count('num_attention_heads'),
    headDim: fields.count('attention_head_dim'),
    ffnDim: fields.count('ffn_dim'),
    textDim: fields.count('text_dim'),
    freqDim: fields.count('freq_dim'),
    inChannels: fields.count('in_channels'),
    outChannels: fields.count('out_channels'),
    controlChannels: fields.count('vace_in_channels'),
    vaceLayers: fields.numbers('vace_layers'),
    patchSize: [1, 2, 2],
    eps: fields.positive('eps'),
  };
  requireEvenSizes(config, fields);
  if (!isLayerList(config.vaceLayers, config.layers)) {
    const expected = `it must be ascending layer numbers from 0 to ${config.layers - 1}, beginning with 0`;
    throw fields.invalid('vace_layers', expected);
  }
  return config;
}

/** Throws where a size that is used in pairs is odd. */
export function requireEvenSizes(
  { headDim, freqDim }: Pick<WanBlockConfig, 'headDim' | 'freqDim'>,
  fields: ConfigFields,
): void {
  if (headDim % 2 !== 0) throw fields.invalid('attention_head_dim', 'rotary embedding needs an even number');
  if (freqDim % 2 !== 0) throw fields.invalid('freq_dim', 'cosines and sines need an even number');
}

function isLayerList(list: readonly number[], layers: number): boolean {
  const inOrder = list.every(
    (layer, i) => Number.isInteger(layer) && (i === 0 ? layer === 0 : layer > list[i - 1]),
  );
  return inOrder && list.length > 0 && list[list.length - 1] < layers;
}
