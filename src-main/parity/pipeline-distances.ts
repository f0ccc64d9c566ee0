import { join } from 'node:path';
import { relativeL1 } from '../../src-shared/core/caches/index.ts';
import { buildWanVaceDit, parseWanVaceConfig } from '../../src-shared/core/graph/index.ts';
import type { Session } from '../engine/network/session.ts';
import { floatsOf } from '../engine/network/tensors.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import type { GoldenFolder } from './golden-folder.ts';
import type { ParityContext } from './golden-kind.ts';
import { denoiserOf, type SamplingRequest, type SamplingTrace } from './pipeline-run.ts';

/** Golden tensor → tap, and which stream of the batch it is of. */
const distances = [
  { name: 'rel_l1_block0_modulated_cond', tap: 'block0ModulatedInput', stream: 0 },
  { name: 'rel_l1_block0_modulated_uncond', tap: 'block0ModulatedInput', stream: 1 },
  { name: 'rel_l1_timestep_proj', tap: 'timestepProj', stream: 0 },
  { name: 'rel_l1_temb', tap: 'temb', stream: 0 },
] as const;

/** How much the stored run's features change from step to step: what caches decide by. */
export async function compareDistances(
  pipeline: {
    readonly folder: GoldenFolder;
    readonly context: ParityContext;
    readonly results: Comparisons;
    readonly store: TensorStore;
  },
  request: SamplingRequest,
  trace: SamplingTrace,
): Promise<void> {
  const { folder, context, results, store } = pipeline;
  const wanted = distances.filter(({ name }) => folder.tensors.has(name));
  if (wanted.length === 0) return;
  const { precision } = context;
  const taps = [...new Set(wanted.map(({ tap }) => tap))];
  const part = await context.importPart(
    request.model.family,
    'transformer',
    join(folder.path, 'transformer'),
    (config, path) => [
      { ...buildWanVaceDit(parseWanVaceConfig(config, path), { precision, taps }), name: 'transformer-taps' },
    ],
  );
  const tapped = await part.open('transformer-taps');
  const steps: Record<string, Float32Array>[] = [];
  const recording: Session = {
    ...tapped,
    async run(feeds) {
      const outputs = await tapped.run(feeds);
      steps.push(Object.fromEntries(taps.map((tap) => [tap, floatsOf(outputs[tap])])));
      return outputs;
    },
  };
  try {
    const denoiser = denoiserOf(request, recording);
    for (const call of trace.calls) await denoiser.run(call);
  } finally {
    await tapped.release();
  }
  const streams = request.texts.length;
  for (const { name, tap, stream } of wanted) {
    const ofStream = (data: Float32Array): Float32Array => {
      const size = data.length / streams;
      return data.subarray(stream * size, (stream + 1) * size);
    };
    const values = steps.slice(1).map((step, i) => relativeL1(ofStream(step[tap]), ofStream(steps[i][tap])));
    results.check(name, values, await store.float32(name), context.tolerances.distance);
  }
}
