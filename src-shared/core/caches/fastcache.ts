import { fitLinear, applyLinear } from './linear-fit.ts';
import { methodRow } from './method-table.ts';
import { deltaOption } from './shared-options.ts';
import { wholeOutputMethod } from './whole-output.ts';

/** ‖a − b‖ / ‖b‖ */
function relativeL2(a: Float32Array, b: Float32Array): number {
  let change = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    change += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(change / size);
}

/** Most tokens that the linear map is fitted on: enough for 64 × 64 numbers, cheap compared with a call. */
const fitTokens = 1024;

type OwnState = {
  /** What went into the last call, and what came out for each stream. */
  lastSample: Float32Array | undefined;
  last: readonly Float32Array[];
  /** One map for each stream, from the second call on. */
  maps: readonly (Float32Array | undefined)[];
};

/**
 * FastCache (Liu et al., arXiv:2505.20353): the network is skipped while its input moved by no more than δ (relative
 * L2) since the last call, and a linear map stands in for it. Here the map takes the change of the sample to the
 * change of the velocity, [4·C, 4·C], fitted by ridge regression to the last two calls of the run; the original trains
 * a layer for every block.
 */
export const fastcache = methodRow({
  name: 'fastcache',
  summary: 'a fitted linear map while the input has hardly moved',
  options: {
    delta: deltaOption(
      0.05,
      10,
      'Relative change of the input that may be skipped. Higher: faster, coarser.',
    ),
    ridge: {
      kind: 'number',
      min: 1e-6,
      max: 1e3,
      default: 0.1,
      help: 'Pull of the map towards none, relative to the inputs’ size. Higher: closer to plain reuse.',
    },
  },
  schedule: 'content',
  exact: { delta: 0 },
  create: ({ delta, ridge }) =>
    wholeOutputMethod({
      fresh: (): OwnState => ({ lastSample: undefined, last: [], maps: [] }),
      rule: (run, _velocities, own) => ({
        computes({ stepIndex, sample }) {
          if (own.lastSample === undefined || stepIndex === run.steps - 1) return true;
          return !(relativeL2(sample, own.lastSample) <= delta) || delta === 0;
        },
        learn({ sample }, { velocities }) {
          const before = own.lastSample;
          const width = sample.length / run.partition.count;
          if (before !== undefined) {
            const moved = difference(sample, before);
            own.maps = velocities.map((velocity, stream) =>
              fitLinear(moved, difference(velocity, own.last[stream]), { width, ridge, maxRows: fitTokens }),
            );
          }
          own.lastSample = sample;
          own.last = velocities;
        },
        reuse({ sample }) {
          const from = own.lastSample ?? sample;
          const moved = difference(sample, from);
          return own.last.map((velocity, stream) => {
            const map = own.maps[stream];
            if (map === undefined) return velocity;
            const change = applyLinear(moved, map, sample.length / run.partition.count);
            return velocity.map((value, i) => value + change[i]);
          });
        },
      }),
    }),
});

function difference(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - b[i]);
}
