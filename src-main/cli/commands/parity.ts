import { Option, type Command } from 'commander';
import type { Precision } from '../../../src-shared/core/graph/index.ts';
import { createOrt } from '../../ort/index.ts';
import { runParity, type ParityReport } from '../../parity/index.ts';
import type { CliContext } from '../context.ts';

function parityText({ cases, skipped, ok, seconds, precision }: ParityReport): string {
  const width = Math.max(...cases.map((one) => one.name.length));
  const rows = cases.map(
    ({ name, maxAbs, tolerance, ok: passed, error }) =>
      `${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}  ${maxAbs.toExponential(1).padStart(8)}` +
      `  of ${tolerance.toExponential(1)}${error === undefined ? '' : `  ${error}`}`,
  );
  const failed = cases.filter((one) => !one.ok).length;
  return [
    ...rows,
    ...skipped.map(({ name, reason }) => `skip  ${name.padEnd(width)}  ${reason}`),
    `${cases.length} comparisons in ${precision}, ${ok ? 'all within their tolerance' : `${failed} failed`}, ${seconds.toFixed(1)} s`,
  ].join('\n');
}

export function registerParity(program: Command, context: CliContext): void {
  program
    .command('parity')
    .description('Compares imported models with stored reference vectors.')
    .argument('<dir>', 'searched for golden folders, at any depth')
    .addOption(
      new Option('--precision <p>', 'how the models are imported').choices(['fp32', 'fp16']).default('fp32'),
    )
    .action(async (root: string, flags: { precision: Precision }) => {
      const { signal, onProgress } = context;
      const report = await runParity({
        root,
        precision: flags.precision,
        sessions: createOrt(),
        signal,
        onFolder: (_name, done, total) =>
          onProgress({ stage: 'check', step: done, steps: total, unit: 'folders' }),
      });
      if (!report.ok) context.markFailed();
      context.answer(report, parityText(report));
    });
}
