import type { WanVaeConfig } from './wan-vae-config.ts';

/** What a layer does. */
type WanVaeLayerKind =
  /** Convolution of each pixel by itself. */
  | 'pointwise'
  /** Convolution over 3×3 pixels and three frames, this one and the two before. */
  | 'causal'
  /** Norm, SiLU, causal convolution, twice; plus the input. */
  | 'residual'
  /** Attention of one head within each frame; plus the input. */
  | 'attention'
  /** Norm and SiLU. */
  | 'norm'
  /** Half the height and width; with `time` half the frames, the first staying by itself. */
  | 'downsample'
  /** Twice the height and width; with `time` twice the frames, the first staying single. */
  | 'upsample';

/** One layer of a Wan VAE. The graphs and the cost model are both made from these. */
export interface WanVaeLayer {
  readonly kind: WanVaeLayerKind;
  /** Its module in the reference implementation (diffusers' AutoencoderKLWan), and the prefix of its tensors. */
  readonly name: string;
  /** What it puts out. */
  readonly channels: number;
  /** Of a down- or upsampling: whether it changes the frame rate. */
  readonly time?: boolean;
}

/**
 * The layers of a coder in two parts: `coarse`, at the latents' size, whose attention sees a whole frame, and `fine`, at
 * the larger sizes, where each place depends on its surroundings alone and a clip can go through in tiles. The encoder
 * begins with the fine ones, the decoder with the coarse.
 */
export type WanVaePart = 'fine' | 'coarse';

export interface WanVaeLayers {
  readonly fine: readonly WanVaeLayer[];
  readonly coarse: readonly WanVaeLayer[];
  /** Channels of the features between the two, at the latents' size. */
  readonly channels: number;
}

/** Of a VAE that changes the size at all. */
export function splitEncoder(config: WanVaeConfig): WanVaeLayers {
  const layers = wanVaeEncoderLayers(config);
  const border = layers.findLastIndex(({ kind }) => kind === 'downsample') + 1;
  return {
    fine: layers.slice(0, border),
    coarse: layers.slice(border),
    channels: layers[border - 1].channels,
  };
}

/** Of a VAE that changes the size at all. */
export function splitDecoder(config: WanVaeConfig): WanVaeLayers {
  const layers = wanVaeDecoderLayers(config);
  const border = layers.findIndex(({ kind }) => kind === 'upsample');
  return {
    fine: layers.slice(border),
    coarse: layers.slice(0, border),
    channels: layers[border - 1].channels,
  };
}

/** From the video to the posterior's moments [2·z]: mean and logvar. */
export function wanVaeEncoderLayers(config: WanVaeConfig): WanVaeLayer[] {
  const stages = config.dimMult.map((factor) => factor * config.baseDim);
  const top = stages[stages.length - 1];
  const moments = 2 * config.latentChannels;
  const blocks = stages.flatMap((channels, stage): Omit<WanVaeLayer, 'name'>[] => {
    const residual = Array.from(
      { length: config.resBlocks },
      () => ({ kind: 'residual', channels }) as const,
    );
    if (stage === stages.length - 1) return residual;
    return [...residual, { kind: 'downsample', channels, time: config.temporalDownsample[stage] }];
  });
  return [
    { kind: 'causal', name: 'encoder.conv_in', channels: stages[0] },
    ...blocks.map((block, i) => ({ ...block, name: `encoder.down_blocks.${i}` })),
    ...middle('encoder.mid_block', top),
    { kind: 'norm', name: 'encoder.norm_out', channels: top },
    { kind: 'causal', name: 'encoder.conv_out', channels: moments },
    { kind: 'pointwise', name: 'quant_conv', channels: moments },
  ];
}

/** From the latent [z] to the video, not yet clamped. */
export function wanVaeDecoderLayers(config: WanVaeConfig): WanVaeLayer[] {
  const stages = config.dimMult.map((factor) => factor * config.decoderBaseDim).reverse();
  const timeUpsample = [...config.temporalDownsample].reverse();
  const blocks = stages.flatMap((channels, stage): WanVaeLayer[] => {
    const prefix = `decoder.up_blocks.${stage}`;
    const residual = Array.from({ length: config.resBlocks + 1 }, (_, i): WanVaeLayer => {
      return { kind: 'residual', name: `${prefix}.resnets.${i}`, channels };
    });
    if (stage === stages.length - 1) return residual;
    // The upsampling's convolution halves the channels, whatever the next stage has.
    const half = Math.floor(channels / 2);
    return [
      ...residual,
      { kind: 'upsample', name: `${prefix}.upsamplers.0`, channels: half, time: timeUpsample[stage] },
    ];
  });
  return [
    { kind: 'pointwise', name: 'post_quant_conv', channels: config.latentChannels },
    { kind: 'causal', name: 'decoder.conv_in', channels: stages[0] },
    ...middle('decoder.mid_block', stages[0]),
    ...blocks,
    { kind: 'norm', name: 'decoder.norm_out', channels: stages[stages.length - 1] },
    { kind: 'causal', name: 'decoder.conv_out', channels: config.outChannels },
  ];
}

function middle(prefix: string, channels: number): WanVaeLayer[] {
  return [
    { kind: 'residual', name: `${prefix}.resnets.0`, channels },
    { kind: 'attention', name: `${prefix}.attentions.0`, channels },
    { kind: 'residual', name: `${prefix}.resnets.1`, channels },
  ];
}
