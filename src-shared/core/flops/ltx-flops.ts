import {
  ltxDecoderLayers,
  ltxEncoderLayers,
  ltxVaeFactors,
  modelWidth,
  selectionFeatures,
  type LtxConfig,
  type LtxVaeConfig,
  type LtxVaeLayer,
} from '../graph/index.ts';
import type { DitCall } from './dit-flops.ts';
import type { VideoSize } from './vae-flops.ts';

const linear = (rows: number, inputs: number, outputs: number): number => 2 * rows * inputs * outputs;

/** Floating-point operations of one call of LTX-Video's transformer, counted as `ditFlops` does. */
export function ltxFlops(config: LtxConfig, { tokens, textTokens, batch, queries }: DitCall): number {
  const width = modelWidth(config);
  const { layers, contextLayers, ffnDim, textDim, freqDim, inChannels, outChannels, controlChannels } =
    config;
  const hints = contextLayers.length;
  const selfAttention = 4 * linear(tokens, width, width) + 4 * tokens * tokens * width;
  const crossAttention =
    2 * linear(tokens, width, width) + 2 * linear(textTokens, width, width) + 4 * tokens * textTokens * width;
  const blocks =
    (layers + hints) * (selfAttention + crossAttention + 2 * linear(tokens, width, ffnDim)) +
    (hints === 0 ? 0 : (hints + 1) * linear(tokens, width, width));
  const ends = linear(tokens, inChannels + outChannels + (hints === 0 ? 0 : controlChannels), width);
  const text = linear(textTokens, textDim, width) + linear(textTokens, width, width);
  const time = linear(1, freqDim, width) + linear(1, width, width) + linear(1, width, 6 * width);
  // Scores of the sampled queries and the projection to features, of the first stream alone.
  const selection =
    queries === undefined ? 0 : linear(queries, width, tokens) + linear(tokens, width, selectionFeatures);
  return batch * (blocks + ends + text + time) + selection;
}

interface Volume extends VideoSize {
  readonly channels: number;
}

const places = ({ frames, height, width }: VideoSize): number => frames * height * width;
const elements = (volume: Volume): number => volume.channels * places(volume);

/** What a layer makes of a volume. */
function after({ kind, channels }: LtxVaeLayer, { frames, height, width }: Volume): Volume {
  if (kind === 'down') {
    return { channels, frames: 1 + (frames - 1) / 2, height: height / 2, width: width / 2 };
  }
  if (kind === 'up') return { channels, frames: 2 * frames - 1, height: 2 * height, width: 2 * width };
  return { channels, frames, height, width };
}

function layerFlops({ kind, channels }: LtxVaeLayer, input: Volume, output: Volume): number {
  const conv = (from: number, to: number): number => linear(places(output), 27 * from, to);
  switch (kind) {
    case 'conv':
    case 'down':
      return conv(input.channels, channels);
    case 'residual':
      return (
        conv(input.channels, channels) +
        conv(channels, channels) +
        (input.channels === channels ? 0 : linear(places(output), input.channels, channels))
      );
    case 'up':
      return linear(places(input), 27 * input.channels, 8 * channels);
    case 'norm':
      return 0;
  }
}

/** Elements that are live at once: the shortcut, what is normalised and padded of the input, and what comes of it. */
function liveElements({ kind, channels }: LtxVaeLayer, input: Volume, output: Volume): number {
  if (kind === 'residual') return 4 * Math.max(elements(input), elements(output));
  if (kind === 'up') return 3 * 8 * channels * places(input);
  return 3 * Math.max(elements(input), elements(output));
}

/** The layers of a coder, each with its input and output, for a video of `size`. */
function* walk(
  config: LtxVaeConfig,
  part: 'encoder' | 'decoder',
  { frames, height, width }: VideoSize,
): IterableIterator<[LtxVaeLayer, Volume, Volume]> {
  const { spatial, temporal } = ltxVaeFactors(config);
  const { patchSize, latentChannels } = config;
  const latents = 1 + Math.floor((frames - 1) / temporal);
  let volume: Volume =
    part === 'encoder'
      ? {
          channels: 3 * patchSize ** 2,
          frames: 1 + temporal * (latents - 1),
          height: height / patchSize,
          width: width / patchSize,
        }
      : { channels: latentChannels, frames: latents, height: height / spatial, width: width / spatial };
  for (const layer of part === 'encoder' ? ltxEncoderLayers(config) : ltxDecoderLayers(config)) {
    const output = after(layer, volume);
    yield [layer, volume, output];
    volume = output;
  }
}

/** Floating-point operations of one pass over a video of `size`: two for each multiply-add of the convolutions. */
export function ltxVaeFlops(config: LtxVaeConfig, part: 'encoder' | 'decoder', size: VideoSize): number {
  let sum = 0;
  for (const [layer, input, output] of walk(config, part, size)) sum += layerFlops(layer, input, output);
  return sum;
}

/** What ONNX Runtime's arena takes of what is live at once; it grows in powers of two. */
const arenaFactor = 2;
const bytesPerElement = 4;

/** An estimate of the memory that one pass takes beyond weights and video, in bytes. */
export function ltxVaePeakBytes(config: LtxVaeConfig, part: 'encoder' | 'decoder', size: VideoSize): number {
  let most = 0;
  for (const [layer, input, output] of walk(config, part, size)) {
    most = Math.max(most, liveElements(layer, input, output));
  }
  return arenaFactor * bytesPerElement * most;
}
