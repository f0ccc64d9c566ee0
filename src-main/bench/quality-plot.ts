import {
  frontier,
  maskQuality,
  sortRows,
  type BenchReport,
  type BenchRow,
} from '../../src-shared/core/bench/index.ts';
import type { Chart } from './draw-chart.ts';
import { placeLabels, type Segment } from './place-labels.ts';
import { fontFamily, fontSizes, ink, methodStyles, textWidth } from './plot-style.ts';

const width = 1000;
const height = 680;
const [left, right] = [84, 36];
const legendTop = 70;
const legendRow = 24;
const legendGap = 14;
const markerSize = 10;
const legendMarker = { width: 28, gap: 18 };

/** Rows that the legend needs: ECharts wraps it, but does not move the plot out of its way. */
function legendRows(names: readonly string[]): number {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const own = legendMarker.width + 5 + textWidth(name, fontSizes.axis) + legendMarker.gap;
    if (used > 0 && used + own > width - left - right) {
      rows++;
      used = 0;
    }
    used += own;
  }
  return rows;
}

/** Nice bounds around values: multiples of `step`, with at least `room` of a step free at either end. */
function bounds(values: readonly number[], steps: readonly number[], room: number): [number, number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = steps.find((candidate) => (high - low) / candidate <= 8) ?? steps[steps.length - 1];
  return [Math.floor(low / step - room) * step, Math.ceil(high / step + room) * step, step];
}

/** What distinguishes a point from the others of its method; the method's name where nothing does. */
const pointLabel = (row: BenchRow): string => (row.label === '' ? row.method : row.label);

/**
 * Quality against speed: PSNR inside the mask against the uncached run over the speed-up, one line for each method,
 * the frontier dashed. Rows equal to the uncached run have no finite PSNR and stand on the upper edge.
 */
export function qualityPlot(report: BenchReport): Chart {
  const rows = sortRows(report.rows);
  const styles = methodStyles(report.rows);
  const methods = [...styles.keys()];
  const top = legendTop + legendRow * legendRows([...methods, 'frontier']) + legendGap;
  const area = { left, top, width: width - left - right, height: height - top - 72 };
  const finite = rows.filter((row) => row.vsFull.maskPsnr !== null);
  const speeds = [1, ...rows.map((row) => row.speedup)];
  const [xLow, xHigh, xStep] = bounds(speeds, [0.05, 0.1, 0.2, 0.5, 1, 2, 5], 0.35);
  // With nothing but identical rows any range will do.
  const psnrs = finite.length === 0 ? [30, 40] : finite.map(maskQuality);
  const [yLow, yHigh, yStep] = bounds(psnrs, [0.5, 1, 2, 5, 10, 20], 0.4);
  const level = (row: BenchRow): number => Math.min(maskQuality(row), yHigh);
  const place = (row: BenchRow): [number, number] => [
    area.left + ((row.speedup - xLow) / (xHigh - xLow)) * area.width,
    area.top + ((yHigh - level(row)) / (yHigh - yLow)) * area.height,
  ];
  const chain = (of: readonly BenchRow[]): Segment[] =>
    of.slice(1).map((row, index): Segment => [...place(of[index]), ...place(row)]);
  const best = frontier(finite);
  // A line joins what is best of a method; settings that another of its settings beats are next to it.
  const lines = methods.map((method) => frontier(finite.filter((row) => row.method === method)));
  const weight = (row: BenchRow): number =>
    best.includes(row) ? 0 : lines.some((line) => line.includes(row)) ? 1 : 2;
  const labelled = [...rows].sort((a, b) => weight(a) - weight(b));
  const labels = placeLabels(
    labelled.map((row) => {
      const [x, y] = place(row);
      return { x, y, width: textWidth(pointLabel(row), fontSizes.label), height: fontSizes.label + 3 };
    }),
    [...lines, best].flatMap(chain),
    // Labels of points on the upper edge may reach into the gap below the legend.
    { ...area, top: area.top - legendGap, height: area.height + legendGap },
    markerSize + 2,
  );
  const axisName = { color: ink.plain, fontSize: fontSizes.axis };
  const axisLine = { show: true, lineStyle: { color: ink.plain, width: 1 } };
  const axisLabel = { color: ink.plain, fontSize: fontSizes.axis };
  const splitLine = { show: true, lineStyle: { color: ink.grid } };
  return {
    width,
    height,
    option: {
      title: {
        text: 'Quality against speed',
        subtext: `${report.model}, ${report.clip}, ${report.steps} steps, seed ${report.seed}. Upper right is better; on the upper edge: equal to the uncached run.`,
        left,
        top: 14,
        padding: 0,
        itemGap: 6,
        textStyle: { color: ink.strong, fontSize: fontSizes.title, fontWeight: 600 },
        subtextStyle: {
          color: ink.plain,
          fontSize: fontSizes.subtitle,
          width: width - left - right,
          overflow: 'truncate',
        },
      },
      legend: {
        left,
        right,
        top: legendTop,
        padding: 0,
        itemGap: legendMarker.gap,
        itemWidth: legendMarker.width,
        itemHeight: 11,
        textStyle: { color: ink.strong, fontSize: fontSizes.axis },
        data: [...methods, { name: 'frontier', itemStyle: { opacity: 0 } }],
      },
      grid: { ...area },
      xAxis: {
        type: 'value',
        name: `speed-up of sampling over the uncached run (×)${labels.includes(null) ? '; crowded settings are named in the table only' : ''}`,
        nameLocation: 'middle',
        nameGap: 38,
        nameTextStyle: axisName,
        min: xLow,
        max: xHigh,
        interval: xStep,
        axisLine: { ...axisLine, onZero: false },
        axisTick: { show: true },
        axisLabel: { ...axisLabel, formatter: (value: number) => String(Number(value.toFixed(2))) },
        splitLine,
      },
      yAxis: {
        type: 'value',
        name: 'PSNR inside the mask against the uncached run (dB)',
        nameLocation: 'middle',
        nameGap: 48,
        nameTextStyle: axisName,
        min: yLow,
        max: yHigh,
        interval: yStep,
        axisLine: { ...axisLine, onZero: false },
        axisTick: { show: true },
        axisLabel: { ...axisLabel, formatter: (value: number) => String(Number(value.toFixed(1))) },
        splitLine,
      },
      series: [
        {
          name: 'frontier',
          type: 'line',
          data: best.map((row) => [row.speedup, level(row)]),
          symbol: 'none',
          lineStyle: { color: ink.faint, width: 1.5, type: [6, 5] },
          itemStyle: { color: ink.faint },
          z: 1,
        },
        ...[...styles].map(([method, style], index) => {
          const isSubject = method === 'hetcache';
          return {
            name: method,
            type: 'line' as const,
            data: lines[index].map((row) => [row.speedup, level(row)]),
            symbol: style.symbol,
            symbolSize: markerSize,
            symbolKeepAspect: true,
            clip: false,
            color: style.colour,
            lineStyle: { color: style.colour, width: isSubject ? 2.5 : 1.5 },
            itemStyle: { color: style.colour, borderColor: ink.paper, borderWidth: 1 },
            z: isSubject ? 4 : 3,
          };
        }),
        ...[...styles].map(([method, style], index) => ({
          name: `${method}, beside its line`,
          type: 'scatter' as const,
          data: finite
            .filter((row) => row.method === method && !lines[index].includes(row))
            .map((row) => [row.speedup, level(row)]),
          symbol: style.symbol,
          symbolSize: markerSize,
          symbolKeepAspect: true,
          itemStyle: { color: style.colour, borderColor: ink.paper, borderWidth: 1 },
          z: 3,
        })),
        ...[...styles].map(([method, style]) => ({
          // Rows without a finite PSNR, apart from the lines: there is nothing to interpolate to.
          name: `${method}, identical`,
          type: 'scatter' as const,
          data: rows
            .filter((row) => row.method === method && row.vsFull.maskPsnr === null)
            .map((row) => [row.speedup, yHigh]),
          symbol: style.symbol,
          symbolSize: markerSize,
          symbolKeepAspect: true,
          clip: false,
          itemStyle: { color: ink.paper, borderColor: style.colour, borderWidth: 2 },
          z: 4,
        })),
      ],
      graphic: labelled.flatMap((row, index) => {
        const box = labels[index];
        if (box === null) return [];
        return {
          type: 'text' as const,
          silent: true,
          z: 5,
          x: box.left + box.width / 2,
          y: box.top + box.height / 2,
          style: {
            text: pointLabel(row),
            fill: styles.get(row.method)?.colour ?? ink.plain,
            font: `${fontSizes.label}px ${fontFamily}`,
            align: 'center' as const,
            verticalAlign: 'middle' as const,
            // A halo, for labels that must cross a grid line.
            stroke: ink.paper,
            lineWidth: 3,
          },
        };
      }),
    },
  };
}
