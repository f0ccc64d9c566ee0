import { beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Reply, type TrackEnd } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, type Clip, type Edit } from '../../src-shared/project/index.ts';
import type { MaskShape } from '../../src-shared/project/mask/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from './backend.ts';
import { activeEdit, openProject, undoStep, useEditor } from './editor-store.ts';
import { addShadow } from './shadow.ts';
import { useTracking } from './tracking.ts';

const object: MaskShape = {
  kind: 'track',
  effect: 'remove',
  name: 'Her',
  keyframes: [{ frame: 1, mask: 'KC' }],
  tracked: [
    { frame: 2, mask: 'KC', confidence: 0.9 },
    { frame: 3, mask: '', confidence: 0 },
    { frame: 7, mask: 'KC', confidence: 0.9 },
  ],
};
let reply: Reply<TrackEnd>;
let asked: unknown;
const client = createClient({
  async call(_name, input) {
    asked = input;
    expect(useTracking.getState().running).not.toBeNull();
    return reply;
  },
  onEvent: () => undefined,
});
const edit = (): Edit => activeEdit(useEditor.getState()) as Edit;

beforeEach(async () => {
  await startLanguage('en');
  useTracking.setState({ running: null });
  useBackend.setState({ client });
  const made = newEdit('e', 'Edit');
  const clip: Clip = {
    id: 'c',
    path: '/a.mp4',
    name: 'a.mp4',
    width: 8,
    height: 4,
    frames: 9,
    frameRate: '10/1',
    durationSec: 1,
    edits: [{ ...made, range: { startFrame: 0, endFrame: 6 }, mask: { ...made.mask, shapes: [object] } }],
  };
  openProject({ ...newProject('p', 'P'), clips: [clip] });
  const frames = [1, 2].map((frame) => ({ frame, mask: 'EB', confidence: frame / 3 }));
  reply = { ok: true, value: { stopped: false, frames, remarks: [] } };
});

describe('adding a shadow', () => {
  it('asks with the object’s masks in the edit, and puts what is found into the mask, in one step', async () => {
    await addShadow(0);
    expect(asked).toMatchObject({
      range: { startFrame: 0, endFrame: 6 },
      masks: [
        { frame: 1, mask: 'KC' },
        { frame: 2, mask: 'KC' },
      ],
    });
    expect(edit().mask.shapes[1]).toMatchObject({
      kind: 'track',
      name: 'Shadow of Her',
      keyframes: [{ frame: 2, mask: 'EB' }],
      tracked: [{ frame: 1 }],
    });
    expect(useTracking.getState().running).toBeNull();
    undoStep();
    expect(edit().mask.shapes).toEqual([object]);
  });

  it('says that none was found; what fails is told, and nothing changes', async () => {
    const before = edit();
    reply = { ok: true, value: { stopped: false, frames: [], remarks: [] } };
    await addShadow(0);
    expect(useEditor.getState().notice?.text).toMatch(/No shadow was found/);
    reply = { ok: false, code: 'host-died', message: 'It ended.', hint: 'Again.' };
    await expect(addShadow(0)).rejects.toThrow('It ended.');
    expect(useTracking.getState().running).toBeNull();
    expect(edit()).toBe(before);
  });
});
