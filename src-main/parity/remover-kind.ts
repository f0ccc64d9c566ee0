import { join } from 'node:path';
import {
  growMask,
  denormaliseLatents,
  patchify,
  tokenCount,
  unpatchify,
  type VolumeShape,
} from '../../src-shared/core/control/index.ts';
import { minimaxRemover, removerControl } from '../../src-shared/core/families/index.ts';
import {
  buildRemoverDit,
  parseRemoverConfig,
  ropeTables,
  type RemoverConfig,
} from '../../src-shared/core/graph/index.ts';
import { encodeControl } from '../engine/generate/encode-control.ts';
import { floatsOf, floatTensor, stack } from '../engine/network/tensors.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import type { GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';
import { readPicture } from './pipeline-inputs.ts';
import { openPipeline } from './pipeline-model.ts';
import { traceSampling } from './pipeline-run.ts';
import { batchShape } from './volumes.ts';

/** Golden intermediate → tap of the graph. */
const taps: Readonly<Record<string, string>> = {
  temb: 'temb',
  timestep_proj: 'timestepProj',
  block0_in: 'block0Input',
  block0_attn1_out: 'block0SelfAttention',
  block0_out: 'block0Output',
  block1_out: 'block1Output',
  block2_out: 'block2Output',
  final_modulated: 'finalModulated',
};

/** By how many pixels the stored run grew its mask; its README says so. */
const storedGrowPx = 2;

/** One forward pass with its intermediates. */
async function compareForward(
  folder: GoldenFolder,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const { precision, tolerances } = context;
  const known = Object.entries(taps).filter(([name]) => folder.tensors.has(name));
  const part = await context.importPart(
    minimaxRemover,
    'transformer',
    join(folder.path, 'transformer'),
    (json, path) => [
      {
        ...buildRemoverDit(parseRemoverConfig(json, path), {
          precision,
          taps: known.map(([, tap]) => tap),
        }),
        name: 'transformer-taps',
      },
    ],
  );
  const config: RemoverConfig = parseRemoverConfig(part.config, part.configPath);
  const session = await part.open('transformer-taps');
  try {
    const whole = batchShape(store.shape('hidden_states'));
    const shape: VolumeShape = { ...whole, channels: config.outChannels };
    const hidden = await store.float32('hidden_states');
    const sampleLength = (hidden.length * config.outChannels) / whole.channels;
    const type = precision === 'fp16' ? 'float16' : 'float32';
    const tokens = patchify(hidden.subarray(0, sampleLength), shape);
    const control = patchify(hidden.subarray(sampleLength), { ...shape, channels: 2 * config.outChannels });
    const rope = ropeTables(shape.frames, shape.height / 2, shape.width / 2, config.headDim);
    const n = tokenCount(shape);
    const outputs = await session.run({
      tokens: floatTensor(tokens, [1, n, tokens.length / n], type),
      control: floatTensor(control, [1, n, control.length / n], type),
      ropeCos: floatTensor(rope.cos, [n, rope.columns], 'float32'),
      ropeSin: floatTensor(rope.sin, [n, rope.columns], 'float32'),
      timestep: floatTensor(Float32Array.from(await store.int32('timestep')), [1], 'float32'),
    });
    const velocity = unpatchify(floatsOf(outputs['velocity']), shape);
    results.check('output', velocity, await store.float32('output'), tolerances.firstVelocity);
    for (const [name, tap] of known) {
      results.check(name, floatsOf(outputs[tap]), await store.float32(name), tolerances.firstVelocity);
    }
  } finally {
    await session.release();
  }
}

/** The whole pipeline: the grown mask, the control, every step, the decoded frames. */
async function comparePipeline(
  folder: GoldenFolder,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const { tolerances } = context;
  const opened = await openPipeline(folder, context);
  const { store, codec, transformer } = opened;
  try {
    const picture = await readPicture(store, 'mask_u8');
    const grown = growMask(picture.mask, picture, storedGrowPx);
    results.check('mask_grown', grown, await store.float32('mask_grown'), 0);
    const family = { ...opened.model.family, control: removerControl(storedGrowPx) };
    const model = { ...opened.model, family };
    const encoded = await encodeControl(family, codec, picture);
    const { latentShape } = encoded;
    const { channels } = latentShape;
    const volume = unpatchify(encoded.control, { ...latentShape, channels: 2 * channels });
    const half = volume.length / 2;
    const { control } = tolerances;
    results.check('masked_latents', volume.subarray(0, half), await store.float32('masked_latents'), control);
    results.check('mask_latents', volume.subarray(half), await store.float32('mask_latents'), control);

    const scheduler = model.scheduler.create({ steps: store.shape('timesteps')[0] });
    results.check('sigmas', scheduler.sigmas, await store.float32('sigmas'), 1e-6);
    results.check('timesteps', scheduler.timesteps, await store.int32('timesteps'), 0);
    const trace = await traceSampling({
      model,
      session: await transformer.session('plain'),
      scheduler,
      encoded,
      noise: await store.float32('latents_init'),
      texts: [new Float32Array(0)],
      guidanceScale: 1,
    });
    const { laterVelocities, latents, frames } = tolerances;
    results.check(
      'noise_pred',
      stack(trace.velocities[0]),
      await store.float32('noise_pred'),
      laterVelocities,
    );
    results.check(
      'latents_after_step',
      stack(trace.afterStep),
      await store.float32('latents_after_step'),
      latents,
    );
    const { latentsMean: mean, latentsStd: std } = model.vae.spec;
    const z = denormaliseLatents(trace.final, latentShape, { mean, std });
    results.check('z_for_decode', z, await store.float32('z_for_decode'), latents * Math.max(...std));
    const video = await codec.decode(trace.final, latentShape);
    results.check('frames_raw_pm1', video, await store.float32('frames_raw_pm1'), frames);
    await compareForward(folder, store, context, results);
  } finally {
    await opened.release();
  }
}

/** MiniMax-Remover: a forward pass and a whole pipeline, from a folder without model_index.json. */
export const removerKind: GoldenKind = {
  matches: ({ classes, tensors }) =>
    classes.get('transformer') === 'Transformer3DModel' && tensors.has('latents_after_step'),
  run: comparePipeline,
};
