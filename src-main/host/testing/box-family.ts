import { patchify, volumeLength, type TokenGeometry } from '../../../src-shared/core/control/index.ts';
import type {
  ControlLayout,
  ModelFamily,
  TransformerSpec,
  VaeSpec,
} from '../../../src-shared/core/families/index.ts';
import { GraphBuilder, mul, type ModelGraph, type Value } from '../../../src-shared/core/graph/index.ts';
import { readConfigFields } from '../../../src-shared/core/json/index.ts';

/** Everything otherwise than Wan has it: token edges, chunks of time, no text, no hints, no references, two graphs. */
const geometry: TokenGeometry = { spatialStride: 4, temporalStride: 2, patchEdge: 1 };
const channels = 3;
const stride = geometry.spatialStride;

/** One matrix over sample and control; the rotary tables and the timestep take part, so that they must be right. */
function plainGraph(): ModelGraph {
  const g = new GraphBuilder('transformer');
  const tokens = g.input('tokens', 'float32', ['batch', 'tokens', channels]);
  const control = g.input('control', 'float32', ['batch', 'tokens', 2 * channels]);
  const timestep = g.input('timestep', 'float32', ['batch']);
  const cos = g.input('ropeCos', 'float32', ['tokens', 1]);
  const sin = g.input('ropeSin', 'float32', ['tokens', 1]);
  const weight = g.parameter('mix.weight', [channels, 3 * channels], { transform: 'transpose' });
  const mixed = g.op('MatMul', [g.op('Concat', [tokens, control], { axis: -1 }), weight]);
  const time = g.op('Unsqueeze', [mul(g, timestep, g.scalar(1e-3)), g.ints([1, 2])]);
  const turned = g.op('Mul', [mixed, g.op('Add', [cos, sin])]);
  g.output('velocity', g.op('Mul', [turned, time]), ['batch', 'tokens', channels]);
  return g.toModelGraph();
}

function driftGraph(): ModelGraph {
  const g = new GraphBuilder('transformer-drift');
  const tokens = g.input('tokens', 'float32', [1, 'tokens', channels]);
  const timestep = g.input('timestep', 'float32', [1]);
  const temb = mul(g, g.op('Unsqueeze', [timestep, g.ints([1])]), g.floats([1, 2, 3], [1, 3]));
  g.output('temb', temb, [1, 3]);
  g.output('timestepProj', g.op('Unsqueeze', [temb, g.ints([1])]), [1, 1, 3]);
  g.output('modulatedInput', mul(g, tokens, g.scalar(2)), [1, 'tokens', channels]);
  return g.toModelGraph();
}

/** The mean of each 4 × 4 pixels of every second frame, scaled. */
function encoderGraph(): ModelGraph {
  const g = new GraphBuilder('vae-encoder');
  const video = g.input('video', 'float32', [1, 3, 'frames', 'height', 'width']);
  const kept = g.op('Slice', [video, g.ints([0]), g.ints([1e9]), g.ints([2]), g.ints([2])]);
  const kernel = [1, stride, stride];
  const small = g.op('AveragePool', [kept], { kernel_shape: kernel, strides: kernel });
  g.output('mean', mul(g, small, scale(g)), [1, channels, 'latentFrames', 'rows', 'columns']);
  return g.toModelGraph();
}

/** Each cell as 4 × 4 pixels of two frames; of the first one frame. */
function decoderGraph(): ModelGraph {
  const g = new GraphBuilder('vae-decoder');
  const z = g.input('z', 'float32', [1, channels, 'latentFrames', 'rows', 'columns']);
  const factors = g.floats([1, 1, geometry.temporalStride, stride, stride]);
  const large = g.op('Resize', [mul(g, z, scale(g)), null, factors], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  const video = g.op('Slice', [large, g.ints([1]), g.ints([1e9]), g.ints([2])]);
  g.output('video', g.op('Clip', [video, g.scalar(-1), g.scalar(1)]), [1, 3, 'frames', 'height', 'width']);
  return g.toModelGraph();
}

const scale = (g: GraphBuilder): Value => g.parameter('scale', [1, channels, 1, 1, 1]);

function transformer(json: unknown, file: string): TransformerSpec {
  readConfigFields(json, file).require('_class_name', ['BoxTransformer']);
  return {
    tokenLength: channels,
    controlLength: 2 * channels,
    textDim: 0,
    hints: 0,
    blocks: 1,
    width: channels,
    rope({ frames, rows, cols }) {
      const tokens = frames * rows * cols;
      const ones = new Float32Array(tokens).fill(1);
      return { cos: ones, sin: new Float32Array(tokens), tokens, columns: 1 };
    },
    flops: ({ tokens, batch }) => tokens * batch,
    liveBytes: ({ tokens, streams }) => 4 * tokens * streams,
    graphs: () => ({ plain: plainGraph(), drift: driftGraph() }),
  };
}

function vae(json: unknown, file: string): VaeSpec {
  readConfigFields(json, file).require('_class_name', ['BoxVae']);
  const pixels = (size: { frames: number; height: number; width: number }): number =>
    size.frames * size.height * size.width;
  return {
    inChannels: 3,
    latentChannels: channels,
    latentsMean: [0, 0.1, 0],
    latentsStd: [1, 1, 2],
    spatialFactor: stride,
    temporalFactor: geometry.temporalStride,
    hasChunkGraphs: false,
    encodeFlops: pixels,
    decodeFlops: pixels,
    peakBytes: (_, size) => 12 * pixels(size),
    graphs: () => ({ encoder: encoderGraph(), decoder: decoderGraph() }),
  };
}

/** What is known of the source, and the mask as a picture: [norm(enc(video·(1 − m))) | norm(enc(2m − 1))]. */
const control: ControlLayout = {
  takesReferences: false,
  passes: 2,
  videos({ video, mask, frames }) {
    const masked = video.map((value, i) => value * (1 - mask[i % mask.length]));
    const asPicture = Float32Array.from({ length: video.length }, (_, i) => 2 * mask[i % mask.length] - 1);
    return [
      { data: masked, frames },
      { data: asPicture, frames },
    ];
  },
  tokens({ frames, height, width }, [known, mask], latentChannels) {
    const shape = {
      channels: latentChannels,
      frames: 1 + (frames - 1) / geometry.temporalStride,
      height: height / stride,
      width: width / stride,
    };
    const both = new Float32Array(2 * volumeLength(shape));
    both.set(known);
    both.set(mask, known.length);
    return {
      control: patchify(both, { ...shape, channels: 2 * latentChannels }, geometry.patchEdge),
      source: patchify(known, shape, geometry.patchEdge),
    };
  },
};

/** A family that is as small as one can be, known by its transformer's class alone. */
export const boxFamily: ModelFamily = {
  name: 'box',
  recognisedBy: 'BoxTransformer (transformer/config.json)',
  recognises: ({ transformer: config }) =>
    (config as { _class_name?: unknown } | null)?._class_name === 'BoxTransformer',
  geometry,
  defaults: {
    fill: 'grey',
    guidanceScale: 1,
    negativePrompt: '',
    removalPrompt: '',
    recommendedSteps: 4,
    strength: 1,
    workingPixels: 4096,
    maxWindowFrames: 7,
    overlapFrames: 1,
    textTokens: 1,
  },
  control,
  transformer,
  vae,
};
