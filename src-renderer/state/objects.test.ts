import { beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Reply } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, type Clip, type Edit } from '../../src-shared/project/index.ts';
import type { MaskShape } from '../../src-shared/project/mask/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from './backend.ts';
import { activeEdit, openProject, undoStep, useEditor } from './editor-store.ts';
import {
  colourObject,
  deleteObject,
  holdOutObject,
  importMatte,
  objectName,
  renameObject,
  switchObject,
} from './objects.ts';
import { useFileRequest } from './choose-file.ts';
import { useView } from './view-store.ts';

const stroke = (effect: 'remove' | 'keep'): MaskShape => ({
  kind: 'stroke',
  effect,
  keyframes: [{ frame: 0, points: [[1, 1]], radius: 1 }],
});
let reply: Reply<{ masks: readonly string[] }>;
let asked: unknown;
const client = createClient({
  async call(_name, input) {
    asked = input;
    return reply;
  },
  onEvent: () => undefined,
});

function open(shapes: readonly MaskShape[]): void {
  const edit = newEdit('e', 'Edit');
  const clip: Clip = {
    id: 'c',
    path: '/a.mp4',
    name: 'a.mp4',
    width: 8,
    height: 4,
    frames: 3,
    frameRate: '10/1',
    durationSec: 2,
    edits: [{ ...edit, mask: { ...edit.mask, shapes } }],
  };
  openProject({ ...newProject('p', 'P'), clips: [clip] });
}
const edit = (): Edit => activeEdit(useEditor.getState()) as Edit;

beforeEach(async () => {
  await startLanguage('en');
  useBackend.setState({ client });
  open([stroke('remove'), stroke('keep'), stroke('remove')]);
});

describe('the list of objects', () => {
  it('names what has no name by its kind and number', () => {
    expect([0, 1, 2].map((index) => objectName(edit().mask, index))).toEqual([
      'Stroke 1',
      'Eraser 1',
      'Stroke 2',
    ]);
    renameObject(2, '  The coat ');
    expect(objectName(edit().mask, 2)).toBe('The coat');
    renameObject(2, '');
    expect(edit().mask.shapes[2]).toEqual(stroke('remove'));
  });

  it('colours, switches and holds out, each in one step; a drag over colours is one', () => {
    colourObject(0, '#112233');
    colourObject(0, '#445566');
    expect(edit().mask.shapes[0]).toMatchObject({ colour: '#445566' });
    undoStep();
    expect(edit().mask.shapes[0]).toEqual(stroke('remove'));
    switchObject(0);
    expect(edit().mask.shapes[0]).toMatchObject({ off: true });
    switchObject(0);
    holdOutObject(0);
    expect(edit().mask.shapes[0]).toMatchObject({ effect: 'keep', holdOut: true });
    holdOutObject(0);
    expect(edit().mask.shapes[0]).toEqual(stroke('remove'));
  });

  it('keeps the chosen one chosen when another is deleted', () => {
    useView.setState({ shape: 2 });
    deleteObject(0);
    expect([edit().mask.shapes.length, useView.getState().shape]).toEqual([2, 1]);
    deleteObject(1);
    expect(useView.getState().shape).toBeNull();
  });

  async function importing(path: string | null): Promise<void> {
    const done = importMatte('matte');
    useFileRequest.getState().request?.settle(path);
    await done;
  }

  it('takes in a matte as an object with the file’s name', async () => {
    reply = { ok: true, value: { masks: ['', 'KC', 'KC'] } };
    await importing('/mattes/her walk.mov');
    expect(asked).toEqual({ clipPath: '/a.mp4', path: '/mattes/her walk.mov' });
    expect(edit().mask.shapes[3]).toMatchObject({
      kind: 'track',
      name: 'her walk',
      keyframes: [{ frame: 1, mask: 'KC' }],
    });
    expect(useView.getState().shape).toBe(3);
  });

  it('changes nothing without a file, with a black matte, and where it cannot be read', async () => {
    const before = edit();
    await importing(null);
    reply = { ok: true, value: { masks: ['', '', ''] } };
    await importing('/black.mov');
    expect(useEditor.getState().notice?.text).toMatch(/black in every frame/);
    reply = { ok: false, code: 'mask-size', message: 'Too small.', hint: 'Again.' };
    await expect(importing('/small.mov')).rejects.toThrow('Too small.');
    expect(edit()).toBe(before);
  });
});
