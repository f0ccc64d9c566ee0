import { calibrateFrom, type ModelCalibration } from '../../../src-shared/core/caches/index.ts';
import { measureTimeDrift } from '../../engine/network/drift-probe.ts';
import type { LoadedModel } from '../../engine/edit-services.ts';
import { readWindowFrames } from '../../engine/generate/generate-clip.ts';
import { encodeWindow, sampleWindow } from '../../engine/generate/generate-window.ts';
import { assembleWindow } from '../../engine/generate/window-picture.ts';
import { openWindows, type WindowParts } from '../open-windows.ts';

export interface CalibrationRequest {
  readonly clipPath: string;
  readonly maskPath: string;
  /** Of the run that is measured; methods read the result at any other number. */
  readonly steps: number;
}

export interface CalibrationParts extends WindowParts {
  readonly loaded: LoadedModel;
  readonly texts: readonly Float32Array[];
}

/** Runs the first window of a clip uncached and says what caches want to know of the model. */
export async function calibrateModel(
  request: CalibrationRequest,
  parts: CalibrationParts,
): Promise<ModelCalibration> {
  const { model, loaded, texts, signal, onProgress } = parts;
  const { source, plan, patchOf, services } = await openWindows(request, parts);
  const [window] = plan.windows;
  const frames = await readWindowFrames({ source, services }, window, patchOf);
  await parts.patches.clear();
  const { flowShift, strength, textTokens } = model.settings;
  const encoded = await encodeWindow(loaded, assembleWindow(frames.working, window), strength < 1, signal);
  const scheduler = model.scheduler.create({
    steps: request.steps,
    ...(flowShift !== undefined && { flowShift }),
  });
  const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
  const samples: Float32Array[] = [];
  const velocities: Float32Array[] = [];
  await sampleWindow({ ...loaded, texts, textTokens }, encoded, {
    scheduler,
    method: { name: 'full', options: {} },
    drift,
    calibration: {},
    // The streams are judged by the conditional one, which runs as it does without guidance.
    guidanceScale: 1,
    strength,
    seed: 0,
    noiseStream: 0,
    clock: () => 0,
    signal,
    onOutput(view, output) {
      samples.push(view.sample);
      velocities.push(output.velocities[0].slice());
    },
    onStep: (step, steps) => onProgress({ stage: 'sample', step, steps, unit: 'steps' }),
  });
  const firstStep = scheduler.steps - samples.length;
  return calibrateFrom({ samples, velocities, embeddingDrift: drift.embedding.subarray(firstStep) });
}
