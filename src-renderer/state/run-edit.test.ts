import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelRow, OpenedClip } from '../../src-shared/ipc/index.ts';
import { newEdit, type Edit } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { begin, freshSession, media as street, paint } from '../project/fake-program.ts';
import { openClip } from '../project/open-project.ts';
import { activeEdit, changeProject, useEditor } from './editor-store.ts';
import {
  canReplace,
  modelProblem,
  modelRow,
  runActiveEdit,
  runEdits,
  useRunOptions,
  whyNotRun,
} from './run-edit.ts';

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

  it('replaces with what came with the starter, and with no model that reads no prompts', () => {
    const models: ModelRow[] = [
      { id: 'starter', bytes: 1, readsPrompts: false },
      { id: 'words', bytes: 1, readsPrompts: true },
      { id: 'remover', bytes: 1, readsPrompts: false },
    ];
    expect(modelRow(editWith('starter').settings, models)?.id).toBe('starter');
    expect(modelRow(editWith('starter', 'edit').settings, models)?.id).toBe('words');
    expect(models.map(({ id }) => canReplace(id, models))).toEqual([true, true, false]);
    // Not imported yet: it will be.
    expect(canReplace('starter', [])).toBe(true);
  });

  it('needs a prompt with words that its model reads', () => {
    const vocabulary = { kinds: { ball: [] }, colours: {}, materials: {}, others: [], mostTokens: 9 };
    const words = { id: 'words', bytes: 1, readsPrompts: true, vocabulary };
    const why = (prompt: string) => whyNotRun(editWith('starter', 'edit', prompt), [words], media);
    expect(why('шар')).toBe('jobs.needWords');
    expect(why('ein Ball')).toBeNull();
    expect(whyNotRun(editWith('starter', 'remove', 'шар'), [words], media)).toBeNull();
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

describe('the active edit', () => {
  freshSession();
  beforeAll(() => startLanguage('en'));

  it('is queued as it is, with another seed where the seed is not kept', async () => {
    const program = await begin({ [street.path]: street });
    await openClip(street.path);
    await runActiveEdit();
    expect(program.calls.some(([name]) => name === 'jobs.add')).toBe(false);
    paint();
    useRunOptions.setState({ seedLocked: true });
    await runActiveEdit();
    const edit = activeEdit(useEditor.getState());
    const added = program.calls.find(([name]) => name === 'jobs.add')?.[1];
    expect(added).toMatchObject({ clipPath: street.path, mask: edit?.mask, settings: edit?.settings });
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      (array as unknown as Uint32Array)[0] = 77;
      return array;
    });
    useRunOptions.setState({ seedLocked: false });
    await runActiveEdit();
    expect(program.calls.at(-1)?.[1]).toMatchObject({ settings: { seed: 77 } });
  });

  it('is not mixed up with one of another clip: that is queued with its own', async () => {
    const program = await begin({ [street.path]: street });
    await openClip(street.path);
    const other = { ...editWith('starter'), id: 'other' };
    changeProject('', (project) => {
      const [clip] = project.clips;
      project.clips.push({
        ...clip,
        id: 'second',
        path: '/second.mov',
        name: 'second.mov',
        edits: [other as never],
      });
    });
    useEditor.setState(({ opened }) => ({
      opened: { ...opened, second: { ...street, path: '/second.mov' } },
    }));
    await runEdits([other]);
    expect(program.calls.at(-1)).toMatchObject([
      'jobs.add',
      { clipId: 'second', clipPath: '/second.mov', editId: 'other', name: 'second.mov · E' },
    ]);
  });
});
