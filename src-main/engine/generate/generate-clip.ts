import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { tokenEdgePx } from '../../../src-shared/core/control/index.ts';
import type { WindowPicture } from '../../../src-shared/core/families/index.ts';
import type { EditPlan, EditWindow } from '../../../src-shared/core/plan/index.ts';
import type { EditJob } from '../edit-job.ts';
import type { EditServices } from '../edit-services.ts';
import type { FrameSource } from '../frames.ts';
import { showsFill } from '../plan/fill-means.ts';
import { generateWindow, type GeneratedWindow, type Generator } from './generate-window.ts';
import type { MemoryChoice } from '../plan/memory-choice.ts';
import type { StageTimer } from '../stage-timer.ts';
import { createLatentPreviews, type LatentPreviews } from './latent-preview.ts';
import type { FramePatch, PatchStore } from '../composite/patch-store.ts';
import { referenceOnCanvas, type ReferencePicture } from './reference-picture.ts';
import type { Sampling, StepRecord } from './sampling-loop.ts';
import { generatedCrop, compositePatch } from '../composite/composite-window.ts';
import { createCheckpointWriter } from './checkpoint-writer.ts';
import { isOutOfMemory, memoryExhausted, smallerWindow, withLessMemory } from './memory-ladder.ts';
import { stepsOf, type ResumePoint } from './resume-point.ts';
import { assembleWindow, cropOpen, cropRgb, workingFrame, type WorkingFrame } from './window-picture.ts';

export interface ClipGeneration {
  readonly job: EditJob;
  readonly services: EditServices;
  readonly source: FrameSource;
  readonly timer: StageTimer;
  readonly plan: EditPlan;
  readonly choice: MemoryChoice;
  /** Told of what is done otherwise than it was asked for. */
  readonly onWarning: (text: string) => void;
  readonly sampling: Sampling;
  readonly resumePoint: ResumePoint;
  /** Absent: the network is shown none. */
  readonly reference?: ReferencePicture;
}

export type PatchOf = (frame: number, beforeWindow?: number) => Promise<FramePatch | null>;

/** The newest patch of each frame: of the window that finished it, else the plate's. */
export function patchLookup(plan: EditPlan, store: PatchStore): PatchOf {
  return (frame, beforeWindow = plan.windows.length) => {
    const owner = plan.windows.findLast(
      (w) => w.index < beforeWindow && frame >= w.startFrame + w.knownFrames && frame < w.endFrame,
    );
    return owner === undefined ? store.readPlate(frame) : store.readWindow(owner.index, frame);
  };
}

/** The frames of a window at the clip's resolution and as the model sees them. */
export interface WindowFrames {
  readonly working: WorkingFrame[];
  readonly known: { readonly rgb: Float32Array; readonly open: Uint8Array }[];
  readonly patches: (FramePatch | null)[];
}

export async function readWindowFrames(
  run: {
    readonly source: FrameSource;
    readonly services: Pick<EditServices, 'model' | 'signal'>;
    /** The hole is shown as the patches fill it, not as the model was trained to see it. */
    readonly showsFill?: boolean;
  },
  window: EditWindow,
  patchOf: PatchOf,
): Promise<WindowFrames> {
  const { source, services, showsFill } = run;
  const fill = showsFill === true ? 'patch' : services.model.settings.fill;
  const frames: WindowFrames = { working: [], known: [], patches: [] };
  for await (const frame of source.frames(window.startFrame, window.endFrame, services.signal)) {
    const patch = await patchOf(frame.index, window.index);
    const rgb = cropRgb(frame, patch, source.info, window.crop);
    const open = cropOpen(patch, source.info, window.crop);
    frames.working.push(workingFrame(rgb, open, window, fill));
    frames.known.push({ rgb, open });
    frames.patches.push(patch);
  }
  return frames;
}

/** Whether the window says where calls are best made: its run is whole, and one is enough. */
function learns({ job, services }: ClipGeneration, window: EditWindow): boolean {
  return job.method.name === 'full' && window.index === 0 && services.keepSchedule !== undefined;
}

/** Sends one window through the model, timing and reporting its stages. */
function runWindow(
  run: ClipGeneration,
  generator: Generator,
  window: EditWindow,
  frames: WindowFrames,
  previews: LatentPreviews,
): Promise<GeneratedWindow> {
  const { job, services, timer, plan, sampling, resumePoint, reference } = run;
  const { onPreview, store, clock, onNote } = services;
  const firstFrame = job.range?.startFrame ?? 0;
  const picture: WindowPicture = {
    ...assembleWindow(frames.working, window),
    ...(reference === undefined ? {} : { references: [referenceOnCanvas(reference, window)] }),
  };
  const from = resumePoint.claimState();
  const checkpointWriter = createCheckpointWriter({
    write: (state) => store.writeSteps(stepsOf(job, sampling, window), state),
    keptSteps: from?.steps.length ?? 0,
    clock,
    onNote,
  });
  let current: string | undefined;
  return generateWindow(generator, picture, {
    ...sampling,
    from,
    checkpointWriter,
    method: job.method,
    ...(learns(run, window) && { onUncached: services.keepSchedule }),
    calibration: services.model.calibration,
    strength: services.model.settings.strength,
    seed: job.seed,
    noiseStream: window.index,
    clock,
    signal: services.signal,
    onNote: run.onWarning,
    onStage: (stage, step, steps) => {
      if (stage !== current) timer.enter(stage);
      current = stage;
      const place = { index: window.index, count: plan.windows.length };
      timer.report(stage, step, steps, stage === 'sample' ? 'steps' : 'passes', place);
    },
    ...(onPreview !== undefined && {
      watch: (encoded) =>
        previews.ofWindow(encoded, ({ frame, ...picture }) =>
          onPreview({ ...picture, frame: firstFrame + window.startFrame + frame, crop: window.crop }),
        ),
    }),
  });
}

/** Lays a generated window into its frames' patches and checkpoints them. */
export async function compositeWindow(
  run: { readonly source: FrameSource; readonly services: Pick<EditServices, 'store'> },
  window: EditWindow,
  frames: WindowFrames,
  { video, steps }: GeneratedWindow,
): Promise<void> {
  const composited = new Map<number, FramePatch>();
  for (let t = window.knownFrames; t < frames.patches.length; t++) {
    const patch = frames.patches[t];
    if (patch === null) continue;
    const rgb = generatedCrop(video, t, window, frames.known[t]);
    composited.set(window.startFrame + t, compositePatch(patch, rgb, window.crop, run.source.info));
  }
  await run.services.store.writeWindow(window.index, composited, steps);
}

/** Generates a window in smaller and smaller working pictures, until one fits into memory. */
async function withSmallerPicture(
  { services, onWarning }: ClipGeneration,
  { codec, transformer }: Generator,
  window: EditWindow,
  generateAt: (window: EditWindow) => Promise<readonly StepRecord[]>,
): Promise<readonly StepRecord[]> {
  let sized = window;
  const release = async (): Promise<void> => {
    await codec.release();
    await transformer.sessions.release();
  };
  const step = (): string | undefined => {
    const smaller = smallerWindow(sized, tokenEdgePx(services.model.family.geometry));
    if (smaller === undefined) return undefined;
    sized = smaller;
    return `window ${window.index + 1} is generated at ${sized.workingWidth} × ${sized.workingHeight}`;
  };
  try {
    return await withLessMemory({ release, step, onNote: onWarning }, () => generateAt(sized));
  } catch (error) {
    throw isOutOfMemory(error) ? memoryExhausted(error, sized) : error;
  }
}

/**
 * Generates every window that no earlier run has finished; each finished one is a checkpoint.
 * Returns the sampling steps of all windows in their order, whichever run took them.
 */
export async function generateClip(run: ClipGeneration): Promise<readonly StepRecord[]> {
  const { services, timer, plan, sampling, resumePoint } = run;
  const { store, model, signal } = services;
  const { finished } = resumePoint;
  if (!finished.includes(null)) return finished.flatMap((steps) => steps ?? []);

  timer.enter('text');
  timer.report('text', 0, 1, 'prompts');
  const texts = await services.encodePrompts(sampling.prompts);
  timer.report('text', 1, 1, 'prompts');
  const { release, ...loaded } = await services.loadModel(run.choice);
  const generator: Generator = { ...loaded, texts, textTokens: model.settings.textTokens };
  const previews = createLatentPreviews(generator.family.geometry, services.clock);
  const patchOf = patchLookup(plan, store);
  const steps: StepRecord[] = [];
  try {
    for (const window of plan.windows) {
      const known = finished[window.index];
      if (known !== null) {
        steps.push(...known);
        continue;
      }
      if (signal.aborted) throw cancelledError();
      const generateAt = async (sized: EditWindow): Promise<readonly StepRecord[]> => {
        timer.enter('read');
        const frames = await readWindowFrames(
          { ...run, showsFill: showsFill(run.job, model) },
          sized,
          patchOf,
        );
        const generated = await runWindow(run, generator, sized, frames, previews);
        timer.enter('settle');
        await compositeWindow(run, sized, frames, generated);
        return generated.steps;
      };
      steps.push(...(await withSmallerPicture(run, generator, window, generateAt)));
    }
  } finally {
    await release();
  }
  return steps;
}
