import { rowDrift, type TimeDrift } from '../../../src-shared/core/caches/index.ts';
import { gatherRows } from '../../../src-shared/core/tokens/index.ts';
import type { Transformer } from './denoiser.ts';
import type { TensorMap } from './session.ts';
import { floatsOf, floatTensor } from './tensors.ts';

/** Tokens that the content-dependent drift is measured on, evenly spread over the window. */
const probeTokens = 256;

/** What the first layers of the transformer say of a step, at next to no cost. */
export interface DriftProbe {
  /** The first block's modulated input, [m, D], of a fixed sample of the tokens. */
  modulatedInput(sample: Float32Array, timestep: number): Promise<Float32Array>;
}

async function runDrift(
  { sessions, type, spec }: Transformer,
  rows: Float32Array,
  timestep: number,
): Promise<TensorMap> {
  const session = await sessions.session('drift');
  const width = spec.tokenLength;
  return session.run({
    tokens: floatTensor(rows, [1, rows.length / width, width], type),
    timestep: floatTensor(Float32Array.of(timestep), [1], 'float32'),
  });
}

/** How far the time embedding moves over the run's timesteps. */
export async function measureTimeDrift(
  transformer: Transformer,
  timesteps: Float32Array,
): Promise<TimeDrift> {
  const anyToken = new Float32Array(transformer.spec.tokenLength);
  const embeddings: Float32Array[] = [];
  const projections: Float32Array[] = [];
  for (const timestep of timesteps) {
    const outputs = await runDrift(transformer, anyToken, timestep);
    embeddings.push(floatsOf(outputs['temb']));
    projections.push(floatsOf(outputs['timestepProj']));
  }
  return { embedding: rowDrift(embeddings), projection: rowDrift(projections) };
}

/** A probe for windows of `tokens` tokens. */
export function createDriftProbe(transformer: Transformer, tokens: number): DriftProbe {
  const width = transformer.spec.tokenLength;
  const count = Math.min(probeTokens, tokens);
  const sampled = Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * tokens) / count));
  return {
    async modulatedInput(sample, timestep) {
      const outputs = await runDrift(transformer, gatherRows(sample, width, sampled), timestep);
      return floatsOf(outputs['modulatedInput']);
    },
  };
}
