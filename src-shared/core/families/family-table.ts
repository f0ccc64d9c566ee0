import { ltxVace } from './ltx-vace.ts';
import { minimaxRemover } from './minimax-remover.ts';
import type { ModelFamily } from './model-family.ts';
import { wanVace } from './wan-vace.ts';

/** The model families, one row each; the first that recognises a folder has it. */
export const modelFamilies: readonly ModelFamily[] = [wanVace, minimaxRemover, ltxVace];
