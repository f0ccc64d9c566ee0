import type { BenchReport, BenchRow, BenchSession, Difference } from './bench-report.ts';
import { medianRun, samplingSeconds } from './derive-row.ts';
import { atEqualQuality, frontier, type EqualQuality } from './frontier.ts';
import { count, decibels, figure, operations, percent, ratio, table } from './markdown-table.ts';
import { paperBlock } from './paper-block.ts';
import { paperSource, paperTables } from './paper-tables.ts';

/** The method that the others are compared with at equal quality. */
const subject = 'hetcache';

/** By method in the order of their first rows, slowest first within a method. */
export function sortRows(rows: readonly BenchRow[]): BenchRow[] {
  const methods = [...new Set(rows.map((row) => row.method))];
  const place = (row: BenchRow): number => methods.indexOf(row.method);
  return [...rows].sort((a, b) => place(a) - place(b) || a.speedup - b.speedup);
}

/** Method and setting in a few words. */
export function rowName(row: Pick<BenchRow, 'method' | 'label'>): string {
  return row.label === '' ? row.method : `${row.method} ${row.label}`;
}

/** Where the plots of a report lie, relative to it. */
export interface PlotPaths {
  readonly quality: string;
  readonly calls: string;
  readonly time: string;
}

/** The report for people: what was measured on what, and what follows; GitHub's Markdown. */
export function benchMarkdown(report: BenchReport, plots: PlotPaths): string {
  const rows = sortRows(report.rows);
  const blocks = [
    `# Cache methods on ${report.clip}`,
    conditions(report),
    sessionsText(report.sessions),
    '## Speed and quality',
    `![PSNR inside the mask over speed-up, by method](${plots.quality})`,
    speedTable(rows, new Set(frontier(rows))),
    [
      '★: no other row is both faster and closer to the uncached run.',
      'Seconds: sampling, with all that the method costs; whole: with the VAE’s encode and decode.',
      'PSNR in dB, against the uncached run with the same seed unless it says truth.',
      'Realised: how much of the FLOPs saved shows in the seconds.',
    ].join(' '),
    ...equalQualityBlocks(rows),
    '## Network calls',
    'Steps over all windows: whole network, part of it, none.',
    `![Steps by kind](${plots.calls})`,
    callsTable(rows),
    '## Where the time goes',
    'Seconds of the median run; shares are of the sampling, which is network, selection and bookkeeping.',
    `![Seconds by what they were spent on](${plots.time})`,
    timeTable(rows),
    '## The paper’s figures',
    `From [${paperSource.title}](${paperSource.url}). They are of other machines, other models and other clips:` +
      ' compare the ratios, not the seconds.',
    ...paperTables.map(paperBlock),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function conditions(report: BenchReport): string {
  const { machine } = report;
  const gigabytes = Math.round(machine.memoryGb);
  return [
    `- Machine: ${machine.cpu}, ${count(machine.cores, 'core')}, ${gigabytes} GB, ${machine.os};` +
      ` Node ${machine.node}, ONNX Runtime ${machine.onnxRuntime} (${machine.provider});` +
      ` matrix products reach ${Math.round(machine.matmulPeakGflops)} GFLOP/s`,
    `- Model: ${report.model}; mask: ${report.mask}`,
    `- Work: ${count(report.frames, 'frame')} in ${count(report.windows, 'window')} of` +
      ` ${report.tokensPerWindow} tokens, ${count(report.steps, 'step')}, seed ${report.seed}` +
      (report.guidanceScale === undefined
        ? ''
        : `, guidance ${report.guidanceScale}, prompt “${report.prompt ?? ''}”`),
    ...(report.twofoldReusePsnr === undefined ? [] : [hardness(report.twofoldReusePsnr)]),
    `- Date: ${report.date}`,
  ].join('\n');
}

/** So that no row is read as a larger model's: what plain reuse costs on this one. */
function hardness(psnr: number | null): string {
  const easy =
    psnr === null || psnr > 35
      ? ': **far easier to cache than a real model**, so that its speed-ups do not carry over'
      : '';
  return (
    `- How hard it is to cache: every second call reused as it is gives ${decibels(psnr)} dB inside the mask` +
    ` (22.6 published for Wan2.1-1.3B at twice the speed)${easy}`
  );
}

/** What the machine did to the uncached run, so that a reader can tell noise from gain. */
function sessionsText(sessions: readonly BenchSession[]): string {
  const texts = sessions.map(({ fullRuns }) => {
    const [start, end] = fullRuns.map(samplingSeconds);
    if (end === undefined) return `${figure(start)} s at the beginning (it was broken off before the end)`;
    return `${figure(start)} s at the beginning and ${figure(end)} s at the end (${signedPercent(end / start - 1)})`;
  });
  if (texts.length === 1) return `The uncached run took ${texts[0]}.`;
  const medians = sessions.map(({ fullRuns }) => samplingSeconds(medianRun(fullRuns)));
  const spread = Math.max(...medians) / Math.min(...medians) - 1;
  return [
    `**Measured in ${sessions.length} sessions**: the benchmark was broken off and resumed. Every speed-up is against` +
      ` the uncached run of its own session; between sessions that run differed by up to ${percent(spread)}.`,
    texts.map((text, index) => `- Session ${index + 1}: the uncached run took ${text}.`).join('\n'),
  ].join('\n\n');
}

function speedTable(rows: readonly BenchRow[], best: ReadonlySet<BenchRow>): string {
  const hasTruth = rows.some((row) => row.vsTruth !== null);
  const truthOf = ({ vsTruth }: BenchRow): string => (vsTruth === null ? '–' : decibels(vsTruth.maskPsnr));
  return table(
    [
      ['', 'l'],
      ['method', 'l'],
      ['setting', 'l'],
      ['seconds', 'r'],
      ['speed-up', 'r'],
      ['whole', 'r'],
      ['FLOPs', 'r'],
      ['saved', 'r'],
      ['realised', 'r'],
      ['mask', 'r'],
      ['SSIM', 'r'],
      ['MS-SSIM', 'r'],
      ['margin', 'r'],
      ['outside', 'r'],
      ...(hasTruth ? ([['truth', 'r']] as const) : []),
      ['memory', 'r'],
    ],
    rows.map((row) => [
      best.has(row) ? '★' : '',
      row.method,
      row.label,
      figure(row.seconds),
      ratio(row.speedup),
      ratio(row.totalSpeedup),
      operations(row.flops),
      percent(row.flopsSaved),
      row.realisedShare === null ? '–' : percent(row.realisedShare),
      decibels(row.vsFull.maskPsnr),
      similarity(row.vsFull),
      row.vsFull.maskMsSsim === undefined ? '–' : row.vsFull.maskMsSsim.toFixed(3),
      decibels(row.vsFull.marginPsnr),
      decibels(row.vsFull.outsidePsnr),
      ...(hasTruth ? [truthOf(row)] : []),
      `${Math.round(row.peakMemoryMb)} MB`,
    ]),
  );
}

function equalQualityBlocks(rows: readonly BenchRow[]): string[] {
  const comparisons = atEqualQuality(rows, subject);
  if (comparisons.length === 0) return [];
  return [
    `## ${subject} at equal quality`,
    `The speed of ${subject} at the PSNR of each rival’s setting, log-linear between its own settings on its frontier.` +
      ' Nothing is extrapolated.',
    table(
      [
        ['rival', 'l'],
        ['mask', 'r'],
        ['its speed-up', 'r'],
        [subject, 'r'],
        [`${subject} / rival`, 'l'],
      ],
      comparisons.map((comparison) => [
        rowName(comparison.rival),
        decibels(comparison.rival.vsFull.maskPsnr),
        ratio(comparison.rival.speedup),
        comparison.speedup === null ? '–' : ratio(comparison.speedup),
        verdict(comparison),
      ]),
    ),
  ];
}

function verdict(comparison: EqualQuality): string {
  switch (comparison.range) {
    case 'inside':
      return ratio(comparison.ratio);
    case 'rival-worse':
      return `at least ${ratio(comparison.atLeast)}: every setting of ${subject} is better`;
    case 'rival-better':
      return `not comparable: no setting of ${subject} is as good`;
  }
}

function callsTable(rows: readonly BenchRow[]): string {
  return table(
    [
      ['row', 'l'],
      ['full', 'r'],
      ['partial', 'r'],
      ['reuse', 'r'],
      ['network calls', 'r'],
    ],
    rows.map((row) => {
      const { full, partial, reuse } = row.calls;
      const steps = full + partial + reuse;
      const made = `${full + partial} of ${steps}`;
      return [rowName(row), ...[full, partial, reuse].map(String), made];
    }),
  );
}

function timeTable(rows: readonly BenchRow[]): string {
  return table(
    [
      ['row', 'l'],
      ['network', 'r'],
      ['selection', 'r'],
      ['share', 'r'],
      ['bookkeeping', 'r'],
      ['share', 'r'],
      ['encode', 'r'],
      ['decode', 'r'],
      ['whole', 'r'],
    ],
    rows.map((row) => [
      rowName(row),
      figure(row.networkSeconds),
      figure(row.selectionSeconds),
      percent(row.selectionSeconds / row.seconds),
      figure(row.bookkeepingSeconds),
      percent(row.bookkeepingSeconds / row.seconds),
      figure(row.encodeSeconds),
      figure(row.decodeSeconds),
      figure(row.totalSeconds),
    ]),
  );
}

const signedPercent = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
const similarity = (difference: Difference): string =>
  difference.maskPsnr === null ? 'same' : difference.maskSsim.toFixed(3);
