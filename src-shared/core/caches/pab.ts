import type { CacheMethod, ModuleChoice } from './cache-method.ts';
import { methodRow } from './method-table.ts';
import type { NumberOption } from './method-options.ts';
import { VelocityMemory, type SavedVelocities } from './velocity-memory.ts';

const every = (value: number, what: string): NumberOption => ({
  kind: 'number',
  whole: true,
  min: 1,
  max: 1000,
  default: value,
  help: `Inside the range of timesteps ${what} is computed every so many calls. Higher: faster, coarser.`,
});
const bound = (value: number, what: string): NumberOption => ({
  kind: 'number',
  min: 0,
  max: 1000,
  default: value,
  help: `Attention is reused at timesteps strictly ${what}. A wider range: faster, coarser.`,
});

/**
 * Pyramid Attention Broadcast (Zhao et al., arXiv:2408.12588): in every block the output of self-attention is computed
 * every second time and that of cross-attention every sixth, and reused in between, while the timestep is inside a
 * range. Module by module, on the graph made for it; the rest of the network runs at every step. Each stream keeps
 * outputs of its own (they are rows of one batch).
 */
export const pab = methodRow({
  name: 'pab',
  summary: 'attention outputs reused in every block, the rest computed',
  options: {
    selfEvery: every(2, 'self-attention'),
    crossEvery: every(6, 'cross-attention'),
    selfFrom: bound(100, 'above this'),
    selfTo: bound(850, 'below this'),
    crossFrom: bound(100, 'above this'),
    crossTo: bound(850, 'below this'),
  },
  schedule: 'fixed',
  exact: { selfEvery: 1, crossEvery: 1 },
  create: (options): CacheMethod<SavedVelocities> => {
    let memory: VelocityMemory;
    let timesteps: Float32Array;
    const chosen = (stepIndex: number): ModuleChoice => {
      const timestep = timesteps[stepIndex];
      const computed = (from: number, to: number, interval: number): boolean =>
        stepIndex === 0 || !(timestep > from && timestep < to) || stepIndex % interval === 0;
      return {
        selfAttention: computed(options.selfFrom, options.selfTo, options.selfEvery),
        crossAttention: computed(options.crossFrom, options.crossTo, options.crossEvery),
      };
    };
    const computesAll = (stepIndex: number): boolean => {
      const { selfAttention, crossAttention } = chosen(stepIndex);
      return selfAttention && crossAttention;
    };
    return {
      needs: { modules: true },
      start(run, saved) {
        memory = new VelocityMemory(run, saved);
        timesteps = run.timesteps;
      },
      // Attention outputs of all blocks are gigabytes of a real model: a run continues at a step that needs none of them.
      save: (nextStep) =>
        nextStep === timesteps.length || computesAll(nextStep) ? memory.save() : undefined,
      decide: ({ stepIndex }) => ({ kind: computesAll(stepIndex) ? 'full' : 'partial' }),
      part: ({ stepIndex }) => ({ modules: chosen(stepIndex) }),
      observe: (step, output) => memory.storeAll(step, { kind: 'full' }, output),
      velocities: () => memory.latest(),
    };
  },
});
