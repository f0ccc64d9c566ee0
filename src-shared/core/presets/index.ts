export {
  defaultPreset,
  presetMethod,
  presets,
  presetRun,
  type Preset,
  type PresetName,
  type PresetRun,
} from './presets.ts';
