import { join } from 'node:path';
import { parseSchedulerConfig, type Scheduler } from '../../src-shared/core/schedulers/index.ts';
import { readSourcePart, type TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';

/** A stored run: tensors `<prefix>_sigmas`, `<prefix>_timesteps`, `<prefix>_samples` of the scheduler in `folder`. */
interface Trace {
  readonly prefix: string;
  readonly folder: string;
}

/** `unipc_shift3_steps10_samples` belongs to the folder unipc_shift3; `euler_ltx_samples` to euler_ltx. */
function tracesOf(folder: GoldenFolder): Trace[] {
  return [...folder.tensors]
    .filter((name) => name.endsWith('_samples'))
    .sort()
    .map((name) => {
      const prefix = name.slice(0, -'_samples'.length);
      return { prefix, folder: prefix.replace(/_steps\d+$/, '') };
    });
}

/** The toy network of the vectors: tanh(x/2) + t/10000. */
function toyVelocity(sample: Float32Array, timestep: number): Float32Array {
  return sample.map((value) => Math.tanh(0.5 * value) + (0.1 * timestep) / 1000);
}

async function numbers(store: TensorStore, name: string): Promise<ArrayLike<number>> {
  return store.get(name).type === 'I32' ? store.int32(name) : store.float32(name);
}

async function compareTrace(
  scheduler: Scheduler,
  store: TensorStore,
  prefix: string,
  tolerance: number,
  results: Comparisons,
): Promise<void> {
  const initial = await store.float32('sample_init');
  const samples: number[] = [];
  const velocities: number[] = [];
  let sample = initial;
  for (let step = 0; step < scheduler.steps; step++) {
    const velocity = toyVelocity(sample, scheduler.timesteps[step]);
    sample = scheduler.step(velocity, sample, step);
    velocities.push(...velocity);
    samples.push(...sample);
  }
  const sigmas = `${prefix}_sigmas`;
  results.check(sigmas, scheduler.sigmas, await store.float32(sigmas), 1e-6);
  const timesteps = `${prefix}_timesteps`;
  // UniPC's are whole numbers and must be equal; Euler's are float32 numbers up to 1000.
  const isWhole = store.get(timesteps).type === 'I32';
  results.check(timesteps, scheduler.timesteps, await numbers(store, timesteps), isWhole ? 0 : 2e-4);
  results.check(`${prefix}_samples`, samples, await store.float32(`${prefix}_samples`), tolerance);
  const outputs = `${prefix}_model_outputs`;
  if (store.has(outputs)) results.check(outputs, velocities, await store.float32(outputs), tolerance);
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const store = await openCase(folder);
  try {
    for (const trace of tracesOf(folder)) {
      const source = await readSourcePart(join(folder.path, trace.folder), 'scheduler_config.json');
      const length = `${trace.prefix}_seq_len`;
      const scheduler = parseSchedulerConfig(source.config, source.configPath).create({
        steps: store.shape(`${trace.prefix}_samples`)[0],
        ...(store.has(length) ? { tokenCount: (await store.int32(length))[0] } : {}),
      });
      await compareTrace(scheduler, store, trace.prefix, context.tolerances.scheduler, results);
    }
  } finally {
    await store.close();
  }
}

/** Traces of samplers on a toy network. */
export const schedulerKind: GoldenKind = {
  matches: ({ classes, tensors }) =>
    tensors.has('sample_init') &&
    classes.size > 0 &&
    [...classes.values()].every((className) => className.endsWith('Scheduler')),
  run,
};
