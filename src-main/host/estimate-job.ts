import { estimateEdit, type EditEstimate } from '../engine/edit-estimate.ts';
import { rangeIn, rangeOfClip, rangeOfMasks } from '../engine/clip-range.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { noDrift, samplingOf, usesNetwork } from '../engine/job-plan.ts';
import { scanMask, type MaskScan } from '../engine/mask-scan.ts';
import { checkClip } from '../engine/run-edit.ts';
import { openKnownPlates } from '../jobs/known-plates.ts';
import { createMedia } from '../media/index.ts';
import { openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { driftOf } from './load-model.ts';
import { machineCosts } from './machine-costs.ts';
import type { JobHooks } from './run-job.ts';

/** Clip and mask, read once: the slow part of an estimate. Valid until one of the two files changes. */
interface ScannedClip {
  readonly clip: ClipInfo;
  readonly scan: MaskScan;
}

/** Checks clip and mask as a job does, and reads the mask. Throws what the job would throw of them. */
async function scanClip(
  { clipPath, maskPath, range: asked }: EditRequest,
  signal: AbortSignal,
): Promise<ScannedClip> {
  const media = await createMedia();
  const whole = await media.probe(clipPath, signal);
  checkClip(whole);
  const range = rangeIn(whole, asked);
  const clip = rangeOfClip(whole, range);
  const mask = rangeOfMasks(await media.openMask(maskPath, whole, signal), range);
  return { clip, scan: await scanMask(mask, clip, signal) };
}

/** What a job is likely to take on this machine, which is measured where that has not been done yet. */
export async function estimateJob(
  job: EditRequest,
  home: string,
  hooks: Omit<JobHooks, 'onPartialFile'>,
): Promise<EditEstimate> {
  const { clip, scan } = await scanClip(job, hooks.signal);
  const model = await openModel(home, job.modelId, hooks);
  const sessions = createOrt();
  const clock = (): number => performance.now() / 1000;
  const machine = machineCosts({ home, sessions, model, clock, ...hooks });
  const network = usesNetwork(job);
  return estimateEdit(job, model, {
    clip,
    scan,
    costs: (await machine.loadCosts(network)) ?? (await machine.measureCosts(network)),
    knownOpen: await openKnownPlates(home).recall(job),
    drift: network ? await driftOf(sessions, model, samplingOf(job, model).scheduler.timesteps) : noDrift,
  });
}
