import { presetMethod, presets, type PresetName } from '../../src-shared/core/presets/index.ts';
import type { CheckResult } from '../engine/check-job.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import { runMessageLoop } from '../host/message-loop.ts';
import type { CliContext } from './context.ts';

/** An edit by words with each preset, and what the cache saved and cost: both runs are measured here and now. */
export type WordsRuns = Readonly<
  Record<string, { readonly result: EditResult; readonly check: CheckResult }>
>;

/** All presets, the job's own last, so that its files stay. */
export function everyPreset({ preset: own }: Pick<EditJob, 'preset'>): PresetName[] {
  return [...(Object.keys(presets) as PresetName[]).filter((preset) => preset !== own), own];
}

/** Runs an edit with each of the presets, and compares it with its uncached run around a frame. */
export async function runWords(
  job: EditJob,
  { frame, of }: { readonly frame: number; readonly of: readonly PresetName[] },
  context: CliContext,
): Promise<WordsRuns> {
  const { home, startHost, signal, onProgress, note: onNote } = context;
  const callbacks = { signal, onProgress, onNote };
  const runs: Record<string, WordsRuns[string]> = {};
  for (const preset of of) {
    const edit: EditJob = { ...job, preset, method: presetMethod(preset) };
    onNote(`“${job.prompt}”, ${preset} …`);
    const result = await runMessageLoop(startHost, edit, home, callbacks);
    const check = await runMessageLoop(
      startHost,
      { kind: 'check' as const, edit: { ...edit, outputPath: `${job.outputPath}.pictures` }, frame },
      home,
      callbacks,
    );
    runs[preset] = { result, check };
  }
  return runs;
}

/** One row a preset: what was called, what that saved, what it changed, and whether it took what was said. */
export function wordsTable(runs: WordsRuns): string {
  const header = ['preset', 'calls', 'sampling', 'uncached', 'speed-up', 'against it', 'estimate', 'took'];
  const order = Object.keys(presets).filter((preset) => Object.hasOwn(runs, preset));
  const rows = order.map((preset) => {
    const { result, check } = runs[preset];
    const { full, partial } = check.calls;
    return [
      preset,
      `${full + partial} of ${check.steps}`,
      `${check.seconds.toFixed(2)} s`,
      `${check.fullSeconds.toFixed(2)} s`,
      `${(check.fullSeconds / check.seconds).toFixed(2)}×`,
      check.maskPsnr === null ? 'the same' : `${check.maskPsnr.toFixed(1)} dB`,
      `${result.estimateSeconds.toFixed(1)} s`,
      `${result.seconds.total.toFixed(1)} s`,
    ];
  });
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map(
      (row) =>
        `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`,
    )
    .join('\n');
}
