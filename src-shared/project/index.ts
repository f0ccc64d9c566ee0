export {
  editMaskSchema,
  editSettingsSchema,
  frameRangeSchema,
  parseProject,
  projectSchema,
  type Clip,
  type Edit,
  type EditMask,
  type EditSettings,
  type FrameRange,
  type Project,
  type StoredResult,
} from './project.ts';
export { newEdit, newProject, withClip } from './new-project.ts';
export { framesPerSecond, timecode } from './timecode.ts';
