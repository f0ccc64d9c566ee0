/** What a step does: the whole network, the network on fewer tokens, or no network call. */
export type StepKind = 'full' | 'partial' | 'reuse';

/** What a method may look at before a step. */
export interface StepContext {
  /** From 0, counted from the first step that is run. */
  readonly stepIndex: number;
  readonly steps: number;
  readonly timestep: number;
}

/**
 * Decides how each sampling step is computed: a pure state machine over one run.
 * What it remembers is valid for one window, prompt, mask and shape; `reset` forgets it.
 */
export interface CacheMethod {
  decide(step: StepContext): StepKind;
  reset(): void;
}

/** Every step computes the whole network. */
export function fullMethod(): CacheMethod {
  return { decide: () => 'full', reset: () => undefined };
}

/** A method is one file and one row here. */
export const cacheMethods: Readonly<Record<string, () => CacheMethod>> = { full: fullMethod };
