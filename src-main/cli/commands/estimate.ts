import type { Command } from 'commander';
import type { EditEstimate } from '../../engine/plan/edit-estimate.ts';
import { estimateJob } from '../../host/estimate-job.ts';
import type { CliContext } from '../context.ts';
import { clockText } from '../terminal.ts';
import { addJobOptions, checkPaths, requestFromFlags, type JobFlags } from './edit.ts';

/** The answer for people. */
function estimateText(estimate: EditEstimate): string {
  const { seconds, stages, calls, windows, tokensPerWindow } = estimate;
  const parts = Object.entries(stages).map(([stage, value]) => `${stage} ${value.toFixed(1)} s`);
  const lines = [
    `about ${clockText(seconds)} min, ${(estimate.memoryMb / 1024).toFixed(1)} GB of memory`,
    `  ${parts.join(' · ')}`,
  ];
  if (windows === 0) lines.push('  nothing to generate');
  else {
    lines.push(
      `  ${windows} windows of ${Math.min(...tokensPerWindow)} to ${Math.max(...tokensPerWindow)} tokens: ` +
        `${calls.full} full, ${calls.partial} partial, ${calls.reuse} reused steps` +
        ` · ${(estimate.flops / 1e12).toFixed(2)} TFLOP`,
    );
  }
  lines.push(...estimate.notes.map((note) => `  ${note}`));
  return lines.join('\n');
}

export function registerEstimate(program: Command, context: CliContext): void {
  const command = program
    .command('estimate')
    .description('What `remove` would take, without running it. Measures this machine on its first use.');
  addJobOptions(command).action(async (clip: string, flags: JobFlags) => {
    const request = requestFromFlags('remove', clip, flags);
    await checkPaths(request);
    const estimate = await estimateJob(request, context.home, {
      signal: context.signal,
      onProgress: context.onProgress,
      onNote: context.note,
    });
    context.answer(estimate, estimateText(estimate));
  });
}
