import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { BenchReport } from '../../../src-shared/core/bench/index.ts';
import {
  allSpecs,
  openBenchStore,
  parseBenchSpecs,
  writeBenchReport,
  type BenchReportPaths,
} from '../../bench/index.ts';
import { modelState } from '../../engine/network/model-folder.ts';
import { benchKey, benchMethods } from '../../host/bench/bench-methods.ts';
import { loadModel } from '../../host/load-model.ts';
import { wordsOf } from '../../engine/text/job-words.ts';
import { encodePrompts } from '../../host/encode-prompts.ts';
import { fileStamp } from '../../jobs/file-stamp.ts';
import { openWorkFolder } from '../../jobs/work-folder.ts';
import { createMedia } from '../../media/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import { benchNetwork, type NetworkBench } from '../../host/bench/bench-network.ts';
import { openModel } from '../../models/index.ts';
import { createOrt, matmulPeak } from '../../ort/index.ts';
import type { CliContext } from '../context.ts';
import { registerBenchGpu } from './bench-gpu.ts';
import { requireReadable, wholeNumber } from './edit.ts';

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

interface MethodFlags {
  mask: string;
  truth?: string;
  methods: string;
  prompt?: string;
  steps?: number;
  windows: number;
  repeats: number;
  seed: number;
  model: string;
  out: string;
  fresh?: boolean;
}

function methodsText(report: BenchReport, paths: BenchReportPaths): string {
  const figure = (value: number | null, digits: number): string =>
    value === null ? '–' : value.toFixed(digits);
  return [
    `${report.clip}: ${report.windows} windows of ${report.tokensPerWindow} tokens, ${report.steps} steps`,
    'speed-up  mask dB  realised  full/partial/reuse  method',
    ...report.rows.map((row) =>
      [
        figure(row.speedup, 2).padStart(8),
        (row.vsFull.maskPsnr === null ? 'equal' : figure(row.vsFull.maskPsnr, 2)).padStart(8),
        figure(row.realisedShare, 2).padStart(9),
        `${row.calls.full}/${row.calls.partial}/${row.calls.reuse}`.padStart(19),
        ` ${row.method} ${row.label}`,
      ].join(' '),
    ),
    `report: ${paths.markdown}`,
  ].join('\n');
}

const mostSteps = 1000;

async function runMethods(clip: string, flags: MethodFlags, context: CliContext): Promise<void> {
  const { home, signal, onProgress, note } = context;
  const paths = {
    clipPath: resolve(clip),
    maskPath: resolve(flags.mask),
    ...(flags.truth !== undefined && { truthPath: resolve(flags.truth) }),
  };
  const { clipPath, maskPath, truthPath } = paths;
  const rows = flags.methods === 'all' ? allSpecs : flags.methods.split(',');
  // What is wrong in a row is said before a model is opened. Its steps, not known yet, are only what shares are of.
  parseBenchSpecs(rows, flags.steps ?? mostSteps);
  await requireReadable([
    ['clip', clipPath],
    ['mask', maskPath],
    ['truth', truthPath],
  ]);
  const sessions = createOrt();
  const model = await openModel(home, flags.model, { signal, onProgress });
  const steps = flags.steps ?? model.settings.recommendedSteps;
  const request = {
    ...paths,
    specs: parseBenchSpecs(rows, steps),
    prompt: flags.prompt ?? '',
    steps,
    seed: flags.seed,
    maxWindows: flags.windows,
    repeats: flags.repeats,
    date: new Date().toISOString().slice(0, 10),
  };
  const inputs = [clipPath, maskPath, ...(truthPath === undefined ? [] : [truthPath])];
  const stamps = await Promise.all(inputs.map(fileStamp));
  const key = benchKey(request, modelState(model), stamps);
  const store = openBenchStore(home, key);
  if (flags.fresh === true) await store.clear();
  // Guided, as the papers measure: what was asked, else what a removal asks for, against the model's negative prompt.
  const { guidanceScale, prompts } = wordsOf(
    { kind: 'edit', prompt: flags.prompt ?? model.settings.removalPrompt, negativePrompt: '' },
    model.settings,
  );
  const runtime = await sessions.describeRuntime();
  const loaded = loadModel(sessions, model);
  try {
    const report = await benchMethods(request, {
      media: await createMedia(),
      model,
      loaded,
      texts: await encodePrompts(home, sessions, model, prompts),
      guidanceScale,
      store,
      patches: openWorkFolder(join(home, 'work', `bench-${key}`)),
      openTracker: openCameraTracker,
      onnxRuntime: runtime.version,
      provider: runtime.provider,
      matmulPeakGflops: (await matmulPeak(sessions)).gflopPerSec,
      signal,
      onProgress,
      onNote: note,
    });
    const written = await writeBenchReport(resolve(flags.out), report);
    await store.clear();
    context.answer({ ...report, paths: written }, methodsText(report, written));
  } finally {
    await loaded.release();
  }
}

export function registerBench(program: Command, context: CliContext): void {
  const bench = program.command('bench').description('Measures speed on this machine.');
  bench
    .command('network')
    .description('One network call over the number of tokens, as a share of the matrix-product peak.')
    .option('--model <id>', 'an imported model', 'starter')
    .option('--runs <n>', 'timed calls of each size; the median counts', wholeNumber('--runs', 1, 100), 5)
    .action(async (flags: { model: string; runs: number }) => {
      const sessions = createOrt();
      const { signal, onProgress } = context;
      const model = await openModel(context.home, flags.model, { signal, onProgress });
      const result = await benchNetwork({
        sessions,
        peak: async () => (await matmulPeak(sessions)).gflopPerSec,
        model,
        grids,
        runs: flags.runs,
        signal,
        onRun: (step, steps) => onProgress({ stage: 'sample', step, steps, unit: 'calls' }),
      });
      context.answer(result, benchText(result));
    });
  bench
    .command('methods')
    .description(
      'Cache methods against the uncached run: speed, operations saved, and what it costs in quality.',
    )
    .argument('<clip>', 'the video')
    .requiredOption('--mask <file>', 'video, PNG, folder of PNGs or mask JSON; white = what goes')
    .option('--truth <file>', 'a clean picture or clip to measure against')
    .option(
      '--methods <a,b,…>',
      'rows: method, method:option=value, hetcache@preset, full:share=0.5; "all": every method and setting',
      'all',
    )
    .option('--prompt <text>', 'what to put there, for models that follow prompts; default: as a removal')
    .option(
      '--steps <n>',
      'steps of the uncached run; default: the model’s own',
      wholeNumber('--steps', 1, mostSteps),
    )
    .option('--windows <n>', 'most windows of the clip, from its start', wholeNumber('--windows', 1, 1000), 4)
    .option('--repeats <n>', 'runs of each row; the median counts', wholeNumber('--repeats', 1, 100), 1)
    .option('--seed <n>', 'of the noise', wholeNumber('--seed', 0, 2 ** 32 - 1), 0)
    .option('--model <id>', 'an imported model', 'starter')
    .option('--out <folder>', 'where report.json, report.md and the plots go', join('out', 'bench'))
    .option('--fresh', 'measure again instead of continuing where an interrupted benchmark stopped')
    .action((clip: string, flags: MethodFlags) => runMethods(clip, flags, context));
  registerBenchGpu(bench, context);
}
