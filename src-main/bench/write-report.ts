import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { benchMarkdown, type BenchReport, type PlotPaths } from '../../src-shared/core/bench/index.ts';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { writeFileAtomic } from '../jobs/atomic-write.ts';
import { callsPlot, timePlot } from './bar-plots.ts';
import { qualityPlot } from './quality-plot.ts';

const fileNames = { quality: 'quality.png', calls: 'calls.png', time: 'time.png' } satisfies PlotPaths;

/** Where the parts of a written report are. */
export interface BenchReportPaths {
  readonly json: string;
  readonly markdown: string;
  readonly plots: PlotPaths;
}

/** A failure to write in the report's folder, in words. */
function folderError(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HetcutError('disk-full', `The disk of ${folder} is full.`, {
      hint: 'Free some space or choose another folder, then run the same command again: measured rows are kept.',
      cause: error,
    });
  }
  const reasons: Readonly<Record<string, string>> = {
    EEXIST: 'it is a file, not a folder',
    ENOTDIR: 'a part of its path is a file, not a folder',
    EISDIR: 'a name that the report needs is taken by a folder',
    EACCES: 'it may not be written to',
    EPERM: 'it may not be written to',
    EROFS: 'the disk is read-only',
  };
  if (code === undefined || !(code in reasons)) return error;
  return new HetcutError('output-folder', `The report cannot be written to ${folder}: ${reasons[code]}.`, {
    hint: 'Choose another folder and run the same command again: measured rows are kept.',
    exitCode: 2,
    cause: error,
  });
}

/**
 * Writes `report.json`, `report.md` and three plots into `folder`, which is made if need be. Everything is made before
 * anything is written, each file replaces an older one as a whole, and `report.json` comes last: where it is new, all
 * is. Errors: output-folder, disk-full.
 */
export async function writeBenchReport(folder: string, report: BenchReport): Promise<BenchReportPaths> {
  // Not at the top: ECharts takes a fifth of a second to load, and commands without plots should start at once.
  const { chartSvg, svgPng } = await import('./draw-chart.ts');
  const pathTo = (name: string): string => join(folder, name);
  const paths: BenchReportPaths = {
    json: pathTo('report.json'),
    markdown: pathTo('report.md'),
    plots: {
      quality: pathTo(fileNames.quality),
      calls: pathTo(fileNames.calls),
      time: pathTo(fileNames.time),
    },
  };
  const files: [path: string, content: Uint8Array | string][] = [
    [paths.plots.quality, svgPng(chartSvg(qualityPlot(report)))],
    [paths.plots.calls, svgPng(chartSvg(callsPlot(report)))],
    [paths.plots.time, svgPng(chartSvg(timePlot(report)))],
    [paths.markdown, benchMarkdown(report, fileNames)],
    [paths.json, `${JSON.stringify(report, null, 2)}\n`],
  ];
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, content] of files) await writeFileAtomic(path, content);
  } catch (error) {
    throw folderError(folder, error);
  }
  return paths;
}
