import type { EditRequest } from '../edit-job.ts';
import type { ModelSettings } from '../network/model-folder.ts';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { cleanPrompt } from './clean-prompt.ts';

/** What a job's transformer is told, one text a stream: [prompt], or [prompt, negative] where it is guided. */
export interface JobWords {
  readonly prompts: readonly [string] | readonly [string, string];
  /** 1 with one stream. */
  readonly guidanceScale: number;
}

/** Whether anything is left of a text once it is cleaned. */
const says = (text: string): boolean => cleanPrompt(text) !== '';

/** Throws `prompt-missing` where there is nothing that could take the place of what is replaced. */
export function requirePrompt({ kind, prompt }: Pick<EditRequest, 'kind' | 'prompt'>): void {
  if (kind !== 'edit' || says(prompt)) return;
  throw usageError('prompt-missing', 'There is no prompt.', 'Describe what the region should become.');
}

/** Throws `prompt-unread` where a model is to replace that reads no prompts: it would change nothing by them. */
export function requireReader(
  { kind }: Pick<EditRequest, 'kind'>,
  { id, settings }: { readonly id: string; readonly settings: Pick<ModelSettings, 'followsPrompt'> },
): void {
  if (kind !== 'edit' || settings.followsPrompt) return;
  throw usageError(
    'prompt-unread',
    `${id} does not read prompts: it can only remove.`,
    'Leave out --model for the one that comes with HetCut, or import a model that reads prompts.',
  );
}

/**
 * The words of a job on its model. What the editor left open is the model's own: the negative prompt, and the prompt of a
 * removal. One stream is enough, at half the operations, where a removal says nothing at all (there is nothing to be
 * guided towards but the surroundings), and where both texts are the same (then guidance adds a difference of zero).
 */
export function wordsOf(
  job: Pick<EditRequest, 'kind' | 'prompt' | 'negativePrompt' | 'guidanceScale'>,
  settings: Pick<ModelSettings, 'followsPrompt' | 'guidanceScale' | 'negativePrompt' | 'removalPrompt'>,
): JobWords {
  // A model that follows no prompt has nothing to be guided away from.
  if (!settings.followsPrompt) return { prompts: [job.prompt], guidanceScale: 1 };
  const prompt = job.kind === 'remove' && !says(job.prompt) ? settings.removalPrompt : job.prompt;
  const negative = says(job.negativePrompt) ? job.negativePrompt : settings.negativePrompt;
  const isSilent = job.kind === 'remove' && !says(job.prompt) && !says(job.negativePrompt);
  const guidanceScale = job.guidanceScale ?? (isSilent ? 1 : settings.guidanceScale);
  return guidanceScale === 1 || cleanPrompt(prompt) === cleanPrompt(negative)
    ? { prompts: [prompt], guidanceScale: 1 }
    : { prompts: [prompt, negative], guidanceScale };
}
