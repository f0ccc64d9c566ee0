import { buildControl, latentFrameCount, maskChannels, tokenPrefix, wanGeometry } from '../control/index.ts';
import { callLiveBytes } from '../estimate/index.ts';
import {
  ditFlops,
  umt5Flops,
  wanVaeDecodeFlops,
  wanVaeEncodeFlops,
  wanVaePeakBytes,
} from '../flops/index.ts';
import {
  buildUmt5Encoder,
  buildWanVaceBroadcast,
  buildWanVaceCached,
  buildWanVaceDit,
  buildWanVaceDrift,
  buildWanVaceSelection,
  buildWanVaeDecoder,
  buildWanVaeEncoder,
  cellsPerToken,
  modelWidth,
  parseUmt5Config,
  parseWanVaceConfig,
  parseWanVaeConfig,
  ropeTables,
  umt5Aliases,
  wanVaeSpatialFactor,
  wanVaeTemporalFactor,
  type Umt5Config,
  type WanVaceConfig,
  type WanVaeConfig,
} from '../graph/index.ts';
import { removalWords, wanNegativePrompt } from '../words/index.ts';
import { asProbe, probeLayers, wantsProbe } from './probe.ts';
import { umt5File, wanSchedulerConfig, wanVaceFile, wanVaeFile } from './wan-single-files.ts';
import type {
  ControlLayout,
  ModelFamily,
  TextEncoderSpec,
  TransformerSpec,
  VaeSpec,
} from './model-family.ts';
import { vaceVideos } from './vace-videos.ts';

/** Wan-VACE's transformer of that size. */
export function wanVaceSpec(config: WanVaceConfig): TransformerSpec {
  const cells = cellsPerToken(config);
  const probe = wantsProbe({ width: modelWidth(config), layers: config.layers })
    ? { ...config, layers: probeLayers, vaceLayers: [0] }
    : undefined;
  return {
    tokenLength: cells * config.inChannels,
    controlLength: cells * config.controlChannels,
    textDim: config.textDim,
    hints: config.vaceLayers.length,
    blocks: config.layers + config.vaceLayers.length,
    width: modelWidth(config),
    rope: ({ frames, rows, cols }) => ropeTables(frames, rows, cols, config.headDim),
    flops: (call) => ditFlops(config, call),
    liveBytes: (call, type) => callLiveBytes(config, call, type),
    ...(probe !== undefined && { probe: wanVaceSpec(probe) }),
    graphs: (precision) => ({
      plain: buildWanVaceDit(config, { precision }),
      selection: buildWanVaceSelection(config, { precision }),
      cached: buildWanVaceCached(config, { precision, form: 'float' }),
      cachedInt8: buildWanVaceCached(config, { precision, form: 'int8' }),
      broadcast: buildWanVaceBroadcast(config, { precision }),
      drift: buildWanVaceDrift(config, { precision }),
      ...(probe !== undefined && { probe: asProbe(buildWanVaceDit(probe, { precision })) }),
    }),
  };
}

/**
 * What the fine layers see reaches 6¼ latent cells from a place (decoder; 5⅜ in the encoder), but little of it beyond two:
 * each convolution halves the influence of what is one pixel further. Three of the four cells are wholly discarded.
 */
const wanTileHalo = 4;

/** Wan 2.1's video autoencoder of that size. */
export function wanVaeSpec(config: WanVaeConfig): VaeSpec {
  const { inChannels, latentChannels, latentsMean, latentsStd } = config;
  return {
    inChannels,
    latentChannels,
    latentsMean,
    latentsStd,
    spatialFactor: wanVaeSpatialFactor(config),
    temporalFactor: wanVaeTemporalFactor(config),
    hasChunkGraphs: true,
    ...(config.temporalDownsample.length > 0 && { tileHalo: wanTileHalo }),
    encodeFlops: (size, pass) => wanVaeEncodeFlops(config, size, pass),
    decodeFlops: (size, pass) => wanVaeDecodeFlops(config, size, pass),
    peakBytes: (part, size, pass) => wanVaePeakBytes(config, part, size, pass),
    graphs: (precision) => ({
      encoder: buildWanVaeEncoder(config, { precision, form: 'full' }),
      encoderFirst: buildWanVaeEncoder(config, { precision, form: 'first' }),
      encoderNext: buildWanVaeEncoder(config, { precision, form: 'next' }),
      decoder: buildWanVaeDecoder(config, { precision, form: 'full' }),
      decoderFirst: buildWanVaeDecoder(config, { precision, form: 'first' }),
      decoderNext: buildWanVaeDecoder(config, { precision, form: 'next' }),
      ...(config.temporalDownsample.length > 0 && {
        encoderFine: buildWanVaeEncoder(config, { precision, form: 'full', part: 'fine' }),
        encoderCoarse: buildWanVaeEncoder(config, { precision, form: 'full', part: 'coarse' }),
        decoderCoarse: buildWanVaeDecoder(config, { precision, form: 'full', part: 'coarse' }),
        decoderFine: buildWanVaeDecoder(config, { precision, form: 'full', part: 'fine' }),
      }),
    }),
  };
}

export function umt5Spec(config: Umt5Config): TextEncoderSpec {
  return {
    aliases: umt5Aliases,
    flops: (tokens) => umt5Flops(config, tokens),
    tableBytes: (precision) => config.vocabulary * config.width * (precision === 'fp32' ? 4 : 2),
    graph: (precision) => buildUmt5Encoder(config, { precision }),
  };
}

/**
 * VACE's control (arXiv 2503.07598, "context latent encoding"): [norm(enc(v(1 − m))) | norm(enc(v·m)) | mask]. Away from
 * the hole the first, "inactive" part is the source itself; of a reference it is all there is.
 */
const control: ControlLayout = {
  ...vaceVideos,
  tokens({ mask, frames, height, width }, latents, latentChannels) {
    const { spatialStride } = wanGeometry;
    const channels = maskChannels(mask, { frames, height, width });
    const tokens = buildControl({
      latentShape: {
        channels: latentChannels,
        frames: latentFrameCount(frames),
        height: height / spatialStride,
        width: width / spatialStride,
      },
      references: latents.slice(0, -2),
      inactive: latents[latents.length - 2],
      reactive: latents[latents.length - 1],
      mask: channels,
    });
    const controlChannels = 2 * latentChannels + channels.shape.channels;
    return { control: tokens, source: tokenPrefix(tokens, controlChannels, latentChannels) };
  },
};

/** Wan2.1-VACE, 1.3B and 14B, and models of other sizes built like them. */
export const wanVace: ModelFamily = {
  name: 'wan-vace',
  recognisedBy: 'WanVACEPipeline',
  recognises: ({ pipelineClass }) => pipelineClass === 'WanVACEPipeline',
  geometry: wanGeometry,
  defaults: {
    fill: 'grey',
    guidanceScale: 5,
    negativePrompt: wanNegativePrompt,
    removalPrompt: removalWords.prompt,
    recommendedSteps: 50,
    strength: 1,
    workingPixels: 832 * 480,
    maxWindowFrames: 81,
    overlapFrames: 5,
    textTokens: 512,
  },
  control,
  singleFiles: {
    transformer: wanVaceFile,
    vae: wanVaeFile,
    textEncoder: umt5File,
    scheduler: wanSchedulerConfig,
  },
  transformer: (config, file) => wanVaceSpec(parseWanVaceConfig(config, file)),
  vae: (config, file) => wanVaeSpec(parseWanVaeConfig(config, file)),
  textEncoder: (config, file) => umt5Spec(parseUmt5Config(config, file)),
};
