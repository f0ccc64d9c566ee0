import {
  calibrateFrom,
  calibrationCalls,
  conditionsOf,
  calibrateSchedule,
  fewSteps,
  RunRecord,
  scriptedSchedule,
  sensitivitySteps,
  spreadSensitivity,
  type CalibratedSchedule,
  type ModelCalibration,
  type PartialProbe,
  type SensitivityProbe,
} from '../../../src-shared/core/caches/index.ts';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { firstStepFor } from '../../../src-shared/core/schedulers/index.ts';
import { gatherRows, partitionTokens } from '../../../src-shared/core/tokens/index.ts';
import { createDenoiser, type Denoiser } from '../../engine/network/denoiser.ts';
import { measureTimeDrift } from '../../engine/network/drift-probe.ts';
import type { CalibrationClip } from '../../engine/calibrate-job.ts';
import type { LoadedModel } from '../../engine/edit-services.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import { readWindowFrames } from '../../engine/generate/generate-clip.ts';
import { encodeWindow, sampleWindow, type EncodedWindow } from '../../engine/generate/generate-window.ts';
import type { SampleState } from '../../engine/generate/sampling-loop.ts';
import { assembleWindow } from '../../engine/generate/window-picture.ts';
import { openWindows, type WindowParts } from '../open-windows.ts';
import { probePartials, rootMeanSquare } from './probe-partials.ts';

export interface CalibrationRequest {
  readonly clips: readonly CalibrationClip[];
  /** Uncached runs of each clip, with the seeds 0, 1, … */
  readonly runs: number;
  /** Of a run, and of the runs that the schedules are for. */
  readonly steps: number;
  readonly guidanceScale: number;
}

/** Texts of each stream for a clip's prompt. */
type WordsOf = (prompt: string) => readonly string[];

export interface CalibrationParts extends WindowParts {
  readonly loaded: LoadedModel;
  /** Embeddings, in the order of the prompts. */
  readonly encodePrompts: (prompts: readonly string[]) => Promise<readonly Float32Array[]>;
}

/** What was measured; `schedule` where there are steps that could be left out. */
export interface Calibrated {
  readonly measured: Omit<ModelCalibration, 'schedules'>;
  readonly schedule?: CalibratedSchedule;
}

/** Runs the first window of each clip uncached, and says what caches want to know of the model. */
export async function calibrateModel(
  { clips, runs, steps, guidanceScale }: CalibrationRequest,
  parts: CalibrationParts,
): Promise<Calibrated> {
  const { model, loaded, signal, onProgress } = parts;
  const { flowShift, strength, removalPrompt, negativePrompt } = model.settings;
  const wordsFor: WordsOf = (prompt) =>
    guidanceScale === 1 ? [prompt || removalPrompt] : [prompt || removalPrompt, negativePrompt];
  const scheduler = model.scheduler.create({ steps, ...(flowShift !== undefined && { flowShift }) });
  const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
  const first = strength < 1 ? firstStepFor(scheduler, strength) : 0;
  const count = steps - first;
  const probed = count <= fewSteps ? [] : sensitivitySteps(count);
  const keepsContext = count > fewSteps && (loaded.transformer.keptForms ?? []).length > 0;
  const callsOfClip = probed.length === 0 ? runs * count : calibrationCalls(count, runs, keepsContext);
  const stepsInAll = clips.length * callsOfClip;
  let stepsDone = 0;
  const onStep = (): void =>
    onProgress({ stage: 'sample', step: ++stepsDone, steps: stepsInAll, unit: 'steps' });
  const grams: number[][][] = [];
  const probes: SensitivityProbe[] = [];
  const partials: PartialProbe[] = [];
  let measured: Calibrated['measured'] | undefined;
  for (const clip of clips) {
    const window = await encodeFirstWindow(clip, parts);
    const texts = await parts.encodePrompts(wordsFor(clip.prompt));
    for (let seed = 0; seed < runs; seed++) {
      const recorder = createRecorder(
        window,
        parts,
        { scheduler, drift, guidanceScale, texts, seed },
        onStep,
      );
      const recorded = await recorder.record(
        seed === 0 ? { steps: probed, partials: keepsContext } : undefined,
      );
      measured ??= calibrateFrom({ ...recorded, embeddingDrift: drift.embedding.subarray(first) });
      grams.push(recorded.gram);
      probes.push(...recorded.probes);
      partials.push(...recorded.partials);
      signal.throwIfAborted();
    }
  }
  if (count <= fewSteps) return { measured: measured! };
  const conditions = conditionsOf(scheduler, count, guidanceScale);
  return {
    measured: measured!,
    schedule: calibrateSchedule(conditions, grams, spreadSensitivity(count, probes), partials),
  };
}

async function encodeFirstWindow(clip: CalibrationClip, parts: CalibrationParts): Promise<EncodedWindow> {
  const { model, loaded, signal, patches } = parts;
  const { source, plan, patchOf, services } = await openWindows(
    { ...clip, rangeOf: (info) => rangeIn(info, clip.range) },
    parts,
  );
  const { temporalStride } = model.family.geometry;
  if (source.info.ptsSec.length <= temporalStride) {
    throw usageError(
      'calibrate-short',
      `${clip.clipPath} has ${source.info.ptsSec.length} frames: too few to calibrate on.`,
      `Use a clip of at least ${1 + temporalStride} frames.`,
    );
  }
  const [window] = plan.windows;
  const frames = await readWindowFrames({ source, services }, window, patchOf);
  await patches.clear();
  return encodeWindow(loaded, assembleWindow(frames.working, window), model.settings.strength < 1, signal);
}

type RunChoice = Pick<
  Parameters<typeof sampleWindow>[2],
  'scheduler' | 'drift' | 'guidanceScale' | 'seed'
> & {
  readonly texts: readonly Float32Array[];
};

/** Runs of one window: uncached, and again from some of its steps with that step's velocity reused. */
function createRecorder(
  window: EncodedWindow,
  { model, loaded, signal }: CalibrationParts,
  { texts, ...choice }: RunChoice,
  onStep: () => void,
) {
  const { textTokens, strength } = model.settings;
  const { picture, referenceFrames } = window;
  const partition = partitionTokens(picture.mask, picture, {
    referenceFrames,
    geometry: model.family.geometry,
    marginTokens: { space: 0, time: 0 },
  });
  const { generative, count } = partition;
  const base = {
    ...choice,
    calibration: {},
    strength,
    noiseStream: 0,
    clock: () => 0,
    signal,
    onStep,
  };
  const generator = { ...loaded, texts, textTokens };

  /** Over the graph that keeps the context. */
  const keepingDenoiser = (): Denoiser => {
    const { control } = window;
    const rope = loaded.transformer.spec.rope(partition.grid);
    const needs = { cached: { form: 'auto', keep: 0 } } as const;
    return createDenoiser(loaded.transformer, { control, rope, texts, textTokens }, needs);
  };

  /** The growth of the error that a reused velocity at `step` makes. */
  async function probe(
    step: number,
    from: SampleState,
    uncached: { tokens: Float32Array; velocities: readonly Float32Array[] },
  ): Promise<SensitivityProbe> {
    const method = scriptedSchedule(`${'F'.repeat(step)}r`);
    const { tokens } = await sampleWindow(generator, window, { ...base, method, from });
    const { sigmas } = choice.scheduler;
    const first = choice.scheduler.steps - uncached.velocities.length;
    const rowLength = tokens.length / count;
    const change = rootMeanSquare(
      gatherRows(tokens, rowLength, generative),
      gatherRows(uncached.tokens, rowLength, generative),
    );
    const error = rootMeanSquare(uncached.velocities[step], uncached.velocities[step - 1]);
    return { step, growth: change / ((sigmas[first + step] - sigmas[first + step + 1]) * error) };
  }

  return {
    /** `probing`: what else is measured from this run. */
    async record(probing?: { readonly steps: readonly number[]; readonly partials: boolean }) {
      const probed = probing?.steps ?? [];
      const samples: Float32Array[] = [];
      const velocities: Float32Array[] = [];
      const record = new RunRecord(generative);
      const states = new Map<number, SampleState>();
      const { tokens } = await sampleWindow(generator, window, {
        ...base,
        method: scriptedSchedule(''),
        onOutput(view, output) {
          samples.push(view.sample);
          velocities.push(output.velocities[0].slice());
        },
        onPrediction: (_, velocity) => record.add(velocity, velocity.length / count),
        onState: async (state) => {
          if (probed.includes(state.steps.length)) states.set(state.steps.length, state);
        },
      });
      const probes: SensitivityProbe[] = [];
      for (const step of probed) {
        probes.push(await probe(step, states.get(step)!, { tokens, velocities: record.velocities }));
      }
      const partials =
        probing?.partials === true && partition.context.length > 0
          ? await probePartials(
              { ...choice, samples, velocities: record.velocities, partition },
              keepingDenoiser(),
              onStep,
            )
          : [];
      return { samples, velocities, gram: record.gram(), probes, partials };
    },
  };
}
