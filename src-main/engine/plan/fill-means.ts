import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import type { EditRequest } from '../edit-job.ts';
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
  if (plate.kind === 'only') return 'exemplar';
  const isUsed = settings.followsPrompt || family.madeForRemoval === true;
  return kind === 'remove' && !isUsed ? 'exemplar' : 'network';
}

/** Whether a job may come to need the network. */
export function usesNetwork(job: FillRequest, model: Pick<ModelFolder, 'settings' | 'family'>): boolean {
  return job.plate.kind !== 'file' && fillMeans(job, model) === 'network';
}

/**
 * Whether the network is shown a fill by texture in the hole: only where it was asked for, and where something is taken
 * out: in the place of what a prompt describes, background would speak against the prompt.
 */
export function showsFill({ kind, fill }: FillRequest): boolean {
  return kind === 'remove' && fill === 'network';
}
