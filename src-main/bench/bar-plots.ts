import {
  rowName,
  runParts,
  sortRows,
  type BenchReport,
  type BenchRow,
} from '../../src-shared/core/bench/index.ts';
import type { Chart } from './draw-chart.ts';
import { callColours, fontSizes, ink, partColours, textWidth } from './plot-style.ts';

const width = 1000;
const barStep = 27;
const outline = { color: ink.paper, borderColor: ink.faint, borderWidth: 1, borderType: 'dashed' as const };

interface Part {
  readonly name: string;
  /** null: an outline only, for what was not done. */
  readonly colour: string | null;
  readonly valueOf: (row: BenchRow) => number;
}

/** One horizontal bar for each row, made of `parts`; `note` is right of the bar. */
function stackedBars(input: {
  readonly title: string;
  readonly subtitle: string;
  readonly axis: string;
  readonly rows: readonly BenchRow[];
  readonly parts: readonly Part[];
  readonly note: (row: BenchRow) => string;
}): Chart {
  const { title, subtitle, axis, rows, parts, note } = input;
  const names = rows.map(rowName);
  const widest = (texts: readonly string[]): number =>
    Math.max(...texts.map((text) => textWidth(text, fontSizes.axis)));
  const left = Math.round(Math.max(84, widest(names) + 26));
  const right = Math.round(widest(rows.map(note)) + 30);
  const top = 104;
  const height = top + barStep * rows.length + 66;
  return {
    width,
    height,
    option: {
      title: {
        text: title,
        subtext: subtitle,
        left: 24,
        top: 14,
        padding: 0,
        itemGap: 6,
        textStyle: { color: ink.strong, fontSize: fontSizes.title, fontWeight: 600 },
        subtextStyle: {
          color: ink.plain,
          fontSize: fontSizes.subtitle,
          width: width - 48,
          overflow: 'truncate',
        },
      },
      legend: {
        left: 24,
        top: 70,
        padding: 0,
        itemGap: 18,
        itemWidth: 14,
        itemHeight: 12,
        textStyle: { color: ink.strong, fontSize: fontSizes.axis },
        data: parts.map(({ name, colour }) => (colour === null ? { name, itemStyle: outline } : name)),
      },
      grid: { left, right, top, bottom: 62 },
      xAxis: {
        type: 'value',
        name: axis,
        nameLocation: 'middle',
        nameGap: 34,
        nameTextStyle: { color: ink.plain, fontSize: fontSizes.axis },
        axisLabel: { color: ink.plain, fontSize: fontSizes.axis },
        splitLine: { show: true, lineStyle: { color: ink.grid } },
      },
      yAxis: {
        type: 'category',
        data: names,
        inverse: true,
        axisTick: { show: false },
        axisLine: { show: true, lineStyle: { color: ink.plain } },
        axisLabel: { color: ink.strong, fontSize: fontSizes.axis, interval: 0, margin: 10 },
      },
      series: [
        ...parts.map(({ name, colour, valueOf }) => ({
          name,
          type: 'bar' as const,
          stack: 'row',
          barWidth: 17,
          // '-' draws nothing; a bar of no length would still have its outline.
          data: rows.map((row) => valueOf(row) || '-'),
          itemStyle: colour === null ? outline : { color: colour },
        })),
        {
          // Nothing but the note right of the bar.
          name: 'note',
          type: 'bar' as const,
          stack: 'row',
          data: rows.map((row) => ({
            value: 0,
            label: {
              show: true,
              position: 'right' as const,
              distance: 8,
              formatter: () => note(row),
              color: ink.plain,
              fontSize: fontSizes.axis,
            },
          })),
        },
      ],
    },
  };
}

const stepsOf = ({ calls }: BenchRow): number => calls.full + calls.partial + calls.reuse;

/** Steps of each row by kind; what a run with fewer steps leaves out counts as not run. */
export function callsPlot(report: BenchReport): Chart {
  const rows = sortRows(report.rows);
  const most = Math.max(...rows.map(stepsOf));
  const parts: Part[] = [
    { name: 'full', colour: callColours.full, valueOf: (row) => row.calls.full },
    { name: 'partial', colour: callColours.partial, valueOf: (row) => row.calls.partial },
    { name: 'reuse (no network call)', colour: callColours.reuse, valueOf: (row) => row.calls.reuse },
  ];
  if (rows.some((row) => stepsOf(row) < most)) {
    parts.push({
      name: 'step not run',
      colour: null,
      valueOf: (row) => most - stepsOf(row),
    });
  }
  return stackedBars({
    title: 'Steps by kind',
    subtitle: `${report.model}, ${report.clip}: ${report.steps} steps × ${report.windows} window${report.windows === 1 ? '' : 's'}. Right of the bars: FLOPs saved.`,
    axis: 'steps over all windows',
    rows,
    parts,
    note: (row) => `${(100 * row.flopsSaved).toFixed(0)} %`,
  });
}

/** Seconds of each row by what they were spent on. */
export function timePlot(report: BenchReport): Chart {
  return stackedBars({
    title: 'Where the time goes',
    subtitle: `${report.model}, ${report.clip}, on ${report.machine.cpu} (${report.machine.provider}). Right of the bars: speed-up of the whole run.`,
    axis: 'seconds of the median run',
    rows: sortRows(report.rows),
    parts: runParts.map((part) => ({
      name: part,
      colour: partColours[part],
      valueOf: (row: BenchRow) => row[`${part}Seconds`],
    })),
    note: (row) => `${row.totalSpeedup.toFixed(2)}×`,
  });
}
