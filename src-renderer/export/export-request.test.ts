import { describe, expect, it } from 'vitest';
import { layersOf } from '../../src-shared/ipc/index.ts';
import { newEdit, type Clip } from '../../src-shared/project/index.ts';
import { withHoldOut, withOff, type MaskShape } from '../../src-shared/project/mask/index.ts';
import { readChoices } from './export-choices.ts';
import { exportRequest, layerOfObject } from './export-request.ts';

describe('the matte of one object', () => {
  it('is white alone, held out or switched off as it may be, and grown as the mask is', () => {
    const object: MaskShape = {
      kind: 'track',
      effect: 'remove',
      keyframes: [{ frame: 0, mask: 'KC' }],
      tracked: [],
    };
    const edit = newEdit('e', 'Edit');
    const mask = { ...edit.mask, grow: 3, invert: true, shapes: [object, object] };
    const asked = layerOfObject({ ...edit, mask }, withOff(withHoldOut(object, true), true));
    expect(asked).toEqual({ mask: { ...mask, invert: false, shapes: [object] } });
  });
});

describe('an export', () => {
  it('copies unchanged frames unless it is told to encode them', () => {
    const clip = { path: 'clip.mp4', edits: [] } as unknown as Clip;
    const layers = layersOf([newEdit('e', 'Edit')]);
    const chosen = readChoices(null);
    expect(exportRequest(clip, layers, chosen, {})).not.toHaveProperty('reencode');
    expect(exportRequest(clip, layers, { ...chosen, unchanged: 'encode' }, {})).toMatchObject({
      reencode: true,
    });
  });
});
