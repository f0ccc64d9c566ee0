import { usageError } from '../errors/index.ts';
import { methodRow } from './method-table.ts';
import { deltaOption, forcedShareOption, reuseOption } from './shared-options.ts';
import { wholeOutputMethod } from './whole-output.ts';

/**
 * MagCache (Ma et al., arXiv:2506.09045): the size of the residual (velocity − sample here) falls by a known ratio γ
 * from step to step. Reuse while the error |1 − Πγ|, summed over the steps since the last call, is below δ and no
 * more than `skips` steps in a row have been reused. The first `warmup` of the steps are computed.
 * γ is measured by `hetcut model calibrate`.
 */
export const magcache = methodRow({
  name: 'magcache',
  summary: 'reuse while the calibrated ratio of output sizes says so',
  options: {
    delta: deltaOption(0.12, 10, 'Error of the size that may add up. Higher: faster, coarser.'),
    skips: {
      kind: 'number',
      whole: true,
      min: 0,
      max: 1000,
      default: 2,
      help: 'Steps in a row that may be reused. Higher: faster, coarser.',
    },
    warmup: forcedShareOption,
    reuse: reuseOption('residual'),
  },
  schedule: 'fixed',
  exact: { delta: 0 },
  create: ({ delta, skips, warmup, reuse }) =>
    wholeOutputMethod({
      fresh: () => ({ product: 1, error: 0, skipped: 0 }),
      rule(run, velocities, own) {
        const ratios = ratiosFor(run.calibration.magnitudeRatios, run.steps);
        const firstFree = Math.max(1, Math.ceil(warmup * run.steps));
        return {
          computes({ stepIndex }) {
            if (stepIndex >= firstFree) {
              own.product *= ratios[stepIndex];
              own.error += Math.abs(1 - own.product);
              if (own.error < delta && own.skipped < skips) {
                own.skipped++;
                return false;
              }
            }
            own.product = 1;
            own.error = 0;
            own.skipped = 0;
            return true;
          },
          reuse: (step) => velocities.reuse(step, reuse),
        };
      },
    }),
});

/**
 * γ at each of `steps` steps. Between m calibrated steps the size is taken to fall evenly in log: a step of another
 * length takes the ratio to the power of the lengths' quotient.
 */
function ratiosFor(calibrated: readonly number[] | undefined, steps: number): Float64Array {
  if (calibrated === undefined) {
    throw usageError(
      'magcache-uncalibrated',
      'The method magcache needs the sizes of this model’s outputs, which have not been measured.',
      'Run: hetcut model calibrate ID.',
    );
  }
  const last = calibrated.length - 1;
  // Log of the size at each calibrated step, relative to the first.
  const logSize = new Float64Array(calibrated.length);
  for (let i = 1; i <= last; i++) logSize[i] = logSize[i - 1] + Math.log(calibrated[i]);
  const sizeAt = (step: number): number => {
    const at = steps === 1 ? 0 : (step / (steps - 1)) * last;
    const low = Math.min(Math.floor(at), Math.max(0, last - 1));
    return logSize[low] + (at - low) * ((logSize[low + 1] ?? logSize[low]) - logSize[low]);
  };
  return Float64Array.from({ length: steps }, (_, i) => (i === 0 ? 1 : Math.exp(sizeAt(i) - sizeAt(i - 1))));
}
