import type { PlainData } from '../../plain-data/index.ts';
import { gaussianNoise } from '../../random/index.ts';
import { guide } from '../../schedulers/index.ts';
import { gatherRows, partitionTokens, sampleQueries, type TokenPartition } from '../../tokens/index.ts';
import type { CacheMethod, CacheRun, NetworkOutput, StepKind, StepView } from '../cache-method.ts';

/** Elements of a toy token, as of a real one's: rows of that many numbers. */
export const tokenWidth = 8;
const featureDims = 64;

/** A window of 5 frames of 64 pixels × `width` (96: 2 × 4 × 6 tokens) with a square hole. */
export function toyPartition(marginSpace = 1, holeEdge = 16, width = 96): TokenPartition {
  const shape = { frames: 5, height: 64, width };
  const mask = new Float32Array(shape.frames * shape.height * shape.width);
  for (let t = 0; t < shape.frames; t++) {
    for (let y = 0; y < holeEdge; y++) mask.fill(1, (t * 64 + y) * width, (t * 64 + y) * width + holeEdge);
  }
  return partitionTokens(mask, shape, { marginTokens: { space: marginSpace, time: 1 } });
}

/** Noise levels evenly from 1 to 0. */
export function toyRun(changes: Partial<CacheRun> = {}): CacheRun {
  const steps = changes.steps ?? 20;
  const sigmas = Float32Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
  const drift = Float32Array.from({ length: steps }, (_, i) => (i === 0 ? 0 : 0.05 + 0.01 * (i % 3)));
  return {
    steps,
    timesteps: sigmas.subarray(0, steps).map((sigma) => 1000 * sigma),
    sigmas,
    streams: 1,
    guidanceScale: 1,
    partition: toyPartition(),
    drift: { embedding: drift, projection: drift },
    partialCost: 0.4,
    calibration: { magnitudeRatios: Array.from({ length: 30 }, (_, i) => (i === 0 ? 1 : 0.99)) },
    ...changes,
  };
}

/** One network call of a toy run. */
export interface ToyCall {
  readonly stepIndex: number;
  readonly kind: StepKind;
  /** Of the call: how many, and which where not all. */
  readonly tokens: number;
  readonly part?: Int32Array;
  readonly streams: number;
}

export interface ToyResult {
  readonly sample: Float32Array;
  /** Velocities of each step and stream. */
  readonly velocities: readonly (readonly Float32Array[])[];
  readonly kinds: readonly StepKind[];
  readonly calls: readonly ToyCall[];
}

/**
 * A network that depends on sample, timestep, stream and token, smooth in all of them; its attention is a mean over the
 * tokens of the call, so that dropped tokens change the others.
 */
function toyNetwork(
  rows: Float32Array,
  tokens: Int32Array,
  timestep: number,
  stream: number,
  seed: number,
): Float32Array {
  const mean = rows.reduce((sum, value) => sum + value, 0) / rows.length;
  return rows.map((value, i) => {
    const token = tokens[Math.floor(i / tokenWidth)];
    return Math.sin(0.7 * token + 0.002 * timestep * (1 + stream) + seed) + 0.3 * value + 0.2 * mean;
  });
}

/** Walks `method` over `run` with Euler's steps, checking the interface's order of calls on the way. */
export function runToy(
  first: CacheMethod,
  run: CacheRun,
  options: {
    readonly guidanceScale?: number;
    readonly networkSeed?: number;
    readonly noiseSeed?: number;
    /** Before step `at` another instance takes over, from a `copy` of what the first one saves there. */
    readonly takeover?: {
      readonly at: number;
      readonly by: CacheMethod;
      readonly copy: (memory: PlainData) => PlainData;
    };
  } = {},
): ToyResult {
  const { guidanceScale = 1, networkSeed = 0, noiseSeed = 1, takeover } = options;
  const { count, generative } = run.partition;
  const all = Int32Array.from({ length: count }, (_, i) => i);
  let sample = gaussianNoise(noiseSeed, 0, count * tokenWidth);
  const velocities: Float32Array[][] = [];
  const kinds: StepKind[] = [];
  const calls: ToyCall[] = [];
  let method = first;
  method.start(run);
  for (let stepIndex = 0; stepIndex < run.steps; stepIndex++) {
    if (stepIndex === takeover?.at) {
      const memory = method.save(stepIndex);
      if (memory === undefined) throw new RangeError(`the method saves nothing before step ${stepIndex}`);
      method = takeover.by;
      method.start(run, takeover.copy(memory));
    }
    const timestep = run.timesteps[stepIndex];
    const view: StepView = {
      stepIndex,
      sample,
      ...(method.needs.modulatedInput === true && {
        modulatedInput: sample.map((value, i) => value + Math.cos(0.01 * timestep + i)),
      }),
    };
    const { kind, conditionalOnly = false } = method.decide(view);
    kinds.push(kind);
    if (kind !== 'reuse') {
      const part = kind === 'partial' ? method.part(view) : undefined;
      const tokens = part !== undefined && 'tokens' in part ? part.tokens : all;
      const streams = conditionalOnly ? 1 : run.streams;
      const rows = gatherRows(sample, tokenWidth, tokens);
      const selects = kind === 'full' && method.needs.selection !== undefined;
      const output: NetworkOutput = {
        velocities: Array.from({ length: streams }, (_, stream) =>
          toyNetwork(rows, tokens, timestep, stream, networkSeed),
        ),
        ...(selects && {
          importance: importanceOf(sampleQueries(generative, 8, stepIndex), count),
          features: gaussianNoise(3, 0, count * featureDims).map(
            (value, i) => value + 0.01 * sample[i % sample.length],
          ),
        }),
      };
      calls.push({
        stepIndex,
        kind,
        tokens: tokens.length,
        streams,
        ...(tokens !== all && { part: tokens.slice() }),
      });
      method.observe(view, output);
    }
    const streams = method.velocities(view);
    velocities.push(streams.map((velocity) => velocity.slice()));
    const [cond, uncond] = streams;
    const velocity = uncond === undefined ? cond : guide(cond, uncond, guidanceScale);
    const change = run.sigmas[stepIndex + 1] - run.sigmas[stepIndex];
    sample = sample.map((value, i) => value + change * velocity[i]);
  }
  return { sample, velocities, kinds, calls };
}

function importanceOf(queries: Int32Array, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    queries.reduce((sum, query) => sum + 1 / (1 + Math.abs(query - i)), 0),
  );
}
