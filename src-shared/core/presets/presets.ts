import { resolveMethod, type MethodSpec, type OptionValue } from '../caches/index.ts';

/** What a preset means. */
export interface Preset {
  /** Share of the model's recommended steps; fewer is faster and coarser. */
  readonly stepShare: number;
  /** HetCache's δ, r and k: see the method's options for what higher does. */
  readonly delta: number;
  readonly keep: number;
  readonly clusters: number;
}

/** Quality against speed, the one table. */
export const presets = {
  quality: { stepShare: 1, delta: 0.05, keep: 1, clusters: 16 },
  balanced: { stepShare: 0.6, delta: 0.15, keep: 0.7, clusters: 16 },
  fast: { stepShare: 0.4, delta: 0.4, keep: 0.7, clusters: 16 },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/** What is run where nothing is asked: an editor looks at the picture first, and at the clock then. */
export const defaultPreset: PresetName = 'quality';

/** Sampling steps of a run: what was asked, else the model's recommendation scaled by the preset; at least 1. */
export function presetSteps(preset: PresetName, recommendedSteps: number, asked?: number): number {
  return asked ?? Math.max(1, Math.round(recommendedSteps * presets[preset].stepShare));
}

/**
 * The method of a run: HetCache with the preset's options, over which goes what was asked. Another method starts from
 * its own defaults: the preset's δ means nothing to it.
 * @throws HetcutError naming a method or option that does not exist or is out of range
 */
export function presetMethod(
  preset: PresetName,
  asked: { readonly method?: string; readonly options?: Readonly<Record<string, OptionValue>> } = {},
): MethodSpec {
  const { method = 'hetcache', options = {} } = asked;
  if (method !== 'hetcache') return resolveMethod({ name: method, options });
  const { delta, keep, clusters } = presets[preset];
  return resolveMethod({ name: method, options: { delta, keep, clusters, ...options } });
}
