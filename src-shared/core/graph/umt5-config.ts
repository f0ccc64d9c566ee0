import { readConfigFields } from '../json/index.ts';

/** Sizes of a UMT5EncoderModel or a T5EncoderModel of version 1.1 (transformers), as its config.json states them. */
export interface Umt5Config {
  readonly vocabulary: number;
  readonly layers: number;
  /** d_model */
  readonly width: number;
  readonly heads: number;
  /** d_kv; heads · headDim need not be the width. */
  readonly headDim: number;
  readonly ffnDim: number;
  readonly buckets: number;
  /** Distances from here on share the last bucket. */
  readonly maxDistance: number;
  readonly eps: number;
  /** T5: all layers share the first one's table of position biases. UMT5: each has its own. */
  readonly sharesBias: boolean;
}

/**
 * Reads text_encoder/config.json. Throws HetcutError (`config-invalid`, `config-unsupported`) naming `file`, field
 * and value for another model type, a missing or impossible size, or another activation.
 */
export function parseUmt5Config(json: unknown, file: string, modelType: 'umt5' | 't5' = 'umt5'): Umt5Config {
  const fields = readConfigFields(json, file);
  fields.require('model_type', [modelType]);
  fields.require('feed_forward_proj', ['gated-gelu']);
  fields.only('dense_act_fn', ['gelu_new']);
  const config: Umt5Config = {
    vocabulary: fields.count('vocab_size'),
    layers: fields.few('num_layers'),
    width: fields.count('d_model'),
    heads: fields.count('num_heads'),
    headDim: fields.count('d_kv'),
    ffnDim: fields.count('d_ff'),
    buckets: fields.count('relative_attention_num_buckets'),
    maxDistance: fields.count('relative_attention_max_distance'),
    eps: fields.positive('layer_norm_epsilon'),
    sharesBias: modelType === 't5',
  };
  if (config.buckets % 4 !== 0) {
    throw fields.invalid('relative_attention_num_buckets', 'the encoder needs a multiple of four');
  }
  if (config.maxDistance <= config.buckets / 4) {
    throw fields.invalid(
      'relative_attention_max_distance',
      `it must be above a quarter of the ${config.buckets} buckets`,
    );
  }
  return config;
}
