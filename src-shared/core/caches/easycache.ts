import { methodRow } from './method-table.ts';
import { deltaOption, forcedShareOption } from './shared-options.ts';
import { wholeOutputMethod } from './whole-output.ts';

const meanDistance = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
};
const meanSize = (a: Float32Array): number => a.reduce((sum, value) => sum + Math.abs(value), 0) / a.length;

type OwnState = {
  /** Expected relative change since the last call. */
  sum: number;
  /** Change of the output as a multiple of that of the input; from the second call on. */
  rate: number | undefined;
  previousSample: Float32Array | undefined;
  /** The last call. */
  computed: { readonly sample: Float32Array; readonly velocity: Float32Array } | undefined;
};

/**
 * EasyCache (Zhou et al., arXiv:2507.02860): the output is expected to change by k times as much as the input, k taken
 * from the last two computed steps. While the expected relative change, summed up, is below δ, the step reuses
 * sample + last (velocity − sample). The first `warmup` of the steps and the last one are computed.
 */
export const easycache = methodRow({
  name: 'easycache',
  summary: 'reuse while the expected change of the output is below delta',
  options: {
    delta: deltaOption(0.05, 10, 'Expected relative change that may add up. Higher: faster, coarser.'),
    warmup: forcedShareOption,
  },
  schedule: 'content',
  exact: { delta: 0 },
  create: ({ delta, warmup }) =>
    wholeOutputMethod({
      fresh: (): OwnState => ({ sum: 0, rate: undefined, previousSample: undefined, computed: undefined }),
      rule(run, memory, own) {
        const firstFree = Math.max(1, Math.ceil(warmup * run.steps));
        return {
          computes({ stepIndex, sample }) {
            const before = own.previousSample;
            own.previousSample = sample;
            const forced = stepIndex < firstFree || stepIndex === run.steps - 1;
            if (forced || before === undefined || own.computed === undefined || own.rate === undefined) {
              own.sum = 0;
              return true;
            }
            own.sum += (own.rate * meanDistance(sample, before)) / meanSize(own.computed.velocity);
            if (own.sum < delta) return false;
            own.sum = 0;
            return true;
          },
          learn({ sample }, { velocities }) {
            // One schedule for both streams: the conditional one tells.
            const [velocity] = velocities;
            if (own.computed !== undefined) {
              const change = meanDistance(sample, own.computed.sample);
              if (change > 0) own.rate = meanDistance(velocity, own.computed.velocity) / change;
            }
            own.computed = { sample, velocity };
          },
          reuse: (step) => memory.reuse(step, 'residual'),
        };
      },
    }),
});
