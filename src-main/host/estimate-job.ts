import type { EditEstimate } from '../engine/plan/edit-estimate.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { createEstimator } from './estimator.ts';
import type { JobHooks } from './run-job.ts';

/** What a job is likely to take on this machine, which is measured where that has not been done yet. */
export async function estimateJob(
  job: EditRequest,
  home: string,
  hooks: Omit<JobHooks, 'onPartialFile'>,
): Promise<EditEstimate> {
  const estimator = createEstimator(home, await createMedia(), hooks);
  try {
    return await estimator.estimate(job);
  } finally {
    await estimator.close();
  }
}
