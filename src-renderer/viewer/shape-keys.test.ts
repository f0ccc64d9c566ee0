import { beforeEach, describe, expect, it } from 'vitest';
import { newEdit, newProject, withClip, type EditMask } from '../../src-shared/project/index.ts';
import { poseAt, type MaskPose } from '../../src-shared/project/mask/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { activeEdit, openProject, undoStep, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { shapeAction } from './shape-keys.ts';

const shapes: EditMask['shapes'] = [
  {
    kind: 'ellipse',
    effect: 'remove',
    keyframes: [{ frame: 0, centre: [50, 40], radii: [10, 5], angleDeg: 0 }],
  },
  { kind: 'box', effect: 'remove', keyframes: [{ frame: 0, from: [10, 20], to: [30, 60] }] },
];

/** Presses keys written as "Alt+Shift+ArrowRight"; says whether the first meant anything. */
function press(...all: readonly string[]): boolean {
  const actions = all.map((keys) => {
    const parts = keys.split('+');
    const has = (name: string): boolean => parts.includes(name);
    const held = { altKey: has('Alt'), shiftKey: has('Shift'), ctrlKey: has('Ctrl'), metaKey: false };
    const action = shapeAction({ key: parts[parts.length - 1], ...held });
    action?.();
    return action;
  });
  return actions[0] !== undefined;
}

function pose(index = 0): MaskPose {
  const shape = activeEdit(useEditor.getState())?.mask.shapes[index];
  if (shape === undefined || shape.kind === 'track') throw new Error(`no shape ${index}`);
  return poseAt(shape, 0);
}

beforeEach(async () => {
  await startLanguage('en');
  const clip = { id: 'c', path: '/c.mp4', name: 'c', width: 100, height: 80, frames: 10 };
  const edit = newEdit('e', 'E');
  const edits = [{ ...edit, mask: { ...edit.mask, shapes } }];
  openProject(withClip(newProject('p', 'P'), { ...clip, frameRate: '25/1', durationSec: 0.4, edits }));
  useView.setState({ shape: 0, heard: '' });
});

describe('the keys of a shape', () => {
  it('make it wider and higher about its middle, with Shift by ten pixels, and say so', () => {
    expect(press('Alt+ArrowRight', 'Alt+ArrowRight', 'Alt+Shift+ArrowUp', 'Alt+ArrowDown')).toBe(true);
    expect(pose()).toMatchObject({ centre: [50, 40], radii: [11, 9.5] });
    expect(useView.getState().heard).toBe('Ellipse: 22 × 19 pixels, centre at 50, 40');
    // One after the other they are one step.
    undoStep();
    expect(pose()).toMatchObject({ radii: [10, 5] });
  });

  it('turn an ellipse, and leave a box as it lies', () => {
    press('Alt+PageDown', 'Alt+Shift+PageDown', 'Alt+PageUp');
    expect(pose()).toMatchObject({ angleDeg: 10 });
    expect(useView.getState().heard).toBe('Ellipse: 20 × 10 pixels, centre at 50, 40, rotated 10°');
    const before = useEditor.getState().history;
    useView.setState({ shape: 1 });
    press('Alt+PageDown');
    expect(useEditor.getState().history).toBe(before);
  });

  it('move it by four pixels', () => {
    useView.setState({ shape: 1 });
    press('Ctrl+Shift+ArrowLeft', 'Ctrl+Shift+ArrowDown');
    expect(pose(1)).toMatchObject({ from: [6, 24], to: [26, 64] });
    expect(useView.getState().heard).toBe('Box: 20 × 40 pixels, centre at 16, 44');
  });

  it('are others’ with other keys held, and do nothing without a shape', () => {
    for (const keys of ['ArrowRight', 'Ctrl+ArrowRight', 'Ctrl+Alt+ArrowRight', 'PageUp', 'Alt+A'])
      expect(press(keys), keys).toBe(false);
    useView.setState({ shape: null });
    const before = useEditor.getState().history;
    press('Alt+ArrowRight', 'Ctrl+Shift+ArrowUp');
    expect(useEditor.getState().history).toBe(before);
  });
});
