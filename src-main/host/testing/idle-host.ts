import type { HostJob } from '../../engine/check-job.ts';
import { forkHost } from '../client.ts';
import type { HostProcess, HostPurpose } from '../message-loop.ts';

/** Starts hosts that make estimates; `onJob` is called with a job, which ends without a result when it is told to or cancelled. */
export function idleHost(
  onJob: (job: HostJob, finish: () => void) => void,
): (purpose: HostPurpose) => HostProcess {
  return (purpose) => {
    const host = forkHost(purpose);
    return {
      ...host,
      send(request) {
        if (request.type === 'ask') host.send(request);
        else if (request.type === 'run') onJob(request.job, () => host.kill());
        else host.kill();
      },
    };
  };
}
