import { usageError } from '../../../src-shared/core/errors/index.ts';
import { readWords, type Vocabulary } from '../../../src-shared/core/words/index.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ModelFolder } from '../network/model-folder.ts';

const listed = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ');

/** All that a model of few words can be asked for. */
function knownWords({ kinds, colours, materials }: Vocabulary): string {
  return [kinds, colours, materials].map((names) => Object.keys(names).join(', ')).join('; ');
}

/**
 * What an editor should know of how a model of few words reads the prompt of a replacement, each a sentence; nothing of a
 * model that reads free text.
 * Throws `prompt-script` where none of it could be a word of the model's.
 */
export function promptNotes(
  { kind, prompt }: Pick<EditRequest, 'kind' | 'prompt'>,
  { id, settings }: { readonly id: string; readonly settings: Pick<ModelFolder['settings'], 'vocabulary'> },
): readonly string[] {
  const { vocabulary } = settings;
  if (kind !== 'edit' || vocabulary === undefined) return [];
  const { unknown, otherScript, tooLong } = readWords(prompt, vocabulary);
  if (otherScript) {
    throw usageError(
      'prompt-script',
      `The model ${id} reads English words only: ${listed([prompt])} has none.`,
      `It knows ${knownWords(vocabulary)}. Imported models read free text.`,
    );
  }
  const notes: string[] = [];
  if (unknown.length > 0) {
    const near = unknown.flatMap((one) => one.near);
    notes.push(
      `The model ${id} does not know ${listed(unknown.map(({ word }) => word))}` +
        (near.length > 0 ? `: did you mean ${listed([...new Set(near)])}?` : '.') +
        ` It knows ${knownWords(vocabulary)}. It runs all the same.`,
    );
  }
  if (tooLong) {
    notes.push(
      `The model ${id} reads the first ${vocabulary.mostTokens} tokens of a prompt, about as many words: the end of this one is left out.`,
    );
  }
  return notes;
}
