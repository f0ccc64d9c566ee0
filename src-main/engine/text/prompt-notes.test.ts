import { expect, it } from 'vitest';
import { promptNotes } from './prompt-notes.ts';

const vocabulary = {
  kinds: { ball: ['sphere'], box: [] },
  colours: { red: [] },
  materials: { wooden: ['wood'] },
  others: ['a', 'on', 'the', 'grass'],
  mostTokens: 6,
};
const notes = (prompt: string, kind: 'edit' | 'remove' = 'edit') =>
  promptNotes({ kind, prompt }, { id: 'words', settings: { vocabulary } });

it('says nothing of words that the model knows, of removals, and of models that read free text', () => {
  expect(notes('a red ball')).toEqual([]);
  expect(notes('a dragon', 'remove')).toEqual([]);
  expect(promptNotes({ kind: 'edit', prompt: 'a dragon' }, { id: 'wan', settings: {} })).toEqual([]);
});

it('names what is not known, the nearest words, and all that there are', () => {
  expect(notes('a rad dragon')).toEqual([
    'The model words does not know "rad", "dragon": did you mean "red"? It knows ball, box; red; wooden. It runs all the same.',
  ]);
  expect(notes('a dragon')).toEqual([
    'The model words does not know "dragon". It knows ball, box; red; wooden. It runs all the same.',
  ]);
});

it('says where a prompt is longer than what is read', () => {
  expect(notes('a red ball on the grass')[0]).toMatch(/reads the first 6 tokens/);
});

it('refuses a prompt in which there is no word it could know', () => {
  expect(() => notes('赤いボール')).toThrow('words reads English words only: "赤いボール" has none.');
});
