import type { PlainData } from '../plain-data/index.ts';
import type { CacheMethod, CacheNeeds, CacheRun, NetworkOutput, StepView } from './cache-method.ts';
import { VelocityMemory, type SavedVelocities } from './velocity-memory.ts';

/** The rule of a method that either runs the whole network or no part of it. */
export interface WholeOutputRule {
  /** Whether the network runs. Asked once for each step in order; the first one runs whatever the answer. */
  computes(step: StepView): boolean;
  /** After each computed step. */
  learn?(step: StepView, output: NetworkOutput): void;
  /** The velocity of every stream where the network does not run. */
  reuse(step: StepView): Float32Array[];
}

/** How the rule of one run is made. */
export interface RuleMaker<OwnState extends { [name: string]: PlainData }> {
  readonly needs?: CacheNeeds;
  /** What the rule remembers besides the velocities, as it is before the first step. */
  readonly fresh: (run: CacheRun) => OwnState;
  /** The rule. It remembers nothing but what it writes into the fields of `own`: those are what is saved. */
  readonly rule: (run: CacheRun, velocities: VelocityMemory, own: OwnState) => WholeOutputRule;
}

type WholeOutputMemory<OwnState> = { readonly velocities: SavedVelocities; readonly own: OwnState };

/** A method made of such a rule. */
export function wholeOutputMethod<OwnState extends { [name: string]: PlainData }>({
  needs = {},
  fresh,
  rule: makeRule,
}: RuleMaker<OwnState>): CacheMethod<WholeOutputMemory<OwnState>> {
  let velocities: VelocityMemory;
  let own: OwnState;
  let rule: WholeOutputRule;
  let computing: boolean;
  return {
    needs,
    start(run, memory) {
      velocities = new VelocityMemory(run, memory?.velocities);
      own = memory === undefined ? fresh(run) : { ...memory.own };
      rule = makeRule(run, velocities, own);
    },
    save: () => ({ velocities: velocities.save(), own: { ...own } }),
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
      velocities.storeAll(step, { kind: 'full' }, output);
      rule.learn?.(step, output);
    },
    velocities: (step) => (computing ? velocities.latest() : rule.reuse(step)),
  };
}
