import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { GraphParameter } from '../../src-shared/core/graph/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import { availableBytes, requireDiskSpace, toUserError } from '../storage/index.ts';
import { planPart, type PartName } from './part-plan.ts';
import { RandomElements, spreadFor, type GeneratedType } from './random-weights.ts';
import { writeShards, type TensorToWrite } from './safetensors-writer.ts';
import {
  modelIndex,
  synthFamilies,
  textEncoderConfig,
  type SynthSizes,
  type SynthText,
} from './synth-configs.ts';

export interface SynthRequest {
  readonly sizes: SynthSizes;
  readonly text: SynthText;
  readonly outDir: string;
  readonly type: GeneratedType;
  readonly seed: number;
}

export interface SynthResult {
  readonly path: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly seconds: number;
}

const bytesPerElement: Readonly<Record<GeneratedType, number>> = { F32: 4, F16: 2, BF16: 2 };

/** Data of one file: below what common file systems and tools have trouble with. */
const shardBytes = 4e9;
const chunkElements = 2 ** 21;

interface SynthPart {
  readonly name: PartName;
  readonly folder: string;
  readonly stem: string;
  readonly config: Record<string, unknown>;
}

function partsOf({ sizes, text }: SynthRequest): SynthPart[] {
  const stem = 'diffusion_pytorch_model';
  const { transformer, vae } = synthFamilies[sizes.family];
  return [
    { name: 'transformer', folder: 'transformer', stem, config: transformer(sizes) },
    { name: 'vae', folder: 'vae', stem, config: vae(sizes) },
    ...(text === 'none'
      ? []
      : [
          {
            name: 'text-encoder' as const,
            folder: 'text_encoder',
            stem: 'model',
            config: textEncoderConfig(sizes, text),
          },
        ]),
  ];
}

/** The tensors of a part are those that its graphs read: there is no second list to keep in step. */
function tensorsOf(part: SynthPart, request: SynthRequest): TensorToWrite[] {
  const source = { folder: part.folder, configPath: `${part.folder}/config.json`, config: part.config };
  const parameters = new Map<string, GraphParameter>();
  for (const graph of planPart(synthFamilies[request.sizes.family].family, part.name, source, 'fp32').graphs) {
    for (const parameter of graph.parameters) parameters.set(parameter.source, parameter);
  }
  const { type, seed } = request;
  return [...parameters.values()].map(({ source: name, sourceShape: shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return {
      name,
      type,
      shape,
      byteLength: count * bytesPerElement[type],
      *chunks() {
        const elements = new RandomElements(seed, name, spreadFor(name, shape), type);
        for (let done = 0; done < count; done += chunkElements) {
          yield elements.next(Math.min(chunkElements, count - done));
        }
      },
    };
  });
}

async function requireAbsent(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw usageError('output-exists', `${path}: is not a folder.`, 'Choose another --out.');
  });
  if (names.length > 0) throw usageError('output-exists', `${path}: is not empty.`, 'Choose another --out.');
}

/**
 * Writes a model of random weights in the diffusers layout, of any size, without holding more than a few MB: for
 * measuring what a real model costs where none can be had. Nothing is overwritten; a run that fails leaves nothing.
 */
export async function synthModel(
  request: SynthRequest,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<SynthResult> {
  const start = performance.now();
  const path = resolve(request.outDir);
  await requireAbsent(path);
  const parts = partsOf(request).map((part) => ({ part, tensors: tensorsOf(part, request) }));
  const bytes = parts.flatMap(({ tensors }) => tensors).reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const staging = join(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    const steps = Math.round(bytes / 2 ** 20);
    onProgress?.({ stage: 'import', step: Math.round(done / 2 ** 20), steps, unit: 'MB' });
  };
  try {
    await mkdir(staging, { recursive: true });
    await requireDiskSpace(staging, bytes, availableBytes, 'Free some space or choose another --out.');
    for (const { part, tensors } of parts) {
      const folder = join(staging, part.folder);
      await mkdir(folder);
      await writeJson(join(folder, 'config.json'), part.config);
      await writeShards(folder, tensors, {
        stem: part.stem,
        maximumBytes: shardBytes,
        onBytes,
        ...(signal === undefined ? {} : { signal }),
      });
    }
    await mkdir(join(staging, 'scheduler'));
    await writeJson(join(staging, 'scheduler', 'scheduler_config.json'), synthFamilies[request.sizes.family].scheduler);
    await writeJson(join(staging, 'model_index.json'), modelIndex(request.sizes, request.text));
    await rm(path, { recursive: true, force: true });
    await rename(staging, path);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error instanceof HetcutError ? error : toUserError(error, path, 'Choose another --out.');
  }
  const parameters = bytes / bytesPerElement[request.type];
  return { path, parameters, bytes, seconds: (performance.now() - start) / 1000 };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx' });
}
