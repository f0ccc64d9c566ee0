import { describe, expect, it } from 'vitest';
import { newEdit } from '../../src-shared/project/index.ts';
import { isSetUpForRemoval, setUpRemoval } from './removal-preset.ts';

const words = { prompt: 'empty', negativePrompt: 'people' };

describe('the removal preset', () => {
  it('grows the mask, uses the plate, and asks for background', () => {
    const edit = newEdit('e', 'An edit');
    edit.settings = { ...edit.settings, kind: 'edit', plate: 'off' };
    expect(isSetUpForRemoval(edit, words)).toBe(false);
    setUpRemoval(edit, words);
    expect(edit.mask.grow).toBe(6);
    expect(edit.settings).toMatchObject({ kind: 'remove', plate: 'auto', ...words });
    expect(isSetUpForRemoval(edit, words)).toBe(true);
  });

  it('leaves what is written and a mask that has grown further', () => {
    const edit = newEdit('e', 'An edit');
    edit.mask = { ...edit.mask, grow: 20 };
    edit.settings.prompt = 'a wet street';
    setUpRemoval(edit, words);
    expect(edit.mask.grow).toBe(20);
    expect(edit.settings).toMatchObject({ prompt: 'a wet street', negativePrompt: 'people' });
  });

  it('leaves a clean plate that was given', () => {
    const edit = newEdit('e', 'An edit');
    edit.settings = { ...edit.settings, plate: 'off', platePath: '/plate.png' };
    setUpRemoval(edit, null);
    expect(edit.settings.platePath).toBe('/plate.png');
    expect(isSetUpForRemoval(edit, null)).toBe(true);
    expect(isSetUpForRemoval({ ...edit, settings: { ...edit.settings, plate: 'off' } }, null)).toBe(true);
  });

  it('has no words for a model that reads none', () => {
    const edit = newEdit('e', 'An edit');
    setUpRemoval(edit, null);
    expect(edit.settings).toMatchObject({ prompt: '', negativePrompt: '' });
    expect(isSetUpForRemoval(edit, null)).toBe(true);
    expect(isSetUpForRemoval(edit, words)).toBe(false);
  });
});
