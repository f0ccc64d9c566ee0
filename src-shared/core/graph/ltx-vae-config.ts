import { readConfigFields } from '../json/index.ts';

/** Sizes of LTX-Video's autoencoder (0.9.0), as its config.json states them. */
export interface LtxVaeConfig {
  readonly latentChannels: number;
  /** Pixel rows and columns that are channels from the first layer on. */
  readonly patchSize: number;
  readonly encoder: LtxCoderConfig;
  /** In the order in which the decoder runs. */
  readonly decoder: LtxCoderConfig;
}

/** One coder: its stages, and the middle, which has the width of the coarsest stage. */
export interface LtxCoderConfig {
  readonly channels: readonly number[];
  readonly resnets: readonly number[];
  readonly middleResnets: number;
  /** Whether the stage changes the size: half, or twice, the frames, rows and columns. */
  readonly scales: readonly boolean[];
}

/**
 * Reads a VAE's config.json of class AutoencoderKLLTXVideo. Throws HetcutError where a field is missing, contradicts
 * another or asks for what later versions of the model have (a decoder that knows the timestep, noise, other blocks).
 */
export function parseLtxVaeConfig(json: unknown, file: string): LtxVaeConfig {
  const fields = readConfigFields(json, file);
  fields.require('_class_name', ['AutoencoderKLLTXVideo']);
  fields.only('in_channels', [3]);
  fields.only('out_channels', [3]);
  fields.only('patch_size_t', [1]);
  fields.only('encoder_causal', [true]);
  fields.only('decoder_causal', [false]);
  fields.only('timestep_conditioning', [false]);
  fields.only('resnet_norm_eps', [1e-6]);
  const channels = fields.counts('block_out_channels', [128, 256, 512, 512]);
  const stages = channels.length;
  const resnets = fields.counts('layers_per_block', [4, 3, 3, 3, 4]);
  const scales = fields.booleans('spatio_temporal_scaling', [true, true, true, false]);
  const each = <T>(value: T): readonly T[] => new Array<T>(stages).fill(value);
  fields.only('down_block_types', [each('LTXVideoDownBlock3D')]);
  fields.only('downsample_type', [each('conv')]);
  fields.only('upsample_factor', [each(1)]);
  fields.only('upsample_residual', [each(false)]);
  fields.only('decoder_inject_noise', [new Array<boolean>(stages + 1).fill(false)]);
  const decoderChannels = fields.counts('decoder_block_out_channels', channels);
  const decoderResnets = fields.counts('decoder_layers_per_block', resnets);
  const decoderScales = fields.booleans('decoder_spatio_temporal_scaling', scales);
  for (const [field, list, length] of [
    ['layers_per_block', resnets, stages + 1],
    ['spatio_temporal_scaling', scales, stages],
    ['decoder_block_out_channels', decoderChannels, stages],
    ['decoder_layers_per_block', decoderResnets, stages + 1],
    ['decoder_spatio_temporal_scaling', decoderScales, stages],
  ] as const) {
    if (list.length !== length) throw fields.invalid(field, `"block_out_channels" asks for ${length} values`);
  }
  if (decoderScales.filter(Boolean).length !== scales.filter(Boolean).length) {
    throw fields.invalid('decoder_spatio_temporal_scaling', 'the decoder must undo what the encoder does');
  }
  const reversed = <T>(list: readonly T[]): T[] => [...list].reverse();
  const [decoderMiddle, ...decoderStages] = reversed(decoderResnets);
  return {
    latentChannels: fields.count('latent_channels', 128),
    patchSize: fields.count('patch_size', 4),
    encoder: {
      channels,
      resnets: resnets.slice(0, -1),
      middleResnets: resnets[resnets.length - 1],
      scales,
    },
    decoder: {
      channels: reversed(decoderChannels),
      resnets: decoderStages,
      middleResnets: decoderMiddle,
      scales: reversed(decoderScales),
    },
  };
}

/** Pixels along each side of a latent cell, 32, and frames of a latent frame after the first, 8. */
export function ltxVaeFactors({ patchSize, encoder }: LtxVaeConfig): { spatial: number; temporal: number } {
  const temporal = 2 ** encoder.scales.filter(Boolean).length;
  return { spatial: patchSize * temporal, temporal };
}

/** One layer. The graphs and the cost model are both made from these. */
export interface LtxVaeLayer {
  /**
   * `conv`: 3×3×3; `residual`: norm, SiLU and convolution, twice, plus the input; `down`, `up`: half and twice the frames,
   * rows and columns; `norm`: norm and SiLU.
   */
  readonly kind: 'conv' | 'residual' | 'down' | 'up' | 'norm';
  /** Module of the reference implementation (diffusers' AutoencoderKLLTXVideo), and prefix of its tensors. */
  readonly name: string;
  /** What it puts out. */
  readonly channels: number;
}

const residuals = (prefix: string, count: number, channels: number): LtxVaeLayer[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'residual', name: `${prefix}.resnets.${i}`, channels }));

/** From the patches of the video to mean [latentChannels] and one shared log variance. */
export function ltxEncoderLayers({ encoder, latentChannels }: LtxVaeConfig): LtxVaeLayer[] {
  const { channels, resnets, middleResnets, scales } = encoder;
  const top = channels[channels.length - 1];
  const stages = channels.flatMap((width, i): LtxVaeLayer[] => {
    const name = `encoder.down_blocks.${i}`;
    const next = channels[i + 1] ?? width;
    return [
      ...residuals(name, resnets[i], width),
      ...(scales[i] ? [{ kind: 'down', name: `${name}.downsamplers.0`, channels: width } as const] : []),
      ...(next === width ? [] : [{ kind: 'residual', name: `${name}.conv_out`, channels: next } as const]),
    ];
  });
  return [
    { kind: 'conv', name: 'encoder.conv_in', channels: channels[0] },
    ...stages,
    ...residuals('encoder.mid_block', middleResnets, top),
    { kind: 'norm', name: 'encoder.norm_out', channels: top },
    { kind: 'conv', name: 'encoder.conv_out', channels: latentChannels + 1 },
  ];
}

/** From the latents to the patches of the video, not clamped. */
export function ltxDecoderLayers({ decoder, patchSize }: LtxVaeConfig): LtxVaeLayer[] {
  const { channels, resnets, middleResnets, scales } = decoder;
  const stages = channels.flatMap((width, i): LtxVaeLayer[] => {
    const name = `decoder.up_blocks.${i}`;
    const before = channels[i - 1] ?? width;
    return [
      ...(before === width ? [] : [{ kind: 'residual', name: `${name}.conv_in`, channels: width } as const]),
      ...(scales[i] ? [{ kind: 'up', name: `${name}.upsamplers.0`, channels: width } as const] : []),
      ...residuals(name, resnets[i], width),
    ];
  });
  const last = channels[channels.length - 1];
  return [
    { kind: 'conv', name: 'decoder.conv_in', channels: channels[0] },
    ...residuals('decoder.mid_block', middleResnets, channels[0]),
    ...stages,
    { kind: 'norm', name: 'decoder.norm_out', channels: last },
    { kind: 'conv', name: 'decoder.conv_out', channels: 3 * patchSize ** 2 },
  ];
}
