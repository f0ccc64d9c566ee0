import type { GpuBenchReport, MethodRow, ParityRow, TimedRow } from './gpu-report.ts';
import { decibels, figure, operations, percent, ratio, table } from './markdown-table.ts';
import { paperBlock } from './paper-block.ts';
import { paperSource, paperTables } from './paper-tables.ts';

/** The report of `bench gpu` for people, in GitHub's Markdown. */
export function gpuMarkdown(report: GpuBenchReport): string {
  const { toy, methodSize, parity } = report;
  const blocks = [
    `# ${toy ? 'bench gpu at toy size' : (report.machine.card?.name ?? report.machine.provider)}`,
    toy
      ? '**Toy size, on the processor: a small model and small clips. It shows that the benchmark runs from end to end;' +
        ' its seconds, shares and memory say nothing about a graphics card or about Wan2.1-VACE.**'
      : '',
    conditions(report),
    `Peak memory: ${report.machine.card === undefined ? 'of the whole process, with what it keeps from before; planned: of that part alone.' : 'of the card, beyond what other programs had when the benchmark began.'}`,
    '## Parity',
    parity.length === 0
      ? 'Not run: no folder of reference vectors was given.'
      : 'Every set of reference vectors on this provider. Worst: the comparison that comes closest to its tolerance, or is' +
        ' furthest beyond it, as a share of the tolerance.',
    parity.length === 0 ? '' : parityTable(parity),
    '## One network call',
    `One stream. Of the peak: of what matrix products in ${report.peakType} reach here, ${operations(report.peakGflops * 1e9)}FLOP/s.`,
    timedTable(report.calls, true),
    '## VAE',
    'One pass over the clip: the encoder (a window takes two), and the decoder.',
    timedTable(report.vae, false),
    '## Text',
    'The text encoder runs on the processor, once for each text.',
    timedTable(report.text, false),
    '## Cache methods',
    `One window of ${methodSize.frames}×${methodSize.height}×${methodSize.width}, ${report.streams} streams; seconds of the sampling.` +
      ' Ratios and schedules of the methods that are calibrated are those of the uncached run itself.' +
      (report.model.synthetic
        ? ' The weights are random: dB says that a method runs, not how good it is, and methods that look at what the' +
          ' network gives take another number of calls than on a trained model.'
        : ''),
    methodTable(report.methods),
    '## The paper’s figures',
    `From [${paperSource.title}](${paperSource.url}), on the authors’ card: compare the ratios, not the seconds.`,
    ...paperTables.map(paperBlock),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function conditions({ machine, model, date }: GpuBenchReport): string {
  const { card } = machine;
  const details = [card?.memoryGb === undefined ? '' : `${Math.round(card.memoryGb)} GB`, card?.driver ?? '']
    .filter((text) => text !== '')
    .map((text, i) => (i === 0 ? text : `driver ${text}`));
  return [
    `- Card: ${card === undefined ? 'none' : [card.name, ...details].join(', ')}`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.os};` +
      ` ONNX Runtime ${machine.onnxRuntime} (${machine.provider})`,
    `- Model: ${model.id}, ${model.precision}${model.synthetic ? ', random weights' : ''}`,
    `- Date: ${date}`,
  ].join('\n');
}

function parityTable(rows: readonly ParityRow[]): string {
  return table(
    [
      ['set', 'l'],
      ['precision', 'l'],
      ['comparisons', 'r'],
      ['failed', 'r'],
      ['worst', 'l'],
      ['of its tolerance', 'r'],
    ],
    rows.map(({ set, precision, comparisons, failed, worst, worstShare }) => [
      set,
      precision,
      String(comparisons),
      String(failed),
      worst,
      worstShare === null ? '–' : percent(worstShare),
    ]),
  );
}

const gigabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '–' : `${(bytes / 1e9).toFixed(2)} GB`;

function timedTable(rows: readonly TimedRow[], withShare: boolean): string {
  return table(
    [
      ['', 'l'],
      ['seconds', 'r'],
      ['FLOPs', 'r'],
      ...(withShare ? ([['of the peak', 'r']] as const) : []),
      ['peak memory', 'r'],
      ['planned', 'r'],
    ],
    rows.map((row) => [
      row.name,
      row.seconds === undefined ? (row.problem ?? '–') : figure(row.seconds),
      row.gflop === undefined ? '–' : operations(row.gflop * 1e9),
      ...(withShare ? [row.shareOfPeak === undefined ? '–' : percent(row.shareOfPeak)] : []),
      gigabytes(row.peakBytes),
      gigabytes(row.plannedBytes),
    ]),
  );
}

function methodTable(rows: readonly MethodRow[]): string {
  const fullOf = (steps: number): MethodRow | undefined =>
    rows.find((row) => row.steps === steps && row.name === 'full');
  return table(
    [
      ['steps', 'r'],
      ['method', 'l'],
      ['seconds', 'r'],
      ['speed-up', 'r'],
      ['FLOPs saved', 'r'],
      ['full/partial/reuse', 'r'],
      ['mask dB', 'r'],
      ['peak memory', 'r'],
    ],
    rows.map((row) => {
      const full = fullOf(row.steps);
      const { seconds, gflop, calls } = row;
      return [
        String(row.steps),
        row.name,
        seconds === undefined ? (row.problem ?? '–') : figure(seconds),
        seconds === undefined || full?.seconds === undefined ? '–' : ratio(full.seconds / seconds),
        gflop === undefined || full?.gflop === undefined ? '–' : percent(1 - gflop / full.gflop),
        calls === undefined ? '–' : `${calls.full}/${calls.partial}/${calls.reuse}`,
        row === full || row.seconds === undefined ? '–' : decibels(row.maskPsnr),
        gigabytes(row.peakBytes),
      ];
    }),
  );
}
