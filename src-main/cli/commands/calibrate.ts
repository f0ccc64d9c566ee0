import { resolve } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import type { CalibrateResult, CalibrationClip } from '../../engine/calibrate-job.ts';
import { bundledClip, calibrate } from '../../host/calibrate.ts';
import type { CliContext } from '../context.ts';
import { requireReadable, decimal, wholeNumber } from './edit.ts';

interface CalibrateFlags {
  clip?: string[];
  mask?: string[];
  prompt?: string[];
  steps?: number;
  guidance?: number;
  runs: number;
}

/** Clips, masks and prompts in the order in which they were given. */
function clipsOf({ clip, mask, prompt }: CalibrateFlags): CalibrationClip[] {
  if (clip === undefined && mask === undefined) {
    return [{ ...bundledClip, ...(prompt?.[0] !== undefined && { prompt: prompt[0] }) }];
  }
  const clips = clip ?? [];
  const masks = mask ?? [];
  if (clips.length !== masks.length || (prompt !== undefined && prompt.length > clips.length)) {
    throw usageError(
      'calibrate-clips',
      `There are ${clips.length} clips, ${masks.length} masks and ${prompt?.length ?? 0} prompts.`,
      'Give each --clip a --mask, in the same order, and a --prompt where the model follows prompts.',
    );
  }
  return clips.map((path, i) => ({
    clipPath: resolve(path),
    maskPath: resolve(masks[i]),
    prompt: prompt?.[i] ?? '',
  }));
}

function calibratedText({ id, path, steps, guidanceScales, calibration }: CalibrateResult): string {
  const schedule = calibration.schedules?.find(
    ({ timesteps, guidanceScale }) => timesteps.length === steps && guidanceScale === guidanceScales[0],
  );
  const lines = (schedule?.points ?? [])
    .filter(({ calls }) => calls > 1 && calls <= Math.ceil((2 * steps) / 3))
    .map(
      ({ calls, error, letters }) =>
        `${String(calls).padStart(6)} ${error.toFixed(3).padStart(9)}  ${letters}`,
    );
  const head = `${id} is calibrated for ${steps} steps at guidance ${guidanceScales.join(' and ')}: ${path}`;
  return lines.length === 0 ? head : [head, ' calls  expected  schedule', ...lines].join('\n');
}

/** `model calibrate`, a part of the command `model`. */
export function registerCalibrate(model: Command, context: CliContext): void {
  model
    .command('calibrate')
    .description(
      'Finds a model’s best schedule for every number of network calls, and measures what magcache and teacache want to know: a few uncached runs.',
    )
    .argument('<id>')
    .option('--clip <files...>', 'what to run on, one or more; default: a bundled clip')
    .option('--mask <files...>', 'their masks, in the same order')
    .option('--prompt <texts...>', 'their prompts, in the same order')
    .option(
      '--runs <n>',
      'uncached runs of each clip, each with other noise',
      wholeNumber('--runs', 1, 100),
      2,
    )
    .option(
      '--steps <n>',
      'of the runs that the schedules are for; default: the model’s own',
      wholeNumber('--steps', 2, 1000),
    )
    .option(
      '--guidance <g>',
      'likewise; default: the model’s own, and 1, with which a removal runs that says nothing',
      decimal('--guidance', 1, 100),
    )
    .action(async (id: string, flags: CalibrateFlags) => {
      const clips = clipsOf(flags);
      await requireReadable(
        clips.flatMap(({ clipPath, maskPath }) => [['clip', clipPath] as const, ['mask', maskPath] as const]),
      );
      const { steps, guidance, runs } = flags;
      const result = await calibrate(
        {
          kind: 'calibrate',
          modelId: id,
          clips,
          runs,
          ...(steps !== undefined && { steps }),
          ...(guidance !== undefined && { guidanceScale: guidance }),
        },
        context.home,
        { signal: context.signal, onProgress: context.onProgress },
      );
      context.answer({ ...result }, calibratedText(result));
    });
}
