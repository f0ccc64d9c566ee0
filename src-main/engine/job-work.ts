import type { StageWork } from '../../src-shared/core/estimate/index.ts';
import {
  ditFlops,
  umt5Flops,
  wanVaeDecodeFlops,
  wanVaeEncodeFlops,
} from '../../src-shared/core/flops/index.ts';
import { latentFrameCount } from '../../src-shared/core/control/index.ts';
import type { EditPlan } from '../../src-shared/core/plan/index.ts';
import type { ClipInfo } from './frames.ts';
import type { ModelFolder } from './model-folder.ts';

/** What one network call of each window costs depends on these alone. */
export interface WorkInput {
  readonly model: ModelFolder;
  readonly clip: ClipInfo;
  readonly plan: EditPlan;
  /** Steps that are computed in each window. */
  readonly stepsToRun: number;
  /** 2 with classifier-free guidance, else 1. */
  readonly streams: number;
  /** Whether the plate stage runs. */
  readonly usesPlate: boolean;
}

/** Prompts are short: a typical number of tokens, for the foreseen time only. */
const typicalPromptTokens = 32;

/** What a job has to do, stage by stage: operations for the networks, pixels for the others. Pure. */
export function jobWork(input: WorkInput): StageWork {
  const { model, clip, plan, stepsToRun, streams, usesPlate } = input;
  const { config } = model.transformer;
  const clipPixels = clip.width * clip.height * clip.ptsSec.length;
  const work: StageWork = {
    plate: usesPlate ? clipPixels : 0,
    text: 0,
    encode: 0,
    sample: 0,
    decode: 0,
    // Read for the mask, read and written for the result.
    media: 3 * clipPixels,
  };
  if (plan.windows.length > 0 && model.textEncoder !== undefined) {
    work.text = streams * umt5Flops(model.textEncoder.config, typicalPromptTokens);
  }
  for (const window of plan.windows) {
    const size = { frames: window.modelFrames, height: window.workingHeight, width: window.workingWidth };
    const tokens =
      latentFrameCount(size.frames) *
      (size.height / 8 / config.patchSize[1]) *
      (size.width / 8 / config.patchSize[2]);
    const passes = model.settings.strength < 1 ? 3 : 2;
    work.encode += passes * wanVaeEncodeFlops(model.vae.config, size);
    work.decode += wanVaeDecodeFlops(model.vae.config, size);
    work.sample +=
      stepsToRun * ditFlops(config, { tokens, textTokens: model.settings.textTokens, batch: streams });
  }
  return work;
}
