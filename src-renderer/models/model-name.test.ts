import { describe, expect, it } from 'vitest';
import { isModelName, modelNameOf } from './model-name.ts';

describe('a model’s name', () => {
  it.each([
    ['/models/Wan2.1-VACE-1.3B-diffusers', 'wan2.1-vace-1.3b-diffusers'],
    ['C:\\Modelle\\Großes Modell!\\', 'gro-es-modell'],
    ['/', 'model'],
    ['/._..', 'model'],
    [`/${'a'.repeat(80)}.`, 'a'.repeat(60)],
  ])('is made of its folder: %s', (path, name) => {
    expect(modelNameOf(path, [])).toBe(name);
    expect(isModelName(name)).toBe(true);
  });

  it('is free', () => {
    expect(modelNameOf('/wan', ['wan', 'wan-2'])).toBe('wan-3');
  });

  it.each(['', 'Wan', '.wan', 'wan.', 'a/b', 'a b', 'a'.repeat(65)])('is not %s', (name) => {
    expect(isModelName(name)).toBe(false);
  });
});
