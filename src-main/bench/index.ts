export { allSpecs, parseBenchSpecs, type BenchSpec } from './bench-spec.ts';
export { openBenchStore, type BenchStore } from './bench-store.ts';
export { writeBenchReport, type BenchReportPaths } from './write-report.ts';
