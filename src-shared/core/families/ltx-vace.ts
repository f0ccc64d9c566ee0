import {
  latentFrameCount,
  placeInTokens,
  resizeMask,
  tokenPrefix,
  type TokenGeometry,
  type VolumeShape,
} from '../control/index.ts';
import { callLiveBytes } from '../estimate/index.ts';
import { ltxFlops, ltxVaeFlops, ltxVaePeakBytes } from '../flops/index.ts';
import {
  buildLtxDit,
  buildLtxDrift,
  buildLtxSelection,
  buildLtxVaeDecoder,
  buildLtxVaeEncoder,
  isLtxVaceConfig,
  ltxRopeTables,
  ltxVaeFactors,
  modelWidth,
  parseLtxConfig,
  parseLtxVaeConfig,
  parseUmt5Config,
  type LtxConfig,
  type LtxVaeConfig,
} from '../graph/index.ts';
import { removalWords } from '../words/index.ts';
import { ltxSchedulerConfig, ltxVaceFile, ltxVaeFile } from './ltx-single-files.ts';
import type { ControlLayout, ModelFamily, TransformerSpec, VaeSpec } from './model-family.ts';
import { asProbe, probeLayers, wantsProbe } from './probe.ts';
import { t5File } from './wan-single-files.ts';
import { umt5Spec } from './wan-vace.ts';
import { vaceVideos } from './vace-videos.ts';

/** LTX-Video 0.9: a VAE of 32 × 32 pixels and 8 frames, of which a token is one cell. */
const ltxGeometry: TokenGeometry = { spatialStride: 32, temporalStride: 8, patchEdge: 1 };

/** Frames a second of the clips that the model knows; what a clip of another rate shows is faster or slower to it. */
const frameRate = 25;

/** Seconds and pixels of a token, by which the rotary tables are scaled. */
const ltxRopeScales = [
  ltxGeometry.temporalStride / frameRate,
  ltxGeometry.spatialStride,
  ltxGeometry.spatialStride,
] as const;

function ltxSpec(config: LtxConfig): TransformerSpec {
  const width = modelWidth(config);
  const probe = wantsProbe({ width, layers: config.layers })
    ? { ...config, layers: probeLayers, contextLayers: config.contextLayers.slice(0, 1) }
    : undefined;
  return {
    tokenLength: config.inChannels,
    controlLength: config.controlChannels,
    textDim: config.textDim,
    hints: config.contextLayers.length,
    blocks: config.layers + config.contextLayers.length,
    width,
    rope: (grid) => ltxRopeTables(grid, width, ltxRopeScales),
    flops: (call) => ltxFlops(config, call),
    liveBytes: (call, type) => callLiveBytes({ ...config, vaceLayers: config.contextLayers }, call, type),
    ...(probe !== undefined && { probe: ltxSpec(probe) }),
    graphs: (precision) => ({
      plain: buildLtxDit(config, { precision }),
      selection: buildLtxSelection(config, { precision }),
      drift: buildLtxDrift(config, { precision }),
      ...(probe !== undefined && { probe: asProbe(buildLtxDit(probe, { precision })) }),
    }),
  };
}

/** The graphs normalise the latents themselves: the statistics are stored with the weights, not in the configuration. */
function ltxVaeSpec(config: LtxVaeConfig): VaeSpec {
  const { latentChannels } = config;
  const { spatial, temporal } = ltxVaeFactors(config);
  return {
    inChannels: 3,
    latentChannels,
    latentsMean: new Array<number>(latentChannels).fill(0),
    latentsStd: new Array<number>(latentChannels).fill(1),
    spatialFactor: spatial,
    temporalFactor: temporal,
    hasChunkGraphs: false,
    encodeFlops: (size) => ltxVaeFlops(config, 'encoder', size),
    decodeFlops: (size) => ltxVaeFlops(config, 'decoder', size),
    peakBytes: (part, size) => ltxVaePeakBytes(config, part, size),
    graphs: (precision) => ({
      encoder: buildLtxVaeEncoder(config, { precision }),
      decoder: buildLtxVaeDecoder(config, { precision }),
    }),
  };
}

/** Mask values of a token: 2 in time, 8 × 8 in the picture. */
const maskParts = { frames: 2, rows: 8, columns: 8 } as const;
const maskLength = maskParts.frames * maskParts.rows * maskParts.columns;

/**
 * The mask part of a token: the mask [T, H, W] at 2 × 8 × 8 values for each latent cell of `shape`, ends on ends, to
 * [128, t, h, w], channel = (frame · 8 + row) · 8 + column.
 */
function maskVolume(
  mask: Float32Array,
  from: Omit<VolumeShape, 'channels'>,
  { frames, height, width }: Omit<VolumeShape, 'channels'>,
): Float32Array {
  const fine = { frames: 2 * frames, height: 8 * height, width: 8 * width };
  const values = resizeMask(mask, from, fine);
  const volume = new Float32Array(maskLength * frames * height * width);
  let at = 0;
  for (let part = 0; part < maskParts.frames; part++) {
    for (let row = 0; row < maskParts.rows; row++) {
      for (let column = 0; column < maskParts.columns; column++) {
        for (let t = 0; t < frames; t++) {
          for (let y = 0; y < height; y++) {
            const line = ((2 * t + part) * fine.height + 8 * y + row) * fine.width + column;
            for (let x = 0; x < width; x++) volume[at++] = values[line + 8 * x];
          }
        }
      }
    }
  }
  return volume;
}

/**
 * VACE's control for LTX-Video (arXiv 2503.07598; facts of its release): [enc(v(1 − m)) | enc(v·m) | mask 128]; of a
 * reference [enc(ref) | 0 | 0].
 */
const control: ControlLayout = {
  ...vaceVideos,
  tokens({ mask, frames, height, width }, latents, channels) {
    const { spatialStride, patchEdge } = ltxGeometry;
    const shape = {
      channels,
      frames: latentFrameCount(frames, ltxGeometry),
      height: height / spatialStride,
      width: width / spatialStride,
    };
    const references = latents.slice(0, -2);
    const [inactive, reactive] = latents.slice(-2);
    const tokenChannels = 2 * channels + maskLength;
    const tokens = new Float32Array(
      (shape.frames + references.length) * shape.height * shape.width * tokenChannels,
    );
    const place = (data: Float32Array, of: VolumeShape, channelOffset: number, frameOffset: number): void =>
      placeInTokens(tokens, data, of, { tokenChannels, channelOffset, frameOffset, patchEdge });
    references.forEach((reference, i) => place(reference, { ...shape, frames: 1 }, 0, i));
    const first = references.length;
    place(inactive, shape, 0, first);
    place(reactive, shape, channels, first);
    const masks = maskVolume(mask, { frames, height, width }, shape);
    place(masks, { ...shape, channels: maskLength }, 2 * channels, first);
    return { control: tokens, source: tokenPrefix(tokens, tokenChannels, channels) };
  },
};

/** LTX-Video-VACE, 2B. Guidance by prompt; the spatio-temporal guidance of its makers is not used. */
export const ltxVace: ModelFamily = {
  name: 'ltx-vace',
  recognisedBy: 'LTX-Video with VACE (a transformer with context_num_layers)',
  recognises: ({ transformer }) => isLtxVaceConfig(transformer),
  geometry: ltxGeometry,
  defaults: {
    fill: 'grey',
    guidanceScale: 3,
    negativePrompt: 'worst quality, inconsistent motion, blurry, jittery, distorted',
    removalPrompt: removalWords.prompt,
    recommendedSteps: 40,
    strength: 1,
    workingPixels: 768 * 512,
    maxWindowFrames: 97,
    overlapFrames: 9,
    textTokens: 128,
  },
  control,
  singleFiles: {
    transformer: ltxVaceFile,
    vae: ltxVaeFile,
    textEncoder: t5File,
    scheduler: ltxSchedulerConfig,
  },
  transformer: (config, file) => ltxSpec(parseLtxConfig(config, file)),
  vae: (config, file) => ltxVaeSpec(parseLtxVaeConfig(config, file)),
  textEncoder: (config, file) => umt5Spec(parseUmt5Config(config, file, 't5')),
};
