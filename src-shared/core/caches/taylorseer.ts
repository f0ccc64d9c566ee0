import { methodRow } from './method-table.ts';
import { wholeOutputMethod } from './whole-output.ts';

type OwnState = {
  /** For each stream: derivatives by step index at the last call, 0th first; finite differences. */
  derivatives: readonly (readonly Float32Array[])[];
  lastCall: number;
};

/**
 * TaylorSeer (Liu et al., arXiv:2503.06923): the network runs every `interval` steps; in between its output is
 * forecast by a Taylor series of differences over the step index. At the network's output, not in every module:
 * what is kept must cross the runtime's border.
 */
export const taylorseer = methodRow({
  name: 'taylorseer',
  summary: 'forecast between calls at fixed intervals',
  options: {
    interval: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 1000,
      default: 5,
      help: 'Steps from one network call to the next. Higher: faster, coarser.',
    },
    order: {
      kind: 'number',
      whole: true,
      min: 0,
      max: 3,
      default: 1,
      help: 'Order of the series. Higher: follows bends, and amplifies noise.',
    },
  },
  schedule: 'fixed',
  exact: { interval: 1 },
  create: ({ interval, order }) =>
    wholeOutputMethod({
      fresh: (run): OwnState => ({ derivatives: Array.from({ length: run.streams }, () => []), lastCall: 0 }),
      rule: (_run, _velocities, own) => ({
        computes: ({ stepIndex }) => stepIndex % interval === 0,
        learn({ stepIndex }, { velocities }) {
          const distance = stepIndex - own.lastCall;
          own.derivatives = velocities.map((velocity, stream) => {
            const series = [velocity];
            for (const before of own.derivatives[stream].slice(0, order)) {
              const newest = series[series.length - 1];
              series.push(newest.map((value, i) => (value - before[i]) / distance));
            }
            return series;
          });
          own.lastCall = stepIndex;
        },
        reuse({ stepIndex }) {
          const distance = stepIndex - own.lastCall;
          return own.derivatives.map((series) => {
            const sum = series[0].slice();
            let factor = 1;
            for (let k = 1; k < series.length; k++) {
              factor *= distance / k;
              const term = series[k];
              for (let i = 0; i < sum.length; i++) sum[i] += factor * term[i];
            }
            return sum;
          });
        },
      }),
    }),
});
