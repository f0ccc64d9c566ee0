import { methodRow } from './method-table.ts';
import { wholeOutputMethod } from './whole-output.ts';

/** Every step computes the whole network: what all others are measured against. Fewer steps: `--steps`. */
export const full = methodRow({
  name: 'full',
  summary: 'the whole network at every step',
  options: {},
  schedule: 'fixed',
  exact: {},
  create: () =>
    wholeOutputMethod({
      fresh: () => ({}),
      rule: (_run, velocities) => ({ computes: () => true, reuse: () => velocities.latest() }),
    }),
});
