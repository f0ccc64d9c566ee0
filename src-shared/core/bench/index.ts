export type {
  BenchMachine,
  BenchReport,
  BenchRow,
  BenchSession,
  Difference,
  MeasuredRow,
  MethodOptions,
  RunPart,
  RunSeconds,
} from './bench-report.ts';
export { runParts } from './bench-report.ts';
export { deriveRow, deriveRows, differenceOf, jsonPsnr, medianRun } from './derive-row.ts';
export { atEqualQuality, frontier, maskQuality, type EqualQuality } from './frontier.ts';
export { benchMarkdown, rowName, sortRows, type PlotPaths } from './report-markdown.ts';
export type { ClipSize, GpuBenchReport, MethodRow, ParityRow, TimedRow } from './gpu-report.ts';
export { gpuMarkdown } from './gpu-markdown.ts';
