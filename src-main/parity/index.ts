export type { ParityCase } from './comparison.ts';
export { runParity, type ParityReport, type ParityRequest } from './run-parity.ts';
