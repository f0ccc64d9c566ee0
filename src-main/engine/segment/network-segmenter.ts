import { join } from 'node:path';
import { HetcutError, usageError } from '../../../src-shared/core/errors/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import {
  maskLogits,
  MemoryBank,
  placesIn,
  resizeLogits,
  squareRgb,
  type FrameMemory,
} from '../../../src-shared/core/segment/index.ts';
import { rgbBytes } from '../composite/planes.ts';
import type { ClipInfo, VideoFrame } from '../frames.ts';
import type { DescribedSession, TensorMap, TensorValue } from '../network/session.ts';
import type { Prompt, Segmented, Segmenter } from './segmenter.ts';
import {
  checkGraph,
  graphShapes,
  readConstants,
  segmenterGraphs,
  type SegmenterConstants,
  type SegmenterGraph,
} from './segmenter-folder.ts';

/** What opens graphs. */
export interface OpenGraph {
  open(path: string): Promise<DescribedSession>;
}

/** An imported segmenter, opened and checked. */
export interface SegmenterNetwork {
  readonly constants: SegmenterConstants;
  readonly graphs: Readonly<Record<SegmenterGraph, DescribedSession>>;
  release(): Promise<void>;
}

/** Opens the five graphs of a folder. Throws `segmenter-constants`, `segmenter-missing`, `segmenter-graph`. */
export async function openSegmenter(folder: string, opener: OpenGraph): Promise<SegmenterNetwork> {
  const constants = await readConstants(folder);
  const shapes = graphShapes(constants);
  const opened: Partial<Record<SegmenterGraph, DescribedSession>> = {};
  const release = async (): Promise<void> => {
    for (const session of Object.values(opened)) await session.release();
  };
  try {
    for (const graph of segmenterGraphs) {
      const path = join(folder, `${graph}.onnx`);
      const session = await opener.open(path).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new HetcutError('segmenter-graph', `${graph}.onnx cannot be opened: ${why}`, {
          hint: 'Import the segmenter again, from a folder with its five graphs.',
          exitCode: 2,
          cause,
        });
      });
      opened[graph] = session;
      checkGraph(graph, session, shapes[graph]);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { constants, graphs: opened as Record<SegmenterGraph, DescribedSession>, release };
}

/** Features of one frame. */
interface Encoded {
  readonly frame: number;
  readonly features: TensorMap;
}

/** Of masks that are given rather than found: almost certain, as SAM 2 takes them (`_use_mask_as_output`). */
const givenLogit = 10;

const floats = (data: Float32Array, dims: readonly number[]): TensorValue => ({
  type: 'float32',
  dims,
  data,
});

/**
 * A segmenter of SAM 2's kind (SAM 2.1, EdgeTAM in the same export) over a clip; its masks are of `size`. The memory bank is
 * kept here: see `MemoryBank`.
 */
export function networkSegmenter(
  { constants, graphs }: SegmenterNetwork,
  clip: ClipInfo,
  size: { readonly width: number; readonly height: number },
): Segmenter<Encoded, MemoryBank> {
  const { side, cells, sizes, temporal } = constants;
  const featureDims = [1, sizes.hidden, cells, cells];

  /** Runs a graph with its inputs in their order. Throws `segmenter-run`, which names the graph. */
  async function run(graph: SegmenterGraph, values: readonly TensorValue[]): Promise<TensorMap> {
    const session = graphs[graph];
    const feeds = Object.fromEntries(session.inputs.map(({ name }, at) => [name, values[at]]));
    try {
      return await session.run(feeds);
    } catch (cause) {
      const given = session.inputs
        .map(({ name }, at) => `${name} [${values[at].dims.join(', ')}]`)
        .join(', ');
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new HetcutError('segmenter-run', `${graph}.onnx does not run: ${why} It was given ${given}.`, {
        hint: 'Import the segmenter again from one export, or use the built-in one.',
        cause,
      });
    }
  }

  /** An output's numbers. Throws `segmenter-run` where they are not of the length that is needed. */
  function output(graph: SegmenterGraph, outputs: TensorMap, name: string, length: number): Float32Array {
    const value = outputs[name];
    if (value?.type === 'float32' && value.data.length === length) return value.data;
    const found = value === undefined ? 'nothing' : `${value.type} [${value.dims.join(', ')}]`;
    throw usageError(
      'segmenter-run',
      `${graph}.onnx: its output ${name} is ${found}, needed are ${length} float32 numbers.`,
      'Import the segmenter again from one export, or use the built-in one.',
    );
  }

  /** [hidden, cells, cells] as [tokens, hidden]. */
  const tokensOf = (planes: Float32Array): Float32Array => {
    const tokens = new Float32Array(planes.length);
    for (let channel = 0; channel < sizes.hidden; channel++)
      for (let token = 0; token < sizes.tokens; token++)
        tokens[token * sizes.hidden + channel] = planes[channel * sizes.tokens + token];
    return tokens;
  };

  const featuresOf = ({ features }: Encoded, name: string): TensorValue =>
    floats(output('vision_encoder', features, name, sizes.hidden * sizes.tokens), featureDims);

  interface Decoded {
    /** [side, side] */
    readonly logits: Float32Array;
    readonly pointer: Float32Array;
    /** Above 0 where the object is in the picture. */
    readonly score: number;
    /** 0…1: how well the mask is thought to fit. */
    readonly fit: number;
  }

  async function decode(
    encoded: Encoded,
    conditioned: TensorValue,
    { points, labels }: { readonly points: Float32Array; readonly labels: Int32Array },
  ): Promise<Decoded> {
    const { feats0, feats1 } = encoded.features;
    const found = await run('mask_decoder', [
      feats0,
      feats1,
      conditioned,
      floats(points, [1, 1, labels.length, 2]),
      { type: 'int32', dims: [1, 1, labels.length], data: labels },
    ]);
    return {
      logits: output('mask_decoder', found, 'high_res_mask', side * side),
      pointer: output('mask_decoder', found, 'object_pointer', sizes.hidden),
      score: output('mask_decoder', found, 'object_score_logits', 1)[0],
      fit: output('mask_decoder', found, 'iou', 1)[0],
    };
  }

  async function remember(
    encoded: Encoded,
    { logits, score, pointer }: Decoded,
    isGiven: boolean,
  ): Promise<FrameMemory> {
    const found = await run('memory_encoder', [
      featuresOf(encoded, 'feats2'),
      floats(logits, [1, 1, side, side]),
      floats(Float32Array.of(score), [1, 1]),
      floats(Float32Array.of(isGiven ? 1 : 0), []),
    ]);
    const length = sizes.tokens * sizes.memory;
    return {
      frame: encoded.frame,
      features: output('memory_encoder', found, 'memory_tokens', length),
      positions: output('memory_encoder', found, 'memory_pos', length),
      pointer,
    };
  }

  const segmentedOf = ({ logits, score, fit }: Decoded): Segmented =>
    score <= 0
      ? { mask: new Uint8Array(size.width * size.height), confidence: 0 }
      : {
          mask: resizeLogits(logits, side, size.width, size.height),
          confidence: Math.min(1, Math.max(0, fit)) / (1 + Math.exp(-score)),
        };

  const firstOutput = (graph: SegmenterGraph, outputs: TensorMap, length: number): Float32Array =>
    output(graph, outputs, graphs[graph].outputNames[0], length);

  return {
    async encode({ index, planes }: VideoFrame) {
      const rgb = rgbBytes(planes, clip);
      const square = squareRgb(rgb, clip.width, clip.height, side, {
        mean: constants.mean.map((value) => 255 * value),
        deviation: constants.deviation.map((value) => 255 * value),
      });
      const features = await run('vision_encoder', [floats(square, [1, 3, side, side])]);
      return { frame: index, features };
    },
    async prompt(encoded, prompt) {
      const places = prompt.kind === 'places' ? prompt : placesOfMask(prompt.mask, clip);
      const decoded = await decode(
        encoded,
        featuresOf(encoded, 'feats2_no_mem'),
        placesIn(places, clip, side),
      );
      // A mask that is given is the object, whatever the network makes of its places.
      const known =
        prompt.kind === 'mask'
          ? {
              ...decoded,
              score: givenLogit,
              logits: maskLogits(prompt.mask, clip.width, clip.height, side, givenLogit),
            }
          : decoded;
      const memory = new MemoryBank(
        sizes,
        temporal,
        await remember(encoded, known, true),
        clip.ptsSec.length,
      );
      const segmented = segmentedOf(known);
      return { ...segmented, confidence: prompt.kind === 'mask' ? 1 : segmented.confidence, memory };
    },
    async propagate(encoded, bank) {
      const reading = bank.read(encoded.frame);
      const offsets = await run('pointer_tpos', [floats(reading.pointerOffsets, [sizes.pointers])]);
      bank.placePointers(reading, firstOutput('pointer_tpos', offsets, sizes.pointers * sizes.memory));
      const rows = reading.memory.length / sizes.memory;
      const tokenDims = [sizes.tokens, 1, sizes.hidden];
      const tokens = (name: string): TensorValue =>
        floats(tokensOf(featuresOf(encoded, name).data as Float32Array), tokenDims);
      const attended = await run('memory_attention', [
        tokens('feats2'),
        tokens('vision_pos_embed'),
        floats(reading.memory, [rows, 1, sizes.memory]),
        floats(reading.positions, [rows, 1, sizes.memory]),
      ]);
      const conditioned = floats(
        firstOutput('memory_attention', attended, sizes.hidden * sizes.tokens),
        featureDims,
      );
      // Without a place: SAM 2 pads with one that says nothing.
      const decoded = await decode(encoded, conditioned, {
        points: new Float32Array(2),
        labels: Int32Array.of(-1),
      });
      bank.add(await remember(encoded, decoded, false));
      return segmentedOf(decoded);
    },
  };
}

/** A mask as a prompt of places: the box around it, and the place deepest inside it. */
function placesOfMask(
  mask: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Extract<Prompt, { readonly kind: 'places' }> {
  const box = boundingBox(mask, width);
  if (box === null) {
    throw usageError('track-mask-empty', 'The mask is empty.', 'Paint over the object in one frame.');
  }
  let best = { depth: -1, x: box.x, y: box.y };
  const lies = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] > 127;
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      if (!lies(x, y)) continue;
      let depth = 0;
      while (lies(x - depth, y) && lies(x + depth, y) && lies(x, y - depth) && lies(x, y + depth)) depth++;
      if (depth > best.depth) best = { depth, x, y };
    }
  }
  return {
    kind: 'places',
    add: [[best.x + 0.5, best.y + 0.5]],
    remove: [],
    box: { from: [box.x, box.y], to: [box.x + box.width, box.y + box.height] },
  };
}
