import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import type { EditRequest, PlateChoice } from '../edit-job.ts';
import type { ModelFolder } from '../network/model-folder.ts';

type FillRequest = Pick<EditRequest, 'kind' | 'plate' | 'fill'>;

/**
 * The means that a job fills with. Left to the program: what a prompt describes can only be generated; to take something
 * out, a model that follows no prompt (the starter) is no match for texture from around the hole
 * (docs/benchmarks/fill.md); one that does, or is made for removal, was imported to be used. With the plate off there is nothing but the
 * network, with other frames only there is none.
 */
export function fillMeans(
  { kind, plate, fill }: FillRequest,
  { settings, family }: Pick<ModelFolder, 'settings' | 'family'>,
): FillMeans {
  if (fill !== 'auto') return fill;
  if (plate.kind === 'off') return 'network';
  if (plate.kind === 'only' && kind === 'remove') return 'exemplar';
  const isUsed = settings.followsPrompt || family.madeForRemoval === true;
  return kind === 'remove' && !isUsed ? 'exemplar' : 'network';
}

/** Whether a job may come to need the network. */
export function usesNetwork(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): boolean {
  return (job.kind === 'edit' || job.plate.kind !== 'file') && fillMeans(job, model) === 'network';
}

/**
 * Whether a job puts one thing there that stands in the scene (the model's `stands`): it is generated in one frame of each
 * view, cut out, and laid into the others by the camera's motion, before the clean background.
 */
export function isStanding(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): boolean {
  return job.kind === 'edit' && model.settings.stands && fillMeans(job, model) === 'network';
}

/**
 * Whether the network is shown the hole as it is filled by then: where something is taken out, if that was asked for; in
 * the place of what a prompt describes, background would speak against the prompt, but for a thing that is cut out of it.
 */
export function showsFill(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): boolean {
  return isStanding(job, model) || (job.kind === 'remove' && job.fill === 'network');
}

/** Whether what is open is filled by texture, for good or for the network to see. */
export function isTextured(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): boolean {
  // Without a plate what stands there before is what the clip shows.
  if (isStanding(job, model)) return job.plate.kind === 'auto';
  const means = fillMeans(job, model);
  return (
    job.plate.kind !== 'file' && (means === 'exemplar' || (means === 'network' && showsFill(job, model)))
  );
}

/** The plate that a job asks for: what is replaced by moving pictures needs no background behind it. */
export function plateOf(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): PlateChoice {
  const { kind, plate } = job;
  return kind === 'edit' && plate.kind !== 'file' && !isStanding(job, model) && usesNetwork(job, model)
    ? { kind: 'off' }
    : plate;
}
