export { runParity, type ParityReport } from './run-parity.ts';
