import type { CacheMethod, CacheNeeds, CacheRun, NetworkOutput, StepView } from './cache-method.ts';
import { VelocityMemory } from './velocity-memory.ts';

/** The rule of a method that either runs the whole network or no part of it. */
export interface WholeOutputRule {
  /** Whether the network runs. Asked once for each step in order; the first one runs whatever the answer. */
  computes(step: StepView): boolean;
  /** After each computed step. */
  learn?(step: StepView, output: NetworkOutput): void;
  /** The velocity of every stream where the network does not run. */
  reuse(step: StepView): Float32Array[];
}

/** A method made of such a rule; `begin` makes the rule of one run. */
export function wholeOutputMethod(
  begin: (run: CacheRun, memory: VelocityMemory) => WholeOutputRule,
  needs: CacheNeeds = {},
): CacheMethod {
  let memory: VelocityMemory;
  let rule: WholeOutputRule;
  let computing: boolean;
  return {
    needs,
    start(run) {
      memory = new VelocityMemory(run);
      rule = begin(run, memory);
    },
    decide(step) {
      // Asked even at the first step, where the answer is known: a rule may count its steps.
      const asked = rule.computes(step);
      computing = asked || step.stepIndex === 0;
      return { kind: computing ? 'full' : 'reuse' };
    },
    part() {
      throw new Error('this method has no partial steps');
    },
    observe(step, output) {
      memory.storeAll(step, { kind: 'full' }, output);
      rule.learn?.(step, output);
    },
    velocities: (step) => (computing ? memory.latest() : rule.reuse(step)),
  };
}
