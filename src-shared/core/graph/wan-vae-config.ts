import { readConfigFields } from '../json/index.ts';

/** Sizes of a Wan 2.1 video autoencoder, from its config.json; named after their fields there. */
export interface WanVaeConfig {
  /** Channels of the video that is encoded, 3. */
  readonly inChannels: number;
  /** Channels of the video that is decoded, 3. */
  readonly outChannels: number;
  /** Channels of the latent, `z_dim`. */
  readonly latentChannels: number;
  /** Channels of the encoder's first stage; stage i has baseDim·dimMult[i]. */
  readonly baseDim: number;
  /** The same for the decoder; equal to `baseDim` unless the file says otherwise. */
  readonly decoderBaseDim: number;
  readonly dimMult: readonly number[];
  readonly resBlocks: number;
  /** For each of the dimMult.length − 1 downsamplings: whether it halves the frame rate as well. */
  readonly temporalDownsample: readonly boolean[];
  /** [latentChannels]: the denoiser works on (latent − mean) / std. */
  readonly latentsMean: readonly number[];
  readonly latentsStd: readonly number[];
}

/**
 * Reads a VAE's config.json of class AutoencoderKLWan.
 *
 * @param json  the parsed file
 * @param file  its name, for the messages
 * @throws HetcutError where a field is missing, contradicts another or asks for what Wan 2.1 does not have
 */
export function parseWanVaeConfig(json: unknown, file: string): WanVaeConfig {
  const fields = readConfigFields(json, file);
  fields.require('_class_name', ['AutoencoderKLWan']);
  fields.only('is_residual', [false]);
  fields.only('attn_scales', [[]]);
  fields.only('patch_size', [null]);
  fields.only('in_channels', [3]);
  fields.only('out_channels', [3]);
  const dimMult = fields.counts('dim_mult', [1, 2, 4, 4]);
  const temporalDownsample = fields.booleans('temperal_downsample', [false, true, true]);
  const latentChannels = fields.count('z_dim', 16);
  const latentsMean = fields.numbers('latents_mean');
  const latentsStd = fields.numbers('latents_std');
  if (temporalDownsample.length !== dimMult.length - 1) {
    throw fields.invalid(
      'temperal_downsample',
      `"dim_mult" names ${dimMult.length} stages, which have ${dimMult.length - 1} downsamplings between them`,
    );
  }
  if (latentsMean.length !== latentChannels) {
    throw fields.invalid('latents_mean', `"z_dim" asks for ${latentChannels} values`);
  }
  if (latentsStd.length !== latentChannels || latentsStd.some((std) => std <= 0)) {
    throw fields.invalid('latents_std', `"z_dim" asks for ${latentChannels} values above 0`);
  }
  const baseDim = fields.count('base_dim', 96);
  return {
    inChannels: 3,
    outChannels: 3,
    latentChannels,
    baseDim,
    decoderBaseDim:
      fields.optionalNumber('decoder_base_dim') === undefined ? baseDim : fields.count('decoder_base_dim'),
    dimMult,
    resBlocks: fields.few('num_res_blocks', 2),
    temporalDownsample,
    latentsMean,
    latentsStd,
  };
}

/** Pixels per latent along height and width, 8 for Wan 2.1. */
export function wanVaeSpatialFactor(config: WanVaeConfig): number {
  return 2 ** config.temporalDownsample.length;
}

/** Frames per latent frame after the first one, 4 for Wan 2.1. */
export function wanVaeTemporalFactor(config: WanVaeConfig): number {
  return 2 ** config.temporalDownsample.filter(Boolean).length;
}

/** Latent frames of a video of `frames` frames: 1 + ⌊(frames − 1) / factor⌋; the rest of the frames is dropped. */
export function wanVaeLatentFrames(config: WanVaeConfig, frames: number): number {
  return 1 + Math.floor((frames - 1) / wanVaeTemporalFactor(config));
}

/** Frames that `latentFrames` latent frames decode to: 1 + factor·(latentFrames − 1). */
export function wanVaeVideoFrames(config: WanVaeConfig, latentFrames: number): number {
  return 1 + wanVaeTemporalFactor(config) * (latentFrames - 1);
}
