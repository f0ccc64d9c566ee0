import { expect, it } from 'vitest';
import { requirePrompt, requireReader, wordsOf } from './job-words.ts';

const settings = { followsPrompt: true, guidanceScale: 5, negativePrompt: 'ugly', removalPrompt: 'empty' };
const words = (job: Partial<Parameters<typeof wordsOf>[0]>, more: Partial<typeof settings> = {}) =>
  wordsOf({ kind: 'edit', prompt: '', negativePrompt: '', ...job }, { ...settings, ...more });

it('takes the words of the editor, and the negative ones of the model where there are none', () => {
  expect(words({ prompt: 'a dog', negativePrompt: 'cats' })).toEqual({
    prompts: ['a dog', 'cats'],
    guidanceScale: 5,
  });
  expect(words({ prompt: 'a dog', negativePrompt: ' ' }).prompts).toEqual(['a dog', 'ugly']);
  expect(words({ prompt: 'a dog', guidanceScale: 2 }).guidanceScale).toBe(2);
  expect(words({ prompt: 'a dog', guidanceScale: 1 })).toEqual({ prompts: ['a dog'], guidanceScale: 1 });
});

it('removes with the words of the model, in one stream unless it is asked for more', () => {
  const kind = 'remove';
  expect(words({ kind })).toEqual({ prompts: ['empty'], guidanceScale: 1 });
  expect(words({ kind, guidanceScale: 3 })).toEqual({ prompts: ['empty', 'ugly'], guidanceScale: 3 });
  expect(words({ kind, negativePrompt: 'people' }).prompts).toEqual(['empty', 'people']);
  expect(words({ kind, prompt: 'a street' })).toEqual({ prompts: ['a street', 'ugly'], guidanceScale: 5 });
});

it('has one stream where both texts are the same to the model', () => {
  expect(words({ prompt: 'no  people ', negativePrompt: 'no people' })).toEqual({
    prompts: ['no  people '],
    guidanceScale: 1,
  });
  expect(words({}, { negativePrompt: '' }).prompts).toHaveLength(1);
});

it('has one stream for a model that follows no prompt', () => {
  const text = { prompt: 'a dog', negativePrompt: 'cats', guidanceScale: 5 };
  expect(words(text, { followsPrompt: false })).toEqual({ prompts: ['a dog'], guidanceScale: 1 });
});

it('refuses to replace with nothing, or with a model that reads no prompts', () => {
  for (const prompt of ['', ' \n']) {
    expect(() => requirePrompt({ kind: 'edit', prompt })).toThrow('There is no prompt.');
    expect(() => requirePrompt({ kind: 'remove', prompt })).not.toThrow();
  }
  expect(() => requirePrompt({ kind: 'edit', prompt: 'a ball' })).not.toThrow();
  const deaf = { id: 'remover', settings: { followsPrompt: false } };
  expect(() => requireReader({ kind: 'edit' }, deaf)).toThrow('remover does not read prompts');
  expect(() => requireReader({ kind: 'remove' }, deaf)).not.toThrow();
});
