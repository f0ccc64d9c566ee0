import { expect, it } from 'vitest';
import { bundledIds, isBundled, isChoice, modelOf } from './bundled-models.ts';

it('has one model to choose, and one that replaces in its place', () => {
  expect(bundledIds.filter(isChoice)).toEqual(['starter']);
  expect([...bundledIds, 'wan'].map((id) => isBundled(id))).toEqual([true, true, false]);
  expect(isChoice('wan')).toBe(true);
  expect(modelOf({ kind: 'remove', modelId: 'starter' })).toBe('starter');
  expect(modelOf({ kind: 'edit', modelId: 'starter' })).toBe('words');
  expect(modelOf({ kind: 'edit', modelId: 'wan' })).toBe('wan');
});
