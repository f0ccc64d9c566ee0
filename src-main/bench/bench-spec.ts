import {
  readOptionValue,
  resolveMethod,
  type MethodSpec,
  type OptionValue,
} from '../../src-shared/core/caches/index.ts';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { presetMethod, presets, type PresetName } from '../../src-shared/core/presets/index.ts';

/** One row that a benchmark is asked for. */
export interface BenchSpec {
  /** The setting in a few words, unique within the method. */
  readonly label: string;
  readonly method: MethodSpec;
  /** What was asked besides the defaults: the row's options in the report. */
  readonly asked: Readonly<Record<string, OptionValue>>;
  /** Steps of the row where they are fewer than the uncached run's ("timestep reduction"). */
  readonly steps?: number;
}

const isPreset = (name: string): name is PresetName => Object.hasOwn(presets, name);

/**
 * The paper's two settings by its own numbers. It prints δ = 0.05 as "slow" and 0.02 as "fast", though a larger δ is
 * faster; ρ 1.5 and a warm-up of a tenth are this project's reading of what its text leaves open.
 */
const paper = {
  schedule: 'drift',
  rho: 1.5,
  warmup: 0.1,
  partial: 'drop',
  keep: 0.7,
  clusters: 16,
  partialAbove: 0,
  margin: 2,
  marginTime: 1,
} as const;
const paperSettings: Readonly<Record<string, Readonly<Record<string, OptionValue>>>> = {
  'paper-slow': { ...paper, delta: 0.05, weighting: 'none', context: 'cached', reuse: 'velocity' },
  'paper-fast': { ...paper, delta: 0.02, weighting: 'none', context: 'cached', reuse: 'velocity' },
};

/** The rows of `--methods all`: every method over its range of settings, and the ablations. */
export const allSpecs: readonly string[] = [
  ...[0.5, 0.32, 0.2].map((share) => `full:share=${share}`),
  'hetcache@quality',
  'hetcache@balanced',
  'hetcache@fast',
  ...[0.02, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.6].map((delta) => `hetcache:delta=${delta}`),
  ...[0.02, 0.05, 0.1, 0.2].map((delta) => `hetcache:delta=${delta}:partial=none`),
  ...['none', 'contribution'].map(
    (weighting) => `hetcache:schedule=drift:delta=0.1:partial=none:weighting=${weighting}`,
  ),
  'hetcache@paper-slow',
  'hetcache@paper-fast',
  ...['clusters+importance', 'clusters', 'importance', 'uniform'].map(
    (selection) =>
      `hetcache:schedule=drift:delta=0.1:partial=drop:margin=2:marginTime=1:keep=0.3:selection=${selection}`,
  ),
  ...[0.05, 0.1, 0.2].map((delta) => `teacache:delta=${delta}`),
  'teacache:delta=0.1:input=projection:retention=5',
  'pab',
  'adacache',
  ...[0.05, 0.1, 0.2].map((delta) => `fastcache:delta=${delta}`),
  ...[0.05, 0.1].map((delta) => `easycache:delta=${delta}`),
  'magcache',
  'magcache:delta=0.3:skips=4',
  ...[2, 3, 5].map((interval) => `taylorseer:interval=${interval}`),
];

const rowsHint = 'Write rows as method, method:option=value or hetcache@preset, divided by commas.';

/**
 * Reads the rows of a benchmark. A row that is the uncached run itself is left out: that is run in any case.
 * @throws HetcutError naming the first row that cannot be read, is empty, or is there twice
 */
export function parseBenchSpecs(texts: readonly string[], fullSteps: number): BenchSpec[] {
  const seen = new Map<string, string>();
  const specs: BenchSpec[] = [];
  for (const text of texts.map((row) => row.trim())) {
    if (text === '') throw usageError('bench-method', '--methods has an empty row.', rowsHint);
    const spec = parseBenchSpec(text, fullSteps);
    const asked = Object.entries(spec.asked).sort(([a], [b]) => (a < b ? -1 : 1));
    const name = JSON.stringify([spec.method.name, asked]);
    const same = seen.get(name);
    if (same !== undefined) {
      const rows = same === text ? `"${text}"` : `"${text}", which is "${same}",`;
      throw usageError('bench-twice', `The row ${rows} is asked for twice.`, 'Name each row once.');
    }
    seen.set(name, text);
    if (spec.method.name !== 'full' || spec.steps !== undefined) specs.push(spec);
  }
  return specs;
}

/**
 * Reads `method`, `method:option=value:…` or `hetcache@setting`. `steps` (a number) and `share` (of the uncached
 * run's steps) are options of every method.
 * @throws HetcutError naming the row and what is wrong with it
 */
function parseBenchSpec(text: string, fullSteps: number): BenchSpec {
  const [head, ...parts] = text.split(':');
  const [name, setting] = head.split('@');
  const given: Record<string, OptionValue> = {};
  for (const part of parts) {
    const [, option, value] = /^([A-Za-z]+)=(.+)$/.exec(part) ?? [];
    if (option === undefined) {
      throw usageError('bench-method', `"${text}": "${part}" is not option=value.`, rowsHint);
    }
    if (Object.hasOwn(given, option)) {
      throw usageError('bench-method', `"${text}" sets ${option} twice.`, 'Give each option once.');
    }
    given[option] = readOptionValue(value);
  }
  const { steps: requestedSteps, share, ...options } = given;
  const steps = stepsOf(text, requestedSteps, share, fullSteps);
  const label = [...(setting === undefined ? [] : [setting]), ...parts.map((part) => part.replace('=', ' '))];
  return {
    label: label.join(', '),
    method: methodOf(text, name, setting, options),
    asked: { ...(setting !== undefined && { setting }), ...given },
    ...(steps !== fullSteps && { steps }),
  };
}

function methodOf(
  text: string,
  name: string,
  setting: string | undefined,
  options: Readonly<Record<string, OptionValue>>,
): MethodSpec {
  if (setting === undefined) return resolveMethod({ name, options });
  if (name === 'hetcache' && isPreset(setting)) return presetMethod(setting, { options });
  if (name === 'hetcache' && Object.hasOwn(paperSettings, setting)) {
    return resolveMethod({ name, options: { ...paperSettings[setting], ...options } });
  }
  throw usageError(
    'bench-setting',
    `"${text}": the method ${name} has no setting "${setting}".`,
    `Settings of hetcache: ${[...Object.keys(presets), ...Object.keys(paperSettings)].join(', ')}.`,
  );
}

function stepsOf(
  text: string,
  steps: OptionValue | undefined,
  share: OptionValue | undefined,
  fullSteps: number,
): number {
  const wanted = steps ?? (typeof share === 'number' ? Math.round(share * fullSteps) : share) ?? fullSteps;
  if (typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 1 && wanted <= 1000) return wanted;
  throw usageError(
    'bench-steps',
    `"${text}" asks for ${wanted} steps.`,
    'Give steps as a whole number from 1 to 1000, or share as a part of the uncached run’s.',
  );
}
