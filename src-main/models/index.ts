export { resolveHome } from './home.ts';
export { importModel, type ImportCallbacks, type ImportRequest, type ImportResult } from './import-model.ts';
export { preparePart, writePart } from './import-part.ts';
export { planPart, type PartName } from './part-plan.ts';
export { openSafetensors, type TensorStore } from './safetensors.ts';
export { readSourcePart } from './source-folder.ts';
export type { ModelManifest } from './manifest.ts';
export {
  listModels,
  openModelFolder,
  removeModel,
  vaeGraphPaths,
  verifyModel,
  type ModelSummary,
  type VerifyResult,
} from './model-store.ts';
export { ensureStarter, openModel, starterId } from './starter.ts';
export { synthConfigs, type SynthSizes, type SynthText } from './synth-configs.ts';
export { synthModel, type SynthRequest, type SynthResult } from './synth-model.ts';
