export {
  createOrt,
  type Ort,
  type OrtOptions,
  type OrtSession,
  type ProviderReport,
  type ProviderSkip,
} from './create-ort.ts';
export { matmulPeak, type MatmulPeak } from './matmul-peak.ts';
