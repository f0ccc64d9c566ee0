/**
 * Noise levels of flow-matching samplers. All in double precision; the schedulers round to float32 at the end.
 */

/** `count` evenly spaced values from `first` to `last`, both included; [first] where count is 1. */
export function linspace(first: number, last: number, count: number): number[] {
  const gap = count === 1 ? 0 : (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) => first + gap * i);
}

/**
 * s·σ / (1 + (s − 1)·σ): the resolution-dependent shift of Esser et al., arXiv:2403.03206, equation 23.
 * Shift 1 changes nothing; higher moves every level up.
 */
export function shiftSigma(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** The same, rounded to float32 after every operation. */
export function shiftSigmaFloat32(sigma: number, shift: number): number {
  const level = Math.fround(sigma);
  const divisor = Math.fround(1 + Math.fround((shift - 1) * level));
  return Math.fround(Math.fround(shift * level) / divisor);
}

/** How the amount `mu` of a length-dependent shift acts. Both are shifts: by e^mu and by mu. */
export const timeShifts = {
  exponential: (mu: number, sigma: number): number => shiftSigma(sigma, Math.exp(mu)),
  linear: (mu: number, sigma: number): number => shiftSigma(sigma, mu),
} as const;

export type TimeShiftType = keyof typeof timeShifts;

/** Two points of a straight line from the number of tokens to the amount of shift. */
export interface DynamicShift {
  readonly baseTokens: number;
  readonly maxTokens: number;
  readonly baseShift: number;
  readonly maxShift: number;
}

/** `mu` for a run of `tokenCount` latent tokens, on the line of `shift` (not clamped at its ends). */
export function dynamicShiftAmount(shift: DynamicShift, tokenCount: number): number {
  const slope = (shift.maxShift - shift.baseShift) / (shift.maxTokens - shift.baseTokens);
  return shift.baseShift + slope * (tokenCount - shift.baseTokens);
}

/**
 * Stretches 1 − σ so that the last level becomes `terminal` (Lin et al., "Common Diffusion Noise Schedules …",
 * applied to flow levels as LTX-Video does). A level of 1 stays.
 */
export function stretchToTerminal(sigmas: readonly number[], terminal: number): number[] {
  const last = sigmas[sigmas.length - 1];
  // One step from pure noise: nothing below it to stretch.
  if (last === 1) return [...sigmas];
  const scale = (1 - last) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / scale);
}
