import { denormaliseLatents, maskFrameIndices, unpatchify } from '../../src-shared/core/control/index.ts';
import { parseSchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import type { Session } from '../engine/network/session.ts';
import { stack } from '../engine/network/tensors.ts';
import type { WindowPicture } from '../../src-shared/core/families/index.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { encodeControl, type EncodedControl } from '../engine/generate/encode-control.ts';
import type { Comparisons } from './comparison.ts';
import type { GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';
import { compareDistances } from './pipeline-distances.ts';
import { emptyPicture, readPicture, readReference, storedNumber } from './pipeline-inputs.ts';
import { encodePrompts, openPipeline, type OpenPipeline } from './pipeline-model.ts';
import { traceSampling, type SamplingTrace } from './pipeline-run.ts';
import { framesOf } from './volumes.ts';

/** Everything that the runs of one golden pipeline share. */
interface Pipeline extends OpenPipeline {
  readonly folder: GoldenFolder;
  readonly context: ParityContext;
  readonly results: Comparisons;
  readonly session: Session;
  /** As HetCut computes them: what is measured is the pipeline, not its parts. */
  readonly prompt: Float32Array;
  readonly negative: Float32Array;
  readonly guidanceScale: number;
}

/** The first stored tensor whose name matches, as the match; undefined where there is none. */
function findTensor(folder: GoldenFolder, pattern: RegExp): RegExpExecArray | undefined {
  for (const name of folder.tensors) {
    const match = pattern.exec(name);
    if (match !== null) return match;
  }
  return undefined;
}

/** Channels of one cell of the control. */
function controlChannels({ transformer, family }: ModelFolder): number {
  return transformer.spec.controlLength / family.geometry.patchEdge ** 2;
}

/** Encodes a picture's control and compares it with the stored latents that start with `prefix`. */
async function runControl(
  pipeline: Pipeline,
  picture: WindowPicture,
  prefix: string,
): Promise<EncodedControl> {
  const { folder, store, codec, results, context } = pipeline;
  const encoded = await encodeControl(pipeline.model.family, codec, picture);
  const match = findTensor(folder, new RegExp(`^${prefix}control_latents_(\\d+)$`));
  if (match !== undefined) {
    const shape = { ...encoded.latentShape, channels: Number(match[1]) };
    const control = unpatchify(encoded.control, shape);
    results.check(match[0], control, await store.float32(match[0]), context.tolerances.control);
  }
  return encoded;
}

/** The parts of the main run's control, and which mask frames it took. */
async function compareControlParts(pipeline: Pipeline, encoded: EncodedControl): Promise<void> {
  const { folder, store, results, context, model } = pipeline;
  const { latentShape, control } = encoded;
  const channels = controlChannels(model);
  const volume = unpatchify(control, { ...latentShape, channels });
  const plane = volume.length / channels;
  const part = (from: number, to: number): Float32Array => volume.subarray(from * plane, to * plane);
  const { channels: latent } = latentShape;
  const tolerance = context.tolerances.control;
  results.check('inactive_latents', part(0, latent), await store.float32('inactive_latents'), tolerance);
  const reactive = await store.float32('reactive_latents');
  results.check('reactive_latents', part(latent, 2 * latent), reactive, tolerance);
  const mask = findTensor(folder, /^mask_channels_\d+$/);
  if (mask !== undefined) {
    // Bytes divided by 255: only the last bit of the quotient may differ; float16 rounds it at the graph's border.
    results.check(mask[0], part(2 * latent, channels), await store.float32(mask[0]), 1e-7);
  }
  const [frames] = store.shape('mask_u8');
  results.check('mask_frame_index', maskFrameIndices(frames), await store.int32('mask_frame_index'), 0);
}

/** The whole main run: control, every step, decoded frames. */
async function runMain(pipeline: Pipeline): Promise<void> {
  const { store, model, results, context, codec } = pipeline;
  const { tolerances } = context;
  const encoded = await runControl(pipeline, await readPicture(store, 'mask_u8'), '');
  await compareControlParts(pipeline, encoded);
  const scheduler = model.scheduler.create({ steps: store.shape('timesteps')[0] });
  results.check('sigmas', scheduler.sigmas, await store.float32('sigmas'), 1e-6);
  results.check('timesteps', scheduler.timesteps, await store.int32('timesteps'), 0);

  const { session, prompt, negative, guidanceScale } = pipeline;
  const request = {
    model,
    session,
    scheduler,
    encoded,
    noise: await store.float32('latents_init'),
    texts: [prompt, negative],
    guidanceScale,
  };
  const trace = await traceSampling(request);
  await compareSteps(pipeline, trace);
  await compareDistances(pipeline, request, trace);

  const { latentsMean: mean, latentsStd: std } = model.vae.spec;
  const z = denormaliseLatents(trace.final, encoded.latentShape, { mean, std });
  const spread = Math.max(...std);
  results.check('z_for_decode', z, await store.float32('z_for_decode'), tolerances.latents * spread);
  const frames = await codec.decode(trace.final, encoded.latentShape);
  results.check('frames_raw_pm1', frames, await store.float32('frames_raw_pm1'), tolerances.frames);
  await compareFirstFrame(pipeline, frames);
}

async function compareSteps({ store, results, context }: Pipeline, trace: SamplingTrace): Promise<void> {
  const { tolerances } = context;
  for (const [stream, name] of ['noise_pred_cond', 'noise_pred_uncond'].entries()) {
    const golden = await store.float32(name);
    const velocities = trace.velocities[stream];
    const { length } = velocities[0];
    results.check(`${name}[0]`, velocities[0], golden.subarray(0, length), tolerances.firstVelocity);
    results.check(
      `${name}[1…]`,
      stack(velocities.slice(1)),
      golden.subarray(length),
      tolerances.laterVelocities,
    );
  }
  const golden = await store.float32('latents_after_step');
  results.check('latents_after_step', stack(trace.afterStep), golden, tolerances.latents);
}

/** Frame 0 of [3, T, H, W] in −1…1 as [H, W, 3] in 0…1. */
async function compareFirstFrame({ store, results, context }: Pipeline, video: Float32Array): Promise<void> {
  const [height, width] = store.shape('frame0_01_HWC');
  const pixels = height * width;
  const picture = Float32Array.from({ length: 3 * pixels }, (_, i) => {
    const value = video[(i % 3) * (video.length / 3) + Math.floor(i / 3)];
    return Math.min(1, Math.max(0, value / 2 + 0.5));
  });
  const golden = await store.float32('frame0_01_HWC');
  results.check('frame0_01_HWC', picture, golden, context.tolerances.frames / 2);
}

/** A run with one reference picture, a grey mask and a scale for each hint. */
async function runReference(pipeline: Pipeline): Promise<void> {
  const { folder, store, model, results, context, codec } = pipeline;
  if (!folder.tensors.has('ref_latents_final')) return;
  const picture = await readPicture(store, 'ref_mask_gray_u8');
  const reference = await readReference(store, picture);
  // Bilinear weights are computed in float32 by the reference, in float64 here.
  results.check('ref_image_on_canvas', reference, await store.float32('ref_image_on_canvas'), 1e-5);
  const encoded = await runControl(pipeline, { ...picture, references: [reference] }, 'ref_');
  const scheduler = model.scheduler.create({ steps: store.shape('ref_timesteps')[0] });
  results.check('ref_timesteps', scheduler.timesteps, await store.int32('ref_timesteps'), 0);
  const { final } = await traceSampling({
    model,
    session: pipeline.session,
    scheduler,
    encoded,
    noise: await store.float32('ref_latents_init'),
    texts: [pipeline.prompt, pipeline.negative],
    guidanceScale: pipeline.guidanceScale,
    controlScale: await store.float32('ref_conditioning_scale'),
  });
  const { tolerances } = context;
  results.check('ref_latents_final', final, await store.float32('ref_latents_final'), tolerances.latents);
  const match = findTensor(folder, /^ref_frames_raw_pm1_first(\d+)$/);
  if (match === undefined) return;
  const shape = { ...encoded.latentShape, frames: encoded.latentShape.frames - encoded.referenceFrames };
  const clip = framesOf(final, encoded.latentShape, encoded.referenceFrames, encoded.latentShape.frames);
  const video = await codec.decode(clip, shape);
  const videoShape = { channels: 3, frames: picture.frames, height: picture.height, width: picture.width };
  const first = framesOf(video, videoShape, 0, Number(match[1]));
  results.check(match[0], first, await store.float32(match[0]), tolerances.frames);
}

/** A run without a picture: the mask is open everywhere. */
async function runWithoutVideo(pipeline: Pipeline): Promise<void> {
  const { folder, store, model, results, context } = pipeline;
  const match = findTensor(folder, /^novideo_(\d+)steps_cfg([\d.]+)_latents_final$/);
  if (match === undefined) return;
  const guidanceScale = Number(match[2]);
  const [frames, height, width] = store.shape('mask_u8');
  const encoded = await runControl(pipeline, emptyPicture({ frames, height, width }), 'novideo_');
  const inactive = findTensor(folder, /^novideo_inactive_latents_(\d+)$/);
  if (inactive !== undefined) {
    const channels = controlChannels(model);
    const control = unpatchify(encoded.control, { ...encoded.latentShape, channels });
    const part = control.subarray(0, (control.length / channels) * Number(inactive[1]));
    results.check(inactive[0], part, await store.float32(inactive[0]), context.tolerances.control);
  }
  const { final } = await traceSampling({
    model,
    session: pipeline.session,
    scheduler: model.scheduler.create({ steps: Number(match[1]) }),
    encoded,
    noise: await store.float32('latents_init'),
    texts: guidanceScale === 1 ? [pipeline.prompt] : [pipeline.prompt, pipeline.negative],
    guidanceScale,
  });
  results.check(match[0], final, await store.float32(match[0]), context.tolerances.latents);
}

/** The main run's inputs through FlowMatchEuler with the same shift. */
async function runEuler(pipeline: Pipeline): Promise<void> {
  const { folder, store, model, results, context, codec } = pipeline;
  if (!folder.tensors.has('euler_latents_final')) return;
  const config = {
    _class_name: 'FlowMatchEulerDiscreteScheduler',
    num_train_timesteps: 1000,
    shift: await storedNumber(store, 'flow_shift'),
  };
  const steps = store.shape('euler_timesteps')[0];
  const scheduler = parseSchedulerConfig(config, 'euler').create({ steps });
  // float32 numbers up to 1000.
  results.check('euler_timesteps', scheduler.timesteps, await store.float32('euler_timesteps'), 2e-4);
  const { final } = await traceSampling({
    model,
    session: pipeline.session,
    scheduler,
    encoded: await encodeControl(model.family, codec, await readPicture(store, 'mask_u8')),
    noise: await store.float32('latents_init'),
    texts: [pipeline.prompt, pipeline.negative],
    guidanceScale: pipeline.guidanceScale,
  });
  const golden = await store.float32('euler_latents_final');
  results.check('euler_latents_final', final, golden, context.tolerances.latents);
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const opened = await openPipeline(folder, context);
  const { store, transformer } = opened;
  try {
    const [prompt, negative] = await encodePrompts(opened, context);
    const { text } = context.tolerances;
    results.check('prompt_embeds', prompt, await store.float32('prompt_embeds'), text);
    results.check('negative_prompt_embeds', negative, await store.float32('negative_prompt_embeds'), text);
    const pipeline: Pipeline = {
      ...opened,
      folder,
      context,
      results,
      session: await transformer.session('plain'),
      prompt,
      negative,
      guidanceScale: await storedNumber(store, 'guidance_scale'),
    };
    await runMain(pipeline);
    await runReference(pipeline);
    await runWithoutVideo(pipeline);
    await runEuler(pipeline);
  } finally {
    await opened.release();
  }
}

/** A whole pipeline, from token ids to frames, through the product's own engine. */
export const pipelineKind: GoldenKind = {
  matches: ({ files, tensors }) => files.has('model_index.json') && tensors.has('latents_after_step'),
  run,
};
