import type { EditOptions } from './edit-options.ts';

/** The model that comes with the program; edits name it unless they name another. */
export const starterId = 'starter';
/** What comes with it for prompts, which the starter does not read. */
const wordsId = 'words';

/** All that come with the program, as `models/` of the repository has them. */
export const bundledIds = [starterId, wordsId] as const;
export type BundledId = (typeof bundledIds)[number];

export function isBundled(modelId: string): modelId is BundledId {
  return bundledIds.some((id) => id === modelId);
}

/** Whether a model is one to choose: the words model runs in the starter's place, and need not be. */
export function isChoice(modelId: string): boolean {
  return modelId !== wordsId;
}

/** The model that an edit runs on: for the starter, which only removes, the other bundled one replaces. */
export function modelOf({ kind, modelId }: Pick<EditOptions, 'kind' | 'modelId'>): string {
  return kind === 'edit' && modelId === starterId ? wordsId : modelId;
}
