/** What a preset means, relative to the model's own recommendation. */
export interface Preset {
  /** Share of the model's recommended steps; fewer is faster and coarser. */
  readonly stepShare: number;
}

/** Quality against speed, the one table. */
export const presets = {
  quality: { stepShare: 1 },
  balanced: { stepShare: 0.6 },
  fast: { stepShare: 0.4 },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/** What is run where nothing is asked: an editor looks at the picture first, and at the clock then. */
export const defaultPreset: PresetName = 'quality';

/** Sampling steps of a run: what was asked, else the model's recommendation scaled by the preset; at least 1. */
export function presetSteps(preset: PresetName, recommendedSteps: number, asked?: number): number {
  return asked ?? Math.max(1, Math.round(recommendedSteps * presets[preset].stepShare));
}
