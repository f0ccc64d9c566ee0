import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createMethod, type ModuleChoice } from '../../src-shared/core/caches/index.ts';
import { stack } from '../engine/network/tensors.ts';
import { encodeControl } from '../engine/generate/encode-control.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';
import { readPicture, storedNumber } from './pipeline-inputs.ts';
import { encodePrompts, openPipeline } from './pipeline-model.ts';
import { traceSampling, type SamplingTrace } from './pipeline-run.ts';

/** The folder next to the case that holds the model and the inputs of its runs. */
const pipelineName = 'E_pipeline';

/** How a stored run is repeated: with the attention broadcast or not, with guidance or not. */
type Repeat = (run: { readonly broadcast: boolean; readonly guided: boolean }) => Promise<SamplingTrace>;

/** The folder of the pipeline that the case was made on. Throws where there is none. */
async function pipelineBeside(folder: GoldenFolder): Promise<Pick<GoldenFolder, 'path' | 'name'>> {
  const path = join(folder.path, '..', pipelineName);
  for (const file of ['model_index.json', 'case.safetensors']) {
    await access(join(path, file)).catch(() => {
      throw new Error(
        `${join(path, file)} is missing: the case runs on the model and the inputs of that folder`,
      );
    });
  }
  // The folder may be among the cases itself: a name of its own keeps the imported models apart.
  return { path, name: `${folder.name}-model` };
}

/** The rule of the stored run, as options of `pab`: skips by calls, ranges by timesteps. */
async function storedOptions(store: TensorStore): Promise<Record<string, number>> {
  const [selfFrom, selfTo] = await store.int32('self_range');
  const [crossFrom, crossTo] = await store.int32('cross_range');
  const selfEvery = await storedNumber(store, 'self_skip');
  const crossEvery = await storedNumber(store, 'cross_skip');
  return { selfEvery, crossEvery, selfFrom, selfTo, crossFrom, crossTo };
}

/** 1 for each step that computed the attention of that kind, else 0. */
function computedBy({ calls }: SamplingTrace, kind: keyof ModuleChoice): number[] {
  return calls.map(({ part }) => (part === undefined || !('modules' in part) || part.modules[kind] ? 1 : 0));
}

async function compareRuns(
  store: TensorStore,
  repeat: Repeat,
  results: Comparisons,
  tolerance: number,
): Promise<void> {
  const compare = async (name: string, actual: Float32Array): Promise<void> =>
    results.check(name, actual, await store.float32(name), tolerance);

  await compare('nocache_cfg1_latents_final', (await repeat({ broadcast: false, guided: false })).final);
  const unguided = await repeat({ broadcast: true, guided: false });
  for (const [name, kind] of [
    ['self_attn_computed', 'selfAttention'],
    ['cross_attn_computed', 'crossAttention'],
  ] as const) {
    results.check(name, computedBy(unguided, kind), await store.int32(name), 0);
  }
  await compare('pab_cfg1_latents_after_step', stack(unguided.afterStep));

  await compare('nocache_cfg_latents_final', (await repeat({ broadcast: false, guided: true })).final);
  const guided = await repeat({ broadcast: true, guided: true });
  const half = guided.afterStep[Math.floor(guided.afterStep.length / 2)];
  await compare('pab_per_branch_cfg_latents_step_half', half);
  await compare('pab_per_branch_cfg_latents_final', guided.final);
  // A library's run whose streams read each other's attention outputs.
  const leaking = 'pab_library_shared_state_cfg_latents_final';
  results.checkDiffers(
    `${leaking} (must differ)`,
    guided.final,
    await store.float32(leaking),
    10 * tolerance,
  );
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const pipeline = await openPipeline(await pipelineBeside(folder), context);
  const store = await openCase(folder);
  try {
    const { model, codec, transformer } = pipeline;
    const [prompt, negative] = await encodePrompts(pipeline, context);
    const scheduler = model.scheduler.create({ steps: store.shape('timesteps')[0] });
    results.check('timesteps', scheduler.timesteps, await store.int32('timesteps'), 0);
    const options = await storedOptions(store);
    const guidanceScale = await storedNumber(store, 'guidance_scale');
    const encoded = await encodeControl(model.family, codec, await readPicture(pipeline.store, 'mask_u8'));
    const noise = await pipeline.store.float32('latents_init');
    const repeat: Repeat = async ({ broadcast, guided }) =>
      traceSampling({
        model,
        session: await transformer.session(broadcast ? 'broadcast' : 'plain'),
        scheduler,
        encoded,
        noise,
        texts: guided ? [prompt, negative] : [prompt],
        guidanceScale: guided ? guidanceScale : 1,
        ...(broadcast && { method: createMethod({ name: 'pab', options }) }),
      });
    await compareRuns(store, repeat, results, context.tolerances.latents);
  } finally {
    await Promise.all([pipeline.release(), store.close()]);
  }
}

/** Pyramid Attention Broadcast on the pipeline next to the case, through the product's own loop. */
export const broadcastKind: GoldenKind = {
  matches: ({ tensors }) => [...tensors].some((name) => name.startsWith('pab_')),
  run,
};
