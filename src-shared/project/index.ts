export {
  editOptions,
  editSettingsSchema,
  fillChoices,
  type EditOptions,
  type EditSettings,
  type OptionFlag,
} from './edit-options.ts';
export {
  clipMarkersSchema,
  editMaskSchema,
  filledSchema,
  frameRangeSchema,
  projectSchema,
  type Clip,
  type Edit,
  type EditMask,
  type Filled,
  type FrameRange,
  type Marker,
  type Project,
  type StoredResult,
} from './project.ts';
export {
  parseProjectFile,
  toProject,
  toProjectFile,
  type MediaPlace,
  type ProjectFile,
} from './project-file.ts';
export { bundledIds, isBundled, isChoice, modelOf, starterId, type BundledId } from './bundled-models.ts';
export {
  autosaveDelays,
  programSettingsSchema,
  usualSettings,
  type ProgramSettings,
} from './program-settings.ts';
export { exportGaps, frameList, type ExportGap } from './export-gaps.ts';
export { suggestedName, uniqueNames } from './export-names.ts';
export { newEdit, newProject, withClip } from './new-project.ts';
export {
  clipTimecode,
  framesPerSecond,
  timecode,
  timecodeAfter,
  timecodeFrames,
  type ClipTimecode,
} from './timecode.ts';
