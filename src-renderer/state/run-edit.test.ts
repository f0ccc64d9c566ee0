import { describe, expect, it } from 'vitest';
import type { ModelRow, OpenedClip } from '../../src-shared/ipc/index.ts';
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
const media: OpenedClip = {
  mediaId: 'm',
  path: '/a.mov',
  name: 'a.mov',
  width: 640,
  height: 360,
  frames: 1,
  frameRate: '25/1',
  durationSec: 0.04,
  ptsSec: [0],
  hasAudio: false,
  codec: 'h264',
  warnings: [],
};
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
    expect(whyNotRun(newEdit('e', 'E'), [], media)).toBe('jobs.needMask');
    expect(whyNotRun(editWith('wan'), [], media)).toBe('jobs.needModel');
    expect(whyNotRun(editWith('wan', 'edit', ' '), [whole], media)).toBe('jobs.needPrompt');
    expect(whyNotRun(editWith('wan', 'edit', 'a bench'), [whole], media)).toBeNull();
    expect(whyNotRun(editWith('wan'), [whole], media)).toBeNull();
    expect(whyNotRun(editWith('wan'), [whole], undefined)).toBe('jobs.needClip');
  });
});
