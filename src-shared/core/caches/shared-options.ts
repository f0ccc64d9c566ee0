import { reuseModes } from './velocity-memory.ts';

/** Options that several methods have, so that they are called and explained alike. */

/** How a step without a network call gets its velocity. */
export function reuseOption<const D extends (typeof reuseModes)[number]>(value: D) {
  return {
    kind: 'choice',
    values: reuseModes,
    default: value,
    help: 'What stands in for a network call: the last velocity, the last difference from the sample, or a forecast.',
  } as const;
}

export function deltaOption<const D extends number>(value: D, max: number, help: string) {
  return { kind: 'number', min: 0, max, default: value, help } as const;
}

/** First steps of a run that are always computed, as a share of all. */
export const forcedShareOption = {
  kind: 'number',
  min: 0,
  max: 1,
  default: 0.2,
  help: 'Share of the steps, from the first, that are always computed. Higher: slower, steadier.',
} as const;
