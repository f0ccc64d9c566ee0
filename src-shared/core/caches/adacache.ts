import { relativeL1 } from './drift.ts';
import { methodRow } from './method-table.ts';
import { reuseOption } from './shared-options.ts';
import { wholeOutputMethod } from './whole-output.ts';

/** Distance up to which an interval holds, and the interval; ascending distances, the last one open. */
type Codebook = readonly (readonly [maxDistance: number, interval: number])[];

/** AdaCache's own codebooks, for runs of 100 steps and of 50 or fewer. */
const longRun: Codebook = [
  [0.03, 12],
  [0.05, 10],
  [0.07, 8],
  [0.09, 6],
  [0.11, 4],
  [Infinity, 3],
];
const shortRun: Codebook = [
  [0.08, 6],
  [0.16, 5],
  [0.24, 4],
  [0.32, 3],
  [0.4, 2],
  [Infinity, 1],
];

type OwnState = {
  /** When the network runs next, and when it last did. */
  next: number;
  lastCall: number;
  /** Features of the last call. */
  before: Float32Array | undefined;
};

/**
 * AdaCache (Kahatapitiya et al., arXiv:2411.02397): how far a middle block's output moved between the last two calls,
 * per step, looks up in a codebook how many steps later the next call comes. The first and the last two steps are
 * computed. The block's output is seen through the fixed random projection of the selection graph, and the whole
 * output is reused, not each block's residual; motion regularisation is left out.
 */
export const adacache = methodRow({
  name: 'adacache',
  summary: 'the next interval from how fast a middle block changes',
  options: {
    delta: {
      kind: 'number',
      min: 0,
      max: 100,
      default: 1,
      help: 'Scale of the codebook’s distances. Higher: longer intervals, faster, coarser.',
    },
    reuse: reuseOption('velocity'),
  },
  schedule: 'content',
  exact: { delta: 0 },
  create: ({ delta, reuse }) =>
    wholeOutputMethod({
      needs: { selection: { queries: 0 } },
      fresh: (): OwnState => ({ next: 1, lastCall: 0, before: undefined }),
      rule(run, velocities, own) {
        const codebook = run.steps > 50 ? longRun : shortRun;
        return {
          computes: ({ stepIndex }) => stepIndex >= own.next || stepIndex >= run.steps - 2,
          learn({ stepIndex }, { features }) {
            if (features === undefined) throw new Error('adacache: no features from a full step');
            let interval = 1;
            if (own.before !== undefined) {
              const distance = relativeL1(features, own.before) / (stepIndex - own.lastCall);
              const row = codebook.find(([maxDistance]) => distance < maxDistance * delta);
              interval = row?.[1] ?? 1;
            }
            own.before = features;
            own.lastCall = stepIndex;
            own.next = stepIndex + interval;
          },
          reuse: (step) => velocities.reuse(step, reuse),
        };
      },
    }),
});
