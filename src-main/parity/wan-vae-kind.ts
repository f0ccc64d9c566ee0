import { join } from 'node:path';
import { denormaliseLatents, normaliseLatents } from '../../src-shared/core/control/index.ts';
import {
  buildWanVaeDecoder,
  buildWanVaeEncoder,
  parseWanVaeConfig,
  wanVaeLatentFrames,
  type Precision,
  type WanVaeConfig,
} from '../../src-shared/core/graph/index.ts';
import { wanVace, wanVaeSpec } from '../../src-shared/core/families/index.ts';
import type { Session, TensorMap } from '../engine/network/session.ts';
import { floatsOf, floatTensor } from '../engine/network/tensors.ts';
import type { VaeGraph } from '../engine/network/model-folder.ts';
import { lazySessions } from '../engine/network/lazy-sessions.ts';
import { createVaeCodec, type VaeCodec } from '../engine/network/vae-codec.ts';
import { vaeGraphNames, type TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import { onCpu, type GoldenKind, type ParityContext } from './golden-kind.ts';
import type { Tolerances } from './tolerances.ts';
import { batchShape, framesOf, perElement, type BatchShape } from './volumes.ts';

interface VaeCase {
  readonly folder: GoldenFolder;
  readonly store: TensorStore;
  readonly config: WanVaeConfig;
  readonly results: Comparisons;
  readonly tolerances: Tolerances;
}

/** A batch of volumes with its sizes. */
interface Volumes {
  readonly data: Float32Array;
  readonly shape: BatchShape;
}

async function readVolumes(store: TensorStore, name: string): Promise<Volumes> {
  return { data: await store.float32(name), shape: batchShape(store.shape(name)) };
}

/** The first `frames` frames of every volume. */
async function firstFrames({ data, shape }: Volumes, frames: number): Promise<Volumes> {
  const first = await perElement(data, shape.batch, (volume) => framesOf(volume, shape, 0, frames));
  return { data: first, shape: { ...shape, frames } };
}

/** Runs a graph with one input on every volume of the batch and takes one of its outputs. */
function runEach(
  session: Session,
  input: string,
  output: string,
  { data, shape }: Volumes,
): Promise<Float32Array> {
  const dims = [1, shape.channels, shape.frames, shape.height, shape.width];
  return perElement(data, shape.batch, async (volume) => {
    const outputs = await session.run({ [input]: floatTensor(volume, dims, 'float32') }, [output]);
    return floatsOf(outputs[output]);
  });
}

/** Numbers n of the tensors `<prefix><n>f<suffix>`, ascending. */
function frameCounts(folder: GoldenFolder, pattern: RegExp): number[] {
  return [...folder.tensors]
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

const tapsGraph = (part: 'encoder' | 'decoder'): string => `vae-${part}-taps`;

function tapGraphs(config: WanVaeConfig, precision: Precision) {
  const options = { precision, form: 'full', taps: true } as const;
  return [
    { ...buildWanVaeEncoder(config, options), name: tapsGraph('encoder') },
    { ...buildWanVaeDecoder(config, options), name: tapsGraph('decoder') },
  ];
}

/** Moments of the first n frames: by the whole graph, and in chunks of one latent frame with explicit state. */
async function compareEncodings(
  { folder, store, config, results, tolerances }: VaeCase,
  graphs: { readonly full: Session; readonly taps: Session; readonly chunked: VaeCodec },
): Promise<void> {
  const [frames] = frameCounts(folder, /^video_(\d+)f$/).reverse();
  const video = await readVolumes(store, `video_${frames}f`);
  const statistics = { mean: config.latentsMean, std: config.latentsStd };
  for (const n of frameCounts(folder, /^enc_(\d+)f_mean$/)) {
    const clip = await firstFrames(video, n);
    const golden = await store.float32(`enc_${n}f_mean`);
    const mean = await runEach(graphs.full, 'video', 'mean', clip);
    results.check(`enc_${n}f_mean`, mean, golden, tolerances.vaeEncode);
    const latentShape = batchShape(store.shape(`enc_${n}f_mean`));
    const chunked = await perElement(clip.data, clip.shape.batch, async (volume) =>
      denormaliseLatents(await graphs.chunked.encode(volume, clip.shape), latentShape, statistics),
    );
    results.check(`enc_${n}f_mean (chunks)`, chunked, golden, tolerances.vaeEncode);
    const normalised = `enc_${n}f_mean_normalized`;
    if (store.has(normalised)) {
      const own = await perElement(mean, latentShape.batch, (volume) =>
        normaliseLatents(volume, latentShape, statistics),
      );
      results.check(normalised, own, await store.float32(normalised), tolerances.vaeEncode);
    }
    const logvar = `enc_${n}f_logvar`;
    if (store.has(logvar)) {
      const own = await runEach(graphs.taps, 'video', 'logvar', clip);
      results.check(logvar, own, await store.float32(logvar), tolerances.vaeEncode);
    }
  }
}

/** Pictures of the first latent frames, both ways. */
async function compareDecodings(
  { folder, store, config, results, tolerances }: VaeCase,
  graphs: { readonly full: Session; readonly chunked: VaeCodec },
): Promise<void> {
  const z = await readVolumes(store, 'z');
  const statistics = { mean: config.latentsMean, std: config.latentsStd };
  for (const n of frameCounts(folder, /^dec_(\d+)f$/)) {
    const latents = await firstFrames(z, wanVaeLatentFrames(config, n));
    const golden = await store.float32(`dec_${n}f`);
    const video = await runEach(graphs.full, 'z', 'video', latents);
    results.check(`dec_${n}f`, video, golden, tolerances.vaeDecode);
    const chunked = await perElement(latents.data, latents.shape.batch, (volume) =>
      graphs.chunked.decode(normaliseLatents(volume, latents.shape, statistics), latents.shape),
    );
    results.check(`dec_${n}f (chunks)`, chunked, golden, tolerances.vaeDecode);
  }
  if (!store.has('latents_normalized')) return;
  const normalised = await readVolumes(store, 'latents_normalized');
  const own = await perElement(normalised.data, normalised.shape.batch, (volume) =>
    denormaliseLatents(volume, normalised.shape, statistics),
  );
  // One multiplication and one addition in float32, of numbers up to about 10.
  results.check('z', own, z.data, 2e-6);
}

/** What each layer of one direction puts out, and its end result. */
async function compareStages(
  { folder, store, results }: VaeCase,
  session: Session,
  stage: {
    readonly input: string;
    readonly tensor: string;
    readonly result: [string, string];
    readonly owns: RegExp;
  },
  tolerance: number,
): Promise<void> {
  if (!store.has(stage.tensor)) return;
  const { data, shape } = await readVolumes(store, stage.tensor);
  const dims = [1, shape.channels, shape.frames, shape.height, shape.width];
  const outputs: TensorMap = await session.run({ [stage.input]: floatTensor(data, dims, 'float32') });
  const [resultTensor, output] = stage.result;
  results.check(resultTensor, floatsOf(outputs[output]), await store.float32(resultTensor), tolerance);
  for (const name of [...folder.tensors].sort()) {
    const layer = name.slice('stage.'.length);
    if (!name.startsWith('stage.') || !stage.owns.test(layer)) continue;
    const own = outputs[layer];
    if (own === undefined) results.fail(name, 'the graph has no such layer');
    else results.check(name, floatsOf(own), await store.float32(name), tolerance);
  }
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const { precision, tolerances, sessions } = context;
  const part = await context.importPart(wanVace, 'vae', join(folder.path, 'vae'), (json, path) =>
    tapGraphs(parseWanVaeConfig(json, path), precision),
  );
  const config = parseWanVaeConfig(part.config, part.configPath);
  const store = await openCase(folder);
  const paths = Object.entries(vaeGraphNames).map(([role, name]) => [role, part.path(name)]);
  const vae = lazySessions(sessions, Object.fromEntries(paths) as Record<VaeGraph, string>, onCpu);
  const [encoderTaps, decoderTaps] = [
    await part.open(tapsGraph('encoder')),
    await part.open(tapsGraph('decoder')),
  ];
  // No memory at all: the smallest chunks there are.
  const chunked = createVaeCodec(vae, wanVaeSpec(config), {
    pass: { chunkFrames: wanVaeSpec(config).temporalFactor },
  });
  const vaeCase: VaeCase = { folder, store, config, results, tolerances };
  try {
    await compareEncodings(vaeCase, { full: await vae.session('encoder'), taps: encoderTaps, chunked });
    await compareDecodings(vaeCase, { full: await vae.session('decoder'), chunked });
    const video = [...folder.tensors].find((name) => /^stage_video_\d+f$/.test(name)) ?? '';
    await compareStages(
      vaeCase,
      encoderTaps,
      { input: 'video', tensor: video, result: ['stage_enc_mean', 'mean'], owns: /^(encoder\.|quant_conv)/ },
      tolerances.vaeEncode,
    );
    await compareStages(
      vaeCase,
      decoderTaps,
      { input: 'z', tensor: 'stage_z', result: ['stage_dec', 'video'], owns: /^(decoder\.|post_quant_conv)/ },
      tolerances.vaeDecode,
    );
  } finally {
    await Promise.all([encoderTaps.release(), decoderTaps.release(), vae.release(), store.close()]);
  }
}

/** Wan's video autoencoder: whole clips, chunks with explicit state, and what each layer puts out. */
export const wanVaeKind: GoldenKind = {
  matches: ({ classes, files, tensors }) =>
    classes.get('vae') === 'AutoencoderKLWan' &&
    !files.has('model_index.json') &&
    !classes.has('transformer') &&
    tensors.has('z'),
  run,
};
