export {
  defaultPreset,
  presetMethod,
  presets,
  presetSteps,
  type Preset,
  type PresetName,
} from './presets.ts';
