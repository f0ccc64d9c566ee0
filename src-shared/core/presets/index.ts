export { defaultPreset, presets, presetSteps, type Preset, type PresetName } from './presets.ts';
