import { describe, expect, it } from 'vitest';
import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { newEdit, type Edit } from '../../src-shared/project/index.ts';
import { modelProblem, whyNotRun } from './run-edit.ts';

function editWith(modelId: string, kind: 'remove' | 'edit' = 'remove', prompt = ''): Edit {
  const edit = newEdit('e', 'E');
  return {
    ...edit,
    mask: { ...edit.mask, invert: true },
    settings: { ...edit.settings, modelId, kind, prompt },
  };
}
const whole: ModelRow = { id: 'wan', bytes: 1, readsPrompts: true };
const damaged: ModelRow = { ...whole, problem: 'vae.weights: the file is missing.' };

describe('an edit', () => {
  it('needs a model that is there and whole; the starter is made so', () => {
    expect(modelProblem(editWith('wan'), [whole])).toBeNull();
    expect(modelProblem(editWith('wan'), [])).toBe('model.gone');
    expect(modelProblem(editWith('wan'), [damaged])).toBe('model.damaged');
    expect(modelProblem(editWith('starter'), [])).toBeNull();
    expect(modelProblem(undefined, [])).toBeNull();
  });

  it('says the first thing that keeps it from running', () => {
    expect(whyNotRun(newEdit('e', 'E'), [])).toBe('jobs.needMask');
    expect(whyNotRun(editWith('wan'), [])).toBe('jobs.needModel');
    expect(whyNotRun(editWith('wan', 'edit', ' '), [whole])).toBe('jobs.needPrompt');
    expect(whyNotRun(editWith('wan', 'edit', 'a bench'), [whole])).toBeNull();
    expect(whyNotRun(editWith('wan'), [whole])).toBeNull();
  });
});
