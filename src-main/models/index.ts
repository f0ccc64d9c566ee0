export { calibrationPath, calibrationText } from './calibration.ts';
export { availableBytes } from '../storage/index.ts';
export { catalogue, halfBytes, networkBytes, type CatalogueRow } from './catalogue.ts';
export { getModel } from './get-model.ts';
export { ensureFolder } from './home.ts';
export { importModel, type ImportRequest } from './import-model.ts';
export { preparePart, writePart } from './import-part.ts';
export { openLoras, type LoraRequest } from './lora.ts';
export { listComfyFiles, readFilePart, tokenizerBeside } from './source-files.ts';
export { type SourcePart } from './source-folder.ts';
export { planPart, vaeGraphNames, type PartName } from './part-plan.ts';
export { openSafetensors, type TensorStore } from './safetensors.ts';
export { readSourcePart } from './source-folder.ts';
export {
  listModels,
  modelFiles,
  openModelFolder,
  removeModel,
  verifyModel,
  type ModelSummary,
  isCalibrated,
} from './model-store.ts';
export {
  importSegmenter,
  isSegmenterFolder,
  listSegmenters,
  removeSegmenter,
  segmenterPath,
  type SegmenterSummary,
} from './segmenters.ts';
export { openModel } from './bundled.ts';
export { synthConfigs, type SynthSizes, type SynthText } from './synth-configs.ts';
export { synthModel } from './synth-model.ts';
