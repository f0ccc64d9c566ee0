import type { KeptForm } from '../graph/index.ts';
import type { CacheMethod, CacheRun, NetworkOutput, StepView } from './cache-method.ts';
import { KeptContext, keepingSteps, type SavedContext } from './kept-context.ts';
import type { ScheduleLetters } from './schedule-search.ts';
import { VelocityMemory, withKnownVelocity, type SavedVelocities } from './velocity-memory.ts';

type Memory = {
  readonly velocities: SavedVelocities;
  readonly context: SavedContext;
  readonly partial: boolean;
};

/**
 * Steps as they are written down, whatever the model: what calibration runs. A letter beyond the end counts as `F`.
 * Partial steps, `P`, compute the generative tokens and look at the kept context.
 */
export function scriptedSchedule(letters: ScheduleLetters, cached: KeptForm = 'float'): CacheMethod<Memory> {
  const keeping = keepingSteps(letters);
  const letterOf = ({ stepIndex }: StepView): string => letters[stepIndex] ?? 'F';
  let run: CacheRun;
  let memory: VelocityMemory;
  let context: KeptContext;
  /** Whether the last call was partial: its velocity of the context is not the network's. */
  let partial: boolean;
  return {
    needs: {
      margin: { space: 0, time: 0 },
      ...(letters.includes('P') && { cached: { form: cached, keep: 0 } }),
    },
    start(started, saved) {
      run = started;
      memory = new VelocityMemory(run, saved?.velocities);
      context = new KeptContext(run, saved?.context);
      partial = saved?.partial ?? false;
    },
    save: () => ({ velocities: memory.save(), context: context.save(), partial }),
    kept: (nextStep) => context.stillNeeded(letters, nextStep),
    decide(step) {
      const letter = letterOf(step);
      if (letter === 'P') return { kind: 'partial' };
      if (letter !== 'F') return { kind: 'reuse' };
      return keeping[step.stepIndex] ? { kind: 'full', keep: run.partition.context } : { kind: 'full' };
    },
    part: (step) => ({ tokens: run.partition.generative, cached: context.at(step, run.partition.context) }),
    observe(step: StepView, output: NetworkOutput) {
      partial = letterOf(step) === 'P';
      if (partial) {
        const { generative: tokens } = run.partition;
        const smoothed = { tokens: new Int32Array(0), weight: 1 };
        memory.storeTokens(step, { kind: 'partial' }, output, tokens, smoothed);
        return;
      }
      memory.storeAll(step, { kind: 'full' }, output);
      if (keeping[step.stepIndex]) context.keep(step, run.partition.context);
    },
    velocities(step) {
      const letter = letterOf(step);
      const velocities =
        letter === 'F' || letter === 'P'
          ? memory.latest()
          : memory.reuse(step, letter === 'f' ? 'forecast' : 'velocity');
      return partial ? withKnownVelocity(run, velocities, run.partition.context) : velocities;
    },
  };
}
