import type {
  CacheMethod,
  CacheRun,
  NetworkOutput,
  PartialCall,
  StepDecision,
  StepKind,
  StepView,
} from '../cache-method.ts';

/** A run whose samples and network outputs are written down beforehand, so that a rule can be worked out by hand. */
export interface Script {
  /** The sample before a step; default: zeros. */
  readonly sample?: (stepIndex: number) => Float32Array;
  /** What the network returns; default: zeros for every stream. */
  readonly output?: (stepIndex: number, part: PartialCall | undefined, streams: number) => NetworkOutput;
  readonly modulatedInput?: (stepIndex: number) => Float32Array;
}

/** What a method did in one step. */
export interface ScriptedStep extends StepDecision {
  /** Of a partial step. */
  readonly part?: PartialCall;
  /** A copy. */
  readonly velocities: readonly Float32Array[];
}

/** Walks `method` over the script in the interface's order of calls. */
export function runScript(method: CacheMethod, run: CacheRun, script: Script = {}): ScriptedStep[] {
  const { count } = run.partition;
  const sampleOf = script.sample ?? (() => new Float32Array(count));
  method.start(run);
  return Array.from({ length: run.steps }, (_, stepIndex) => {
    const view: StepView = {
      stepIndex,
      sample: sampleOf(stepIndex),
      ...(script.modulatedInput !== undefined && { modulatedInput: script.modulatedInput(stepIndex) }),
    };
    const decision = method.decide(view);
    const part = decision.kind === 'partial' ? method.part(view) : undefined;
    if (decision.kind !== 'reuse') {
      const streams = decision.conditionalOnly === true ? 1 : run.streams;
      const tokens = part !== undefined && 'tokens' in part ? part.tokens.length : count;
      const zeros = (): Float32Array => new Float32Array((tokens * view.sample.length) / count);
      const output = script.output?.(stepIndex, part, streams);
      method.observe(view, output ?? { velocities: Array.from({ length: streams }, zeros) });
    }
    const velocities = method.velocities(view).map((velocity) => velocity.slice());
    return { ...decision, ...(part !== undefined && { part }), velocities };
  });
}

/** The kinds of steps as letters: F full, P partial, r reuse. */
export function kindLetters(steps: readonly { readonly kind: StepKind }[]): string {
  const letters = { full: 'F', partial: 'P', reuse: 'r' };
  return steps.map(({ kind }) => letters[kind]).join('');
}

/** A run of one generative token, as rules need that look at no tokens. Noise levels run evenly from 1 to 0. */
export function oneTokenRun(steps: number, changes: Partial<CacheRun> = {}): CacheRun {
  const sigmas = Float32Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
  return {
    steps,
    timesteps: sigmas.subarray(0, steps).map((sigma) => 1000 * sigma),
    sigmas,
    streams: 1,
    guidanceScale: 1,
    partition: {
      grid: { frames: 1, rows: 1, cols: 1 },
      count: 1,
      generative: Int32Array.of(0),
      margin: new Int32Array(0),
      context: new Int32Array(0),
    },
    drift: { embedding: new Float32Array(steps), projection: new Float32Array(steps) },
    calibration: {},
    ...changes,
  };
}
