import type { CacheMethod, CacheRun, NetworkOutput, StepView } from './cache-method.ts';
import type { ScheduleLetters } from './schedule-search.ts';
import { VelocityMemory, type SavedVelocities } from './velocity-memory.ts';

/**
 * Steps as they are written down, whatever the model: what calibration runs. A letter beyond the end counts as `F`.
 */
export function scriptedSchedule(letters: ScheduleLetters): CacheMethod<SavedVelocities> {
  let memory: VelocityMemory;
  const letterOf = ({ stepIndex }: StepView): string => letters[stepIndex] ?? 'F';
  return {
    needs: {},
    start(run: CacheRun, saved?: SavedVelocities) {
      memory = new VelocityMemory(run, saved);
    },
    save: () => memory.save(),
    decide: (step) => ({ kind: letterOf(step) === 'F' ? 'full' : 'reuse' }),
    part() {
      throw new Error('a written schedule has no partial steps');
    },
    observe(step: StepView, output: NetworkOutput) {
      memory.storeAll(step, { kind: 'full' }, output);
    },
    velocities(step) {
      const letter = letterOf(step);
      if (letter === 'F') return memory.latest();
      return memory.reuse(step, letter === 'f' ? 'forecast' : 'velocity');
    },
  };
}
