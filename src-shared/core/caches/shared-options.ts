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
