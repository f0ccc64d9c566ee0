import type { StepKind } from '../caches/index.ts';

/** One sampling step of a window as it is estimated. */
export interface PlannedStep {
  readonly kind: StepKind;
  /** Tokens of each stream that the network sees; 0 where nothing runs. */
  readonly tokens: number;
  /** Streams in the call: 2 with classifier-free guidance, else 1. */
  readonly streams: number;
  /** Floating-point operations of the call. */
  readonly flops: number;
  /**
   * Its operations over those of a call of all modules on these tokens alone: below 1 where modules are skipped, above
   * where kept ones are looked at.
   */
  readonly share: number;
  /** Tokens of each stream that are looked at as they were kept; absent: none. */
  readonly cached?: number;
}

/** Tokens of a window by kind (HetCache): with masked pixels, near such tokens, and the rest. */
export interface TokenCounts {
  readonly generative: number;
  readonly margin: number;
  readonly context: number;
}

export function allTokens({ generative, margin, context }: TokenCounts): number {
  return generative + margin + context;
}

/** How many of the steps are of each kind. */
export function countKinds(steps: readonly { readonly kind: StepKind }[]): Record<StepKind, number> {
  const kinds = { full: 0, partial: 0, reuse: 0 };
  for (const { kind } of steps) kinds[kind]++;
  return kinds;
}
