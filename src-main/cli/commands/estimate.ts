import type { Command } from 'commander';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import type { EditEstimate } from '../../engine/plan/edit-estimate.ts';
import { estimateJob } from '../../host/estimate-job.ts';
import type { CliContext } from '../context.ts';
import { clockText } from '../terminal.ts';
import { addJobOptions, checkPaths, requestFromFlags, type JobFlags } from './edit.ts';

const noCalls: Readonly<Record<FillMeans, string>> = {
  network: 'other frames, or a plate, show all of the hole',
  exemplar: 'what other frames do not show is filled with texture from around it',
  smooth: 'what other frames do not show is filled smoothly',
};

const gigabytes = (mebibytes: number): string => `${(mebibytes / 1024).toFixed(1)} GB`;

/** The answer for people. */
function estimateText(estimate: EditEstimate): string {
  const { seconds, stages, calls, windows, tokensPerWindow } = estimate;
  const parts = Object.entries(stages).map(([stage, value]) => `${stage} ${value.toFixed(1)} s`);
  const lines = [
    `about ${clockText(seconds)} min, ${gigabytes(estimate.memoryMb)} of memory on the CPU, ` +
      `or ${gigabytes(estimate.memory.cardMb)} of a graphics card`,
    `  ${parts.join(' · ')}`,
  ];
  if (windows === 0) lines.push(`  nothing to generate: ${noCalls[estimate.fill]}`);
  else {
    lines.push(
      `  ${windows} windows of ${Math.min(...tokensPerWindow)} to ${Math.max(...tokensPerWindow)} tokens: ` +
        `${calls.full} full, ${calls.partial} partial, ${calls.reuse} reused steps` +
        ` · ${(estimate.flops / 1e12).toFixed(2)} TFLOP`,
    );
  }
  if (windows > 0) {
    const needs = Object.entries(estimate.memory.stages).map(([stage, { ramMb, cardMb }]) =>
      cardMb === 0
        ? `${stage} ${gigabytes(ramMb)}`
        : `${stage} ${gigabytes(ramMb)} (card ${gigabytes(cardMb)})`,
    );
    lines.push(`  memory by stage: ${needs.join(' · ')}`);
  }
  lines.push(...estimate.notes.map((note) => `  ${note}`));
  return lines.join('\n');
}

export function registerEstimate(program: Command, context: CliContext): void {
  const command = program
    .command('estimate')
    .description('What `remove` would take, without running it. Measures this machine on its first use.');
  addJobOptions(command)
    .option('--edit', 'what `edit` would take instead')
    .action(async (clip: string, flags: JobFlags & { readonly edit?: boolean }) => {
      const request = requestFromFlags(flags.edit === true ? 'edit' : 'remove', clip, flags);
      await checkPaths(request);
      const estimate = await estimateJob(request, context.home, {
        signal: context.signal,
        onProgress: context.onProgress,
        onNote: context.note,
      });
      context.answer(estimate, estimateText(estimate));
    });
}
