import { describe, expect, it } from 'vitest';
import { promptOf, readWords, toggleWord, type Vocabulary } from './vocabulary.ts';

const vocabulary: Vocabulary = {
  kinds: { ball: ['sphere'], box: ['crate'], cone: ['traffic cone'] },
  colours: { red: [], orange: [], purple: ['violet'] },
  materials: { plain: ['matte'], wooden: ['wood'] },
  others: ['a', 'an', 'put', 'on', 'the', 'grass', 'thing'],
  mostTokens: 9,
};
const read = (prompt: string) => readWords(prompt, vocabulary);

describe('what a prompt names', () => {
  it.each([
    ['a red ball', { colours: 'red', kinds: 'ball' }],
    ['Put a VIOLET wood crate on the grass.', { colours: 'purple', materials: 'wooden', kinds: 'box' }],
    ['an orange traffic cone', { colours: 'orange', kinds: 'cone' }],
    ['the grass', {}],
    ['', {}],
  ])('%s', (prompt, named) => {
    expect(read(prompt)).toEqual({ named, unknown: [], otherScript: false, tooLong: false });
  });

  it('says what it does not know, with the nearest of its own', () => {
    expect(read('a rad dragon and a rad bal').unknown).toEqual([
      { word: 'rad', near: ['red'] },
      { word: 'dragon', near: [] },
      { word: 'and', near: [] },
      { word: 'bal', near: ['ball'] },
    ]);
    expect(read('a sphera').unknown).toEqual([{ word: 'sphera', near: ['sphere'] }]);
    // A word of three letters is two letters from most others.
    expect(read('a dog').unknown).toEqual([{ word: 'dog', near: [] }]);
  });

  it.each([
    ['赤いボール', true],
    ['красный шар', true],
    ['rot ボール', false],
    ['42!', false],
  ])('is in another script: %s', (prompt, other) => {
    expect(read(prompt).otherScript).toBe(other);
    expect(read(prompt).unknown).not.toEqual([]);
  });

  it('is longer than what is read', () => {
    expect(read('put a red ball on the grass a').tooLong).toBe(false);
    expect(read('put a red ball on the grass a thing').tooLong).toBe(true);
  });
});

describe('a prompt made of words', () => {
  it('has an article, and a thing where no kind is named', () => {
    expect(promptOf({ colours: 'orange', materials: 'wooden', kinds: 'box' })).toBe('an orange wooden box');
    expect(promptOf({ colours: 'red' })).toBe('a red thing');
    expect(promptOf({})).toBe('');
  });

  it('takes a word and gives it back, whatever was written before', () => {
    const toggle = (prompt: string, slot: 'kinds' | 'colours', word: string) =>
      toggleWord(prompt, vocabulary, slot, word);
    expect(toggle('', 'kinds', 'ball')).toBe('a ball');
    expect(toggle('a violet ball', 'colours', 'red')).toBe('a red ball');
    expect(toggle('a red dragon', 'kinds', 'cone')).toBe('a red cone');
    expect(toggle('a red cone', 'colours', 'red')).toBe('a cone');
    expect(toggle('a cone', 'kinds', 'cone')).toBe('');
  });
});
