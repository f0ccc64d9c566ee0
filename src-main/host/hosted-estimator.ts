import type { EditEstimate } from '../engine/plan/edit-estimate.ts';
import type { Estimator, FramePartition } from './estimator.ts';
import type { StartHost } from './message-loop.ts';
import { QuestionHost } from './question-host.ts';

export interface HostedEstimator extends Estimator {
  /** What is asked from now on is answered by a new process, with the environment of now. */
  restart(): void;
}

/**
 * An estimator in a process of its own: it reads whole masks and runs a small graph. Errors: those of the estimator, and
 * of `QuestionHost`.
 */
export function openHostedEstimator(
  startHost: StartHost,
  home: string,
  onNote: (text: string) => void,
): HostedEstimator {
  const host = new QuestionHost(startHost, 'estimates', home, onNote);
  return {
    // The host answers what it was asked.
    estimate: (job) => host.ask({ about: 'estimate', job }) as Promise<EditEstimate>,
    partition: (job, frame) => host.ask({ about: 'partition', job, frame }) as Promise<FramePartition | null>,
    restart: () => host.restart(),
    close: async () => host.close(),
  };
}
