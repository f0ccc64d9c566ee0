import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowName, sortRows, type BenchReport } from '../../src-shared/core/bench/index.ts';
import { createMedia } from '../media/index.ts';
import { callsPlot, timePlot } from './bar-plots.ts';
import { chartSvg, type Chart } from './draw-chart.ts';
import { textWidth } from './plot-style.ts';
import { qualityPlot } from './quality-plot.ts';
import { exampleReport } from './testing/example-report.ts';
import { writeBenchReport } from './write-report.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Pixels of a part of a picture that are darker than mid-grey in every channel: type, in these plots. */
function darkPixels(picture: Picture, left: number, top: number, width: number, height: number): number {
  let count = 0;
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const at = 3 * (y * picture.width + x);
      if (picture.rgb.subarray(at, at + 3).every((level) => level < 128)) count++;
    }
  }
  return count;
}

/** All texts of an SVG, as a reader sees them. */
const textsOf = (chart: Chart): string[] =>
  [...chartSvg(chart).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('plots', () => {
  const report = exampleReport();
  const rows = sortRows(report.rows);

  it('name every method and every setting', () => {
    const quality = textsOf(qualityPlot(report));
    for (const { method, label } of rows) {
      expect(quality).toContain(method);
      expect(quality).toContain(label);
    }
    for (const plot of [callsPlot, timePlot]) {
      expect(textsOf(plot(report))).toEqual(expect.arrayContaining(rows.map(rowName)));
    }
  });

  it('say what a bar stands for, and what is right of it', () => {
    const calls = textsOf(callsPlot(report));
    expect(calls).toEqual(
      expect.arrayContaining(['full', 'partial', 'reuse (no network call)', 'step not run']),
    );
    // 25 of 50 steps; 14 whole steps and 14 of 0.66 out of 50 save 53.5 %.
    expect(calls).toEqual(expect.arrayContaining(['50 %', '54 %']));
    const time = textsOf(timePlot(report));
    expect(time).toEqual(
      expect.arrayContaining(['network', 'selection', 'bookkeeping', 'encode', 'decode', '1.00×']),
    );
  });

  it('draw reports of one row, of identical rows only, and of long names', () => {
    const [full] = report.rows;
    const long = { ...full, method: 'hetcache-without-importance', label: 'δ 0.05, r 0.7, k 16, β 0.5' };
    for (const few of [[full], [full, long]]) {
      const small: BenchReport = { ...report, rows: few };
      for (const plot of [qualityPlot, callsPlot, timePlot]) {
        const svg = chartSvg(plot(small));
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        for (const { method } of few) expect(svg).toContain(method);
      }
    }
  });

  it('measure text as the font sets it', () => {
    const font = createRequire(import.meta.url).resolve(
      '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf',
    );
    for (const text of [...rows.map(rowName), 'reuse (no network call)', '1.00×', '54 %']) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="Inter" font-size="13">${text}</text></svg>`;
      const options = { font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: 'Inter' } };
      const width = new Resvg(svg, options).getBBox()?.width ?? NaN;
      // Never too narrow, or labels would be clipped.
      expect(textWidth(text, 13) / width, text).toBeGreaterThan(0.99);
      expect(textWidth(text, 13) / width, text).toBeLessThan(1.15);
    }
  });
});

describe('writeBenchReport', () => {
  it('writes the figures, the text and three pictures with type in them', async () => {
    const report = exampleReport();
    const target = join(folder, 'new', 'report');
    const paths = await writeBenchReport(target, report);
    expect((await readdir(target)).sort()).toEqual([
      'calls.png',
      'quality.png',
      'report.json',
      'report.md',
      'time.png',
    ]);
    expect(JSON.parse(await readFile(paths.json, 'utf8'))).toEqual(report);
    expect(await readFile(paths.markdown, 'utf8')).toContain('(quality.png)');

    const media = await createMedia();
    const rows = sortRows(report.rows);
    for (const [path, chart] of [
      [paths.plots.quality, qualityPlot(report)],
      [paths.plots.calls, callsPlot(report)],
      [paths.plots.time, timePlot(report)],
    ] as const) {
      const picture = await media.readPicture(path);
      expect([picture.width, picture.height]).toEqual([2 * chart.width, 2 * chart.height]);
      const colours = new Set<number>();
      for (let at = 0; at < picture.rgb.length; at += 3) {
        colours.add((picture.rgb[at] << 16) | (picture.rgb[at + 1] << 8) | picture.rgb[at + 2]);
      }
      expect(colours.size).toBeGreaterThan(100);
      // The title; and a border that nothing runs into.
      expect(darkPixels(picture, 0, 0, 1000, 70)).toBeGreaterThan(1500);
      const { width, height } = picture;
      expect(darkPixels(picture, 0, 0, 8, height) + darkPixels(picture, width - 8, 0, 8, height)).toBe(0);
      expect(darkPixels(picture, 0, 0, width, 8) + darkPixels(picture, 0, height - 8, width, 8)).toBe(0);
    }
    // Every bar has its name next to it: 27 pixels a bar from 104 on, in the plot's own pixels.
    const calls = await media.readPicture(paths.plots.calls);
    rows.forEach((row, index) => {
      expect(darkPixels(calls, 0, 2 * (104 + 27 * index), 300, 54), rowName(row)).toBeGreaterThan(100);
    });
  });

  it('replaces an older report, and says what is wrong with a folder', async () => {
    const report = exampleReport();
    await writeBenchReport(folder, report);
    const paths = await writeBenchReport(folder, { ...report, seed: 8 });
    expect((JSON.parse(await readFile(paths.json, 'utf8')) as BenchReport).seed).toBe(8);
    expect(await readdir(folder)).toHaveLength(5);

    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(writeBenchReport(file, report)).rejects.toMatchObject({
      code: 'output-folder',
      exitCode: 2,
    });
    await rm(paths.json);
    await mkdir(paths.json);
    await expect(writeBenchReport(folder, report)).rejects.toMatchObject({ code: 'output-folder' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});
