import {
  splitDecoder,
  splitEncoder,
  wanVaeDecoderLayers,
  wanVaeEncoderLayers,
  wanVaeLatentFrames,
  wanVaeSpatialFactor,
  wanVaeVideoFrames,
  type WanVaeConfig,
  type WanVaeLayer,
} from '../graph/index.ts';

/** Size of a video in pixels and frames. */
export interface VideoSize {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** A feature volume between two layers. */
interface Volume extends VideoSize {
  readonly channels: number;
}

/**
 * Floating-point operations of encoding a video of `size`: two for each multiply-add of the convolutions and of the
 * attention; norms, activations and resizing are not counted. Frames beyond 1 + 4k are dropped, as `encode` does.
 */
export function wanVaeEncodeFlops(config: WanVaeConfig, size: VideoSize, pass: VaePass = 'full'): number {
  const frames = wanVaeVideoFrames(config, wanVaeLatentFrames(config, size.frames));
  const whole = { ...size, frames };
  if (isTiled(pass)) {
    const { fine, coarse } = tiledEncoding(config, whole, pass);
    return (
      pass.tiles * sumOver(fine.layers, fine.input, layerFlops) +
      sumOver(coarse.layers, coarse.input, layerFlops)
    );
  }
  const { layers, input } = encoding(config, whole);
  return sumOver(layers, input, layerFlops);
}

/** The same for decoding to a video of `size`. */
export function wanVaeDecodeFlops(config: WanVaeConfig, size: VideoSize, pass: VaePass = 'full'): number {
  if (isTiled(pass)) {
    const { fine, coarse } = tiledDecoding(config, size, pass);
    return (
      pass.tiles * sumOver(fine.layers, fine.input, layerFlops) +
      sumOver(coarse.layers, coarse.input, layerFlops)
    );
  }
  const { layers, input } = decoding(config, size);
  return sumOver(layers, input, layerFlops);
}

/** The coarse layers on whole frames, the fine ones on `tiles` tiles of that many pixels, which overlap. */
export interface TiledPass {
  readonly tiles: number;
  readonly tileHeight: number;
  readonly tileWidth: number;
}

/**
 * How a clip passes through a VAE: all at once, in chunks of `chunkFrames` video frames with explicit state, or all of its
 * length in tiles of the picture.
 */
export type VaePass = 'full' | { readonly chunkFrames: number } | TiledPass;

function isTiled(pass: VaePass): pass is TiledPass {
  return pass !== 'full' && 'tiles' in pass;
}

/**
 * What ONNX Runtime's arena takes of what is live at once: it grows in powers of two. Measured on the CPU for base
 * dimensions 8: 1.3 (encoder) to 1.9 (decoder).
 */
const arenaFactor = 2;

/** States that exist at once: those that go in, those that come out, and what awaits collection. */
const stateGenerations = 5;

/** The same without an arena: what is freed goes back at once. */
const leanFactor = 1;

const bytesPerElement = 4;

/**
 * An estimate of the memory that one pass takes beyond the weights and the video itself, in bytes: 0.9 to 1.5 times
 * what was measured on the CPU.
 * The same for both precisions: norms are computed in float32 in either, and they are where most is live.
 */
export function wanVaePeakBytes(
  config: WanVaeConfig,
  part: 'encoder' | 'decoder',
  size: VideoSize,
  pass: VaePass,
): number {
  const through = part === 'encoder' ? encoding : decoding;
  if (pass === 'full') {
    const { layers, input } = through(config, size);
    return arenaFactor * bytesPerElement * maximumOver(layers, input, liveElements);
  }
  if (isTiled(pass)) {
    const { fine, coarse, features } = (part === 'encoder' ? tiledEncoding : tiledDecoding)(
      config,
      size,
      pass,
    );
    const live = Math.max(
      maximumOver(fine.layers, fine.input, liveElements),
      maximumOver(coarse.layers, coarse.input, liveElements),
    );
    return bytesPerElement * (leanFactor * live + elements(features));
  }
  // A convolution of a chunk sees two frames of its past as well.
  const { layers, input } = through(config, { ...size, frames: pass.chunkFrames + 2 });
  const live = maximumOver(layers, input, liveElements) + largestVolume(layers, input);
  const states = sumOver(layers, { ...input, frames: 2 }, stateElements);
  return bytesPerElement * (arenaFactor * live + stateGenerations * states);
}

interface Pass {
  readonly layers: readonly WanVaeLayer[];
  readonly input: Volume;
}

function encoding(config: WanVaeConfig, size: VideoSize): Pass {
  return { layers: wanVaeEncoderLayers(config), input: { ...size, channels: config.inChannels } };
}

function decoding(config: WanVaeConfig, size: VideoSize): Pass {
  return { layers: wanVaeDecoderLayers(config), input: featuresOf(config, size, config.latentChannels) };
}

interface TiledParts {
  /** Of one tile. */
  readonly fine: Pass;
  readonly coarse: Pass;
  /** What lies between the two. */
  readonly features: Volume;
}

function tiledEncoding(config: WanVaeConfig, size: VideoSize, pass: TiledPass): TiledParts {
  const { fine, coarse, channels } = splitEncoder(config);
  const features = featuresOf(config, size, channels);
  const tile = { frames: size.frames, height: pass.tileHeight, width: pass.tileWidth };
  return {
    fine: { layers: fine, input: { ...tile, channels: config.inChannels } },
    coarse: { layers: coarse, input: features },
    features,
  };
}

function tiledDecoding(config: WanVaeConfig, size: VideoSize, pass: TiledPass): TiledParts {
  const { fine, coarse, channels } = splitDecoder(config);
  const tile = { frames: size.frames, height: pass.tileHeight, width: pass.tileWidth };
  return {
    fine: { layers: fine, input: featuresOf(config, tile, channels) },
    coarse: { layers: coarse, input: featuresOf(config, size, config.latentChannels) },
    features: featuresOf(config, size, channels),
  };
}

/** At the latents' size, of a video of `size`. */
function featuresOf(config: WanVaeConfig, { frames, height, width }: VideoSize, channels: number): Volume {
  const factor = wanVaeSpatialFactor(config);
  return {
    channels,
    frames: wanVaeLatentFrames(config, frames),
    height: height / factor,
    width: width / factor,
  };
}

type LayerMeasure = (layer: WanVaeLayer, input: Volume, output: Volume) => number;

function measureLayers(layers: readonly WanVaeLayer[], input: Volume, measure: LayerMeasure): number[] {
  let volume = input;
  return layers.map((layer) => {
    const before = volume;
    volume = outputOf(layer, before);
    return measure(layer, before, volume);
  });
}

function sumOver(layers: readonly WanVaeLayer[], input: Volume, measure: LayerMeasure): number {
  return measureLayers(layers, input, measure).reduce((sum, value) => sum + value, 0);
}

function maximumOver(layers: readonly WanVaeLayer[], input: Volume, measure: LayerMeasure): number {
  return Math.max(...measureLayers(layers, input, measure));
}

function largestVolume(layers: readonly WanVaeLayer[], input: Volume): number {
  return maximumOver(layers, input, (_, before, after) => Math.max(elements(before), elements(after)));
}

function outputOf({ kind, channels, time }: WanVaeLayer, { frames, height, width }: Volume): Volume {
  if (kind === 'downsample') {
    const halved = time === true ? 1 + Math.floor((frames - 1) / 2) : frames;
    return { channels, frames: halved, height: height / 2, width: width / 2 };
  }
  if (kind === 'upsample') {
    const doubled = time === true ? 1 + 2 * (frames - 1) : frames;
    return { channels, frames: doubled, height: height * 2, width: width * 2 };
  }
  return { channels, frames, height, width };
}

function elements({ channels, frames, height, width }: Volume): number {
  return channels * frames * height * width;
}

/** Convolution with `taps` kernel positions and `outputs` elements. */
function conv(taps: number, inChannels: number, outputs: number): number {
  return 2 * taps * inChannels * outputs;
}

function layerFlops(layer: WanVaeLayer, input: Volume, output: Volume): number {
  const C = input.channels;
  const outputs = elements(output);
  switch (layer.kind) {
    case 'pointwise':
      return conv(1, C, outputs);
    case 'causal':
      return conv(27, C, outputs);
    case 'residual': {
      const shortcut = C === output.channels ? 0 : conv(1, C, outputs);
      return conv(27, C, outputs) + conv(27, output.channels, outputs) + shortcut;
    }
    case 'attention': {
      const pixels = input.height * input.width;
      // Queries, keys, values and the projection; then scores and weighted sum, frame by frame.
      return conv(4, C, outputs) + 4 * outputs * pixels;
    }
    case 'norm':
      return 0;
    case 'downsample': {
      const plane = output.channels * output.height * output.width;
      const time = layer.time === true ? conv(3, output.channels, plane * (output.frames - 1)) : 0;
      return conv(9, C, plane * input.frames) + time;
    }
    case 'upsample': {
      // Twice the channels, for two frames each.
      const pairs = 2 * C * (input.frames - 1) * input.height * input.width;
      return conv(9, C, outputs) + (layer.time === true ? conv(3, C, pairs) : 0);
    }
  }
}

/** Elements that are in memory together while a layer runs, at the worst moment. */
function liveElements(layer: WanVaeLayer, input: Volume, output: Volume): number {
  switch (layer.kind) {
    case 'residual':
      // The shortcut, what is normalised and what comes of it.
      return 3 * Math.max(elements(input), elements(output));
    case 'attention':
      return 8 * elements(input);
    case 'upsample':
      // The frames, enlarged before the convolution halves the channels.
      return elements({ ...output, channels: input.channels }) + elements(output) + elements(input);
    case 'pointwise':
    case 'causal':
    case 'norm':
    case 'downsample':
      return 2 * Math.max(elements(input), elements(output));
  }
}

/** Elements that the convolutions of a layer remember; `input` and `output` have two frames. */
function stateElements(layer: WanVaeLayer, input: Volume, output: Volume): number {
  const plane = (channels: number, volume: Volume): number => channels * volume.height * volume.width;
  switch (layer.kind) {
    case 'causal':
      return 2 * plane(input.channels, input);
    case 'residual':
      return 2 * plane(input.channels, input) + 2 * plane(output.channels, input);
    case 'downsample':
      return layer.time === true ? plane(output.channels, output) : 0;
    case 'upsample':
      return layer.time === true ? 2 * plane(input.channels, input) : 0;
    case 'pointwise':
    case 'attention':
    case 'norm':
      return 0;
  }
}
