import type { JobRow } from '../../src-shared/ipc/index.ts';
import { formatNumber, text } from '../i18n/index.ts';

/** What a running job does: `Generate · 14 of 20 · window 2 of 3`, the stages as the command line has them. */
export function progressText(progress: JobRow['progress']): string {
  if (progress === undefined) return text('jobs.running');
  const { stage, counted, window, note } = progress;
  if (note !== undefined) return note;
  return [
    text(`jobs.stage.${stage}`),
    counted && text('jobs.counted', { step: formatNumber(counted.step), steps: formatNumber(counted.steps) }),
    window && text('jobs.window', window),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
