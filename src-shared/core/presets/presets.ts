import {
  fewSteps,
  paceRatio,
  resolveMethod,
  type MethodSpec,
  type OptionValue,
  type Pace,
} from '../caches/index.ts';

/** What a preset means: HetCache's pace, r and k; see the method's options for what they do. */
export interface Preset {
  readonly pace: Pace;
  readonly keep: number;
  readonly clusters: number;
}

/** Quality against speed, the one table, from the slowest. */
export const presets = {
  quality: { pace: 'quality', keep: 0, clusters: 16 },
  balanced: { pace: 'balanced', keep: 0, clusters: 16 },
  fast: { pace: 'fast', keep: 0, clusters: 16 },
} as const satisfies Record<Pace, Preset>;

export type PresetName = keyof typeof presets;

/** What is run where nothing is asked: an editor looks at the picture first, and at the clock then. */
export const defaultPreset: PresetName = 'quality';

/** How a preset makes runs shorter, besides caching. */
export interface PresetRun {
  /** Sampling steps. */
  readonly steps: number;
  /** Share of the pixels of the model's working size. */
  readonly pixelShare: number;
}

/** Below this many steps a model does not get to a picture: what is faster is smaller instead. */
const fewestSteps = 2;

/** The next faster run of a model of few steps, about `paceRatio` in network seconds: by steps, then by size. */
function fasterRun({ steps, pixelShare }: PresetRun): PresetRun {
  const fewer = Math.floor(steps / paceRatio);
  return fewer >= fewestSteps ? { steps: fewer, pixelShare } : { steps, pixelShare: pixelShare / 2 };
}

/**
 * Steps and working size of a run. Steps that are asked for are taken as they are, at the model's own size. A model of
 * more than `fewSteps` runs its own steps with every preset, which differ in how many of them are computed; one of fewer
 * has none that could be left out.
 */
export function presetRun(preset: PresetName, recommendedSteps: number, asked?: number): PresetRun {
  const own = { steps: asked ?? recommendedSteps, pixelShare: 1 };
  if (asked !== undefined || recommendedSteps > fewSteps) return own;
  const faster = Object.keys(presets).indexOf(preset);
  return Array.from({ length: faster }).reduce<PresetRun>(fasterRun, own);
}

/**
 * The method of a run: HetCache with the preset's options, over which goes what was asked; a δ takes the place of the
 * preset's pace. Another method starts from its own defaults.
 * @throws HetcutError naming a method or option that does not exist or is out of range
 */
export function presetMethod(
  preset: PresetName,
  asked: { readonly method?: string; readonly options?: Readonly<Record<string, OptionValue>> } = {},
): MethodSpec {
  const { method = 'hetcache', options = {} } = asked;
  if (method !== 'hetcache') return resolveMethod({ name: method, options });
  const { pace, ...others } = presets[preset];
  const own = options['delta'] === undefined ? { pace, ...others } : others;
  return resolveMethod({ name: method, options: { ...own, ...options } });
}
