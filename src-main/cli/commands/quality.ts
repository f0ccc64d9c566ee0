import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { HoleQuality } from '../../../src-shared/core/metrics/index.ts';
import type { FrameRange } from '../../engine/edit-job.ts';
import { judgeResult } from '../../engine/quality/judge-result.ts';
import { createMedia } from '../../media/index.ts';
import { openMotionOutside } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { frameRange, requireReadable } from './edit.ts';

interface QualityFlags {
  mask: string;
  truth?: string;
  neverShown?: string;
  range?: FrameRange;
}

/** The answer for people. */
function qualityText(quality: HoleQuality): string {
  const figure = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '–';
  const { texture, seam, flicker, psnr, ssim, msSsim, frames } = quality;
  const lines = [
    `${frames} frames, inside the mask beside what surrounds it`,
    `  texture ${figure(texture, 3)}   1: as much detail; 0: a smear`,
    `  seam    ${figure(seam, 3)}   1: none`,
    `  flicker ${figure(flicker, 3)}   1: as alive as the surroundings; more: it flickers`,
  ];
  if (ssim !== null) {
    const decibels = psnr === null ? 'nothing differs' : `${psnr.toFixed(2)} dB`;
    lines.push(`against the truth: ${decibels}, SSIM ${figure(ssim, 3)}, MS-SSIM ${figure(msSsim, 3)}`);
  }
  return lines.join('\n');
}

export function registerQuality(program: Command, context: CliContext): void {
  program
    .command('quality')
    .description('Measures how what fills a hole looks beside its surroundings, and against the truth.')
    .argument('<result>', 'the video that is judged')
    .argument('<clip>', 'the video that it was made of')
    .requiredOption('--mask <file>', 'video, PNG, folder of PNGs or mask JSON; white = what was removed')
    .option('--truth <file>', 'a clean picture or clip')
    .option('--never-shown <file>', 'a mask: only this part of the hole is judged')
    .option('--range <start:end>', 'the frames of the clip that the result holds, from 0', frameRange)
    .action(async (resultPath: string, clipPath: string, flags: QualityFlags) => {
      const { mask, truth, neverShown, range } = flags;
      await requireReadable([
        ['result', resultPath],
        ['clip', clipPath],
        ['mask', mask],
        ['truth', truth],
        ['mask of what no frame shows', neverShown],
      ]);
      const quality = await judgeResult(
        {
          resultPath: resolve(resultPath),
          clipPath: resolve(clipPath),
          maskPath: resolve(mask),
          ...(truth === undefined ? {} : { truthPath: resolve(truth) }),
          ...(neverShown === undefined ? {} : { judgedPath: resolve(neverShown) }),
          ...(range === undefined ? {} : { range }),
        },
        {
          media: await createMedia(),
          openMotionOutside,
          signal: context.signal,
          onProgress: context.onProgress,
        },
      );
      context.answer(quality, qualityText(quality));
    });
}
