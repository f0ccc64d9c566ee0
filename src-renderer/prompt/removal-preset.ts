import type { Edit } from '../../src-shared/project/index.ts';

/** What is set up for removal, in words that the model reads. */
type RemovalWords = Pick<Edit['settings'], 'prompt' | 'negativePrompt'>;

/** Enough for the soft rim of most things; a model replaces what is left of them. */
export const removalGrow = 6;

/** Whether the edit is set up as `setUpRemoval` would; `words` null where the model reads none. */
export function isSetUpForRemoval({ mask, settings }: Edit, words: RemovalWords | null): boolean {
  return (
    settings.kind === 'remove' &&
    mask.grow >= removalGrow &&
    (settings.plate === 'auto' || settings.platePath !== undefined) &&
    (words === null || (settings.prompt !== '' && settings.negativePrompt !== ''))
  );
}

/**
 * What makes a model that replaces take away instead: a grown mask, background of other frames, and words for what is
 * behind. What the editor has written stays, as does a clean plate of the editor's. Changes the edit.
 */
export function setUpRemoval(edit: Edit, words: RemovalWords | null): void {
  const { mask, settings } = edit;
  settings.kind = 'remove';
  mask.grow = Math.max(mask.grow, removalGrow);
  settings.plate = 'auto';
  if (words === null) return;
  if (settings.prompt === '') settings.prompt = words.prompt;
  if (settings.negativePrompt === '') settings.negativePrompt = words.negativePrompt;
}
