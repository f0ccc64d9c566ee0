import { calibrationCalls } from '../../../src-shared/core/caches/index.ts';
import {
  callSeconds,
  passSeconds,
  stageCorrection,
  type CostModel,
  type MaskCoverage,
} from '../../../src-shared/core/estimate/index.ts';
import { planWindows } from '../../../src-shared/core/plan/index.ts';
import { firstStepFor } from '../../../src-shared/core/schedulers/index.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import { keptFormsOf } from '../network/denoiser.ts';
import type { ModelFolder } from '../network/model-folder.ts';
import { chooseVaePass, usualPassBytes } from '../network/vae-pass.ts';
import { limitsOf, samplingOf, windowTokens } from './job-plan.ts';

/** Uncached runs of an edit's clip from which its model is calibrated: more make little difference on the same clip. */
export const calibrationRuns = 1;

/** Seconds of calibrating a model for an edit, on the first window of its clip; undefined where the network was never timed. */
export function calibrationSeconds(
  job: EditRequest,
  model: ModelFolder,
  coverage: MaskCoverage,
  clip: ClipInfo,
  costs: CostModel,
): number | undefined {
  const { control } = model.family;
  const boxes = coverage.frames.map((frame) => frame?.box ?? null);
  const window = planWindows(boxes, clip, limitsOf(model)).windows.at(0);
  if (window === undefined || costs.network === undefined) return undefined;
  const { modelFrames: frames, workingHeight: height, workingWidth: width } = window;
  const { scheduler, guidanceScale } = samplingOf(job, model);
  const steps = scheduler.steps - firstStepFor(scheduler, model.settings.strength);
  const calls = calibrationCalls(steps, calibrationRuns, keptFormsOf(model.transformer.graphs).length > 0);
  const tokens = windowTokens(window, model);
  const { spec } = model.vae;
  const size = { frames, height, width };
  const { call, encode, loadSec, firstCallSec, firstEncodeSec } = costs.network;
  const encodeFlops = spec.encodeFlops(size, chooseVaePass(spec, 'encoder', size, usualPassBytes));
  const sampleSec = firstCallSec + calls * callSeconds(call, tokens, guidanceScale === 1 ? 1 : 2);
  const encodeSec = firstEncodeSec + control.passes * passSeconds(encode, encodeFlops);
  return (
    loadSec +
    encodeSec * stageCorrection(costs.votes.encode) +
    sampleSec * stageCorrection(costs.votes.sample)
  );
}
