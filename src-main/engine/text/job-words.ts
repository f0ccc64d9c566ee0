import type { EditRequest } from '../edit-job.ts';
import type { ModelSettings } from '../network/model-folder.ts';
import { cleanPrompt } from './clean-prompt.ts';

/** What a job's transformer is told, one text a stream: [prompt], or [prompt, negative] where it is guided. */
export interface JobWords {
  readonly prompts: readonly [string] | readonly [string, string];
  /** 1 with one stream. */
  readonly guidanceScale: number;
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
  const says = (text: string): boolean => cleanPrompt(text) !== '';
  const prompt = job.kind === 'remove' && !says(job.prompt) ? settings.removalPrompt : job.prompt;
  const negative = says(job.negativePrompt) ? job.negativePrompt : settings.negativePrompt;
  const isSilent = job.kind === 'remove' && !says(job.prompt) && !says(job.negativePrompt);
  const guidanceScale = job.guidanceScale ?? (isSilent ? 1 : settings.guidanceScale);
  return guidanceScale === 1 || cleanPrompt(prompt) === cleanPrompt(negative)
    ? { prompts: [prompt], guidanceScale: 1 }
    : { prompts: [prompt, negative], guidanceScale };
}
