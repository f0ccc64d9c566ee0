import type { HostJob } from '../../engine/check-job.ts';
import { forkHost } from '../client.ts';
import type { HostProcess } from '../converse.ts';

/** A host that makes estimates; `onJob` hears of a job, which ends without a result when `finish` is called or it is cancelled. */
export function idleHost(onJob: (job: HostJob, finish: () => void) => void): HostProcess {
  const host = forkHost();
  return {
    ...host,
    send(request) {
      if (request.type === 'ask') host.send(request);
      else if (request.type === 'run') onJob(request.job, () => host.kill());
      else host.kill();
    },
  };
}
