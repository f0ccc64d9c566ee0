import type { Command } from 'commander';
import { benchNetwork, type NetworkBench } from '../../host/bench-network.ts';
import { openModel } from '../../models/index.ts';
import { createOrt, matmulPeak } from '../../ort/index.ts';
import type { CliContext } from '../context.ts';
import { wholeNumber } from './edit.ts';

/** Frames, rows and columns of tokens: 192 to 4,480 of them. */
const grids = [
  [3, 8, 8],
  [5, 8, 16],
  [5, 14, 16],
  [7, 16, 16],
  [5, 16, 28],
  [10, 16, 28],
] as const;

function benchText(bench: NetworkBench): string {
  return [
    `${bench.model}: matrix-product peak ${bench.peakGflopPerSec.toFixed(0)} GFLOP/s`,
    ' tokens   seconds    GFLOP  GFLOP/s  of peak',
    ...bench.rows.map(
      (row) =>
        `${String(row.tokens).padStart(7)} ${row.seconds.toFixed(3).padStart(9)} ${row.gflop.toFixed(1).padStart(8)}` +
        ` ${row.gflopPerSec.toFixed(0).padStart(8)} ${`${Math.round(row.shareOfPeak * 100)} %`.padStart(8)}`,
    ),
  ].join('\n');
}

export function registerBench(program: Command, context: CliContext): void {
  program
    .command('bench')
    .description('Measures speed on this machine.')
    .command('network')
    .description('One network call over the number of tokens, as a share of the matrix-product peak.')
    .option('--model <id>', 'an imported model', 'starter')
    .option('--runs <n>', 'timed calls of each size; the median counts', wholeNumber('--runs', 1, 100), 5)
    .action(async (flags: { model: string; runs: number }) => {
      const sessions = createOrt();
      const { signal, onProgress } = context;
      const model = await openModel(context.home, flags.model, { signal, onProgress });
      const bench = await benchNetwork({
        sessions,
        peak: async () => (await matmulPeak(sessions)).gflopPerSec,
        model,
        grids,
        runs: flags.runs,
        signal,
        onRun: (step, steps) => onProgress({ stage: 'sample', step, steps, unit: 'calls' }),
      });
      context.answer(bench, benchText(bench));
    });
}
