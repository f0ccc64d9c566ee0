export { modelFamilies } from './family-table.ts';
export { ltxSchedulerConfig } from './ltx-single-files.ts';
export { ltxVace } from './ltx-vace.ts';
export { minimaxRemover, removerControl } from './minimax-remover.ts';
export { wanVace, wanVaceSpec, wanVaeSpec } from './wan-vace.ts';
export { wanLatentStatistics, wanSchedulerConfig } from './wan-single-files.ts';
export type { SingleFileLayout, TensorShapes } from './single-file.ts';
export type {
  ControlLayout,
  ControlTokens,
  FamilyDefaults,
  FillKind,
  ModelFamily,
  TextEncoderSpec,
  TransformerGraphs,
  TransformerSpec,
  VaeGraphs,
  VaeSpec,
  WindowPicture,
} from './model-family.ts';
