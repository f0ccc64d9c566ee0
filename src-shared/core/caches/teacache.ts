import { embeddingDrift } from './drift.ts';
import { methodRow } from './method-table.ts';
import { deltaOption, reuseOption } from './shared-options.ts';
import { wholeOutputMethod } from './whole-output.ts';

/**
 * TeaCache (Liu et al., arXiv:2411.19108): sums P(relative L1 change of the time embedding) over the steps and reuses
 * the last output while the sum stays below δ. First and last step are always computed. The original reuses the
 * residual of the block stack; here the network's output is kept, the one thing that crosses the runtime's border.
 */
export const teacache = methodRow({
  name: 'teacache',
  summary: 'reuse while the time embedding has drifted less than delta',
  options: {
    delta: deltaOption(
      0.08,
      10,
      'Drift that may add up before the network runs again. Higher: faster, coarser.',
    ),
    input: {
      kind: 'choice',
      values: ['embedding', 'projection'],
      default: 'embedding',
      help: 'The time embedding itself, or its projection to the six modulations (with retention).',
    },
    retention: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 1000,
      default: 1,
      help: 'First steps that are always computed. Higher: slower, steadier.',
    },
    reuse: reuseOption('velocity'),
  },
  schedule: 'fixed',
  exact: { delta: 0 },
  create: ({ delta, input, retention, reuse }) =>
    wholeOutputMethod({
      fresh: () => ({ sum: 0 }),
      rule(run, velocities, own) {
        const drift = input === 'embedding' ? embeddingDrift(run) : run.drift.projection;
        return {
          computes({ stepIndex }) {
            own.sum += drift[stepIndex];
            const forced = stepIndex < retention || stepIndex === run.steps - 1;
            if (!forced && own.sum < delta) return false;
            own.sum = 0;
            return true;
          },
          reuse: (step) => velocities.reuse(step, reuse),
        };
      },
    }),
});
