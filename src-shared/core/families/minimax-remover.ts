import {
  growMask,
  latentFrameCount,
  placeInTokens,
  splitByMask,
  tokenPrefix,
  volumeLength,
  wanGeometry,
} from '../control/index.ts';
import { callLiveBytes } from '../estimate/index.ts';
import { removerFlops } from '../flops/index.ts';
import {
  buildRemoverDit,
  buildRemoverDrift,
  buildRemoverSelection,
  cellsPerToken,
  isRemoverConfig,
  modelWidth,
  parseRemoverConfig,
  parseWanVaeConfig,
  ropeTables,
  type RemoverConfig,
} from '../graph/index.ts';
import type { ControlLayout, ModelFamily, TransformerSpec } from './model-family.ts';
import { asProbe, probeLayers, wantsProbe } from './probe.ts';
import { wanVaeSpec } from './wan-vace.ts';

/** MiniMax-Remover's transformer of that size. */
function removerSpec(config: RemoverConfig): TransformerSpec {
  const tokenLength = cellsPerToken(config) * config.outChannels;
  const probe = wantsProbe({ width: modelWidth(config), layers: config.layers })
    ? { ...config, layers: probeLayers }
    : undefined;
  return {
    tokenLength,
    controlLength: 2 * tokenLength,
    textDim: 0,
    hints: 0,
    blocks: config.layers,
    width: modelWidth(config),
    rope: ({ frames, rows, cols }) => ropeTables(frames, rows, cols, config.headDim),
    flops: (call) => removerFlops(config, call),
    liveBytes: (call, type) => callLiveBytes({ ...config, vaceLayers: [] }, call, type),
    ...(probe !== undefined && { probe: removerSpec(probe) }),
    graphs: (precision) => ({
      plain: buildRemoverDit(config, { precision }),
      selection: buildRemoverSelection(config, { precision }),
      drift: buildRemoverDrift(config, { precision }),
      ...(probe !== undefined && { probe: asProbe(buildRemoverDit(probe, { precision })) }),
    }),
  };
}

/**
 * The network is shown [norm(enc(v(1 − m))) | norm(enc(2m − 1))], with m the mask grown by `growPx` pixels of the working
 * picture (arXiv 2505.24873; the authors grow it by 6 of the clip's, of which 832×480 are the working picture).
 */
export function removerControl(growPx: number): ControlLayout {
  return {
    takesReferences: false,
    passes: 2,
    videos({ video, mask, frames, height, width }) {
      const shape = { frames, height, width };
      const grown = growMask(mask, shape, growPx);
      const { inactive } = splitByMask(video, grown, { channels: 3, ...shape });
      const shown = new Float32Array(video.length);
      for (let i = 0; i < shown.length; i++) shown[i] = 2 * grown[i % grown.length] - 1;
      return [
        { data: inactive, frames },
        { data: shown, frames },
      ];
    },
    tokens({ frames, height, width }, [masked, mask], channels) {
      const { spatialStride } = wanGeometry;
      const shape = {
        channels,
        frames: latentFrameCount(frames),
        height: height / spatialStride,
        width: width / spatialStride,
      };
      const tokenChannels = 2 * channels;
      const control = new Float32Array(2 * volumeLength(shape));
      placeInTokens(control, masked, shape, { tokenChannels, channelOffset: 0, frameOffset: 0 });
      placeInTokens(control, mask, shape, { tokenChannels, channelOffset: channels, frameOffset: 0 });
      return { control, source: tokenPrefix(control, tokenChannels, channels) };
    },
  };
}

/** MiniMax-Remover: a Wan transformer made for removal, without text and without guidance. */
export const minimaxRemover: ModelFamily = {
  name: 'minimax-remover',
  recognisedBy: 'MiniMax-Remover (Transformer3DModel of 48 channels)',
  recognises: ({ transformer }) => isRemoverConfig(transformer),
  geometry: wanGeometry,
  madeForRemoval: true,
  licence: 'Its authors allow MiniMax-Remover for academic research only, and no commercial use.',
  defaults: {
    fill: 'grey',
    guidanceScale: 1,
    negativePrompt: '',
    removalPrompt: '',
    recommendedSteps: 12,
    strength: 1,
    workingPixels: 832 * 480,
    maxWindowFrames: 81,
    overlapFrames: 5,
    textTokens: 1,
  },
  control: removerControl(6),
  transformer: (config, file) => removerSpec(parseRemoverConfig(config, file)),
  vae: (config, file) => wanVaeSpec(parseWanVaeConfig(config, file)),
};
