import { beforeEach, describe, expect, it } from 'vitest';
import { decodeMask, encodeMask } from '../../src-shared/core/mask/index.ts';
import { createClient, type Reply, type SelectedMask } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, type Clip, type Edit } from '../../src-shared/project/index.ts';
import { maskTextAt, type MaskShape, type TrackShape } from '../../src-shared/project/mask/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from './backend.ts';
import { activeEdit, openProject, undoStep, useEditor } from './editor-store.ts';
import { otherSizes, readyToSelect, select, selectOther } from './selecting.ts';
import { useTracking } from './tracking.ts';
import { useView } from './view-store.ts';

const [width, height] = [8, 4];
const row = (...ys: number[]): string => {
  const mask = new Uint8Array(width * height);
  for (const y of ys) mask.fill(255, y * width, (y + 1) * width);
  return encodeMask(mask);
};

type Input = Readonly<Record<string, unknown>>;
let calls: Input[];
let answer: (input: Input) => Reply<SelectedMask>;
const found = (mask: string, more: Partial<SelectedMask> = {}): Reply<SelectedMask> => ({
  ok: true,
  value: { mask, smaller: false, larger: false, ...more },
});
const client = createClient({
  async call(_name, input) {
    calls.push(input as Input);
    return answer(input as Input);
  },
  onEvent: () => undefined,
});

function open(shapes: readonly MaskShape[]): void {
  const edit = newEdit('e', 'Edit');
  const clip: Clip = {
    id: 'c',
    path: '/a.mp4',
    name: 'a.mp4',
    width,
    height,
    frames: 20,
    frameRate: '10/1',
    durationSec: 2,
    edits: [{ ...edit, mask: { ...edit.mask, shapes } }],
  };
  openProject({ ...newProject('p', 'P'), clips: [clip] });
}
const edit = (): Edit => activeEdit(useEditor.getState()) as Edit;
const object = (at = 0): TrackShape => edit().mask.shapes[at] as TrackShape;
const click = (x: number, y: number, takes = false) => select({ place: [x, y], takes });

beforeEach(async () => {
  await startLanguage('en');
  useTracking.setState({ running: null });
  useBackend.setState({ client });
  calls = [];
  answer = () => found(row(1));
  open([]);
});

describe('selecting by clicks', () => {
  it('makes an object of the frame, that tracking can start from, in one step', async () => {
    useEditor.setState({ frame: 3 });
    await click(4, 1.5);
    expect(calls).toEqual([
      {
        clipPath: '/a.mp4',
        frame: 3,
        range: { startFrame: 0, endFrame: 20 },
        add: [[4, 1.5]],
        remove: [],
        size: 0,
        reachPx: 4,
      },
    ]);
    expect(edit().mask.shapes).toEqual([
      { kind: 'track', effect: 'remove', keyframes: [{ frame: 3, mask: row(1) }], tracked: [] },
    ]);
    expect(useView.getState().shape).toBe(0);
    undoStep();
    expect(edit().mask.shapes).toEqual([]);
  });

  it('goes on with further clicks, also after one was undone', async () => {
    await click(4, 1.5);
    answer = () => found(row(1, 2));
    await click(4, 2.5);
    expect(calls[1]).toMatchObject({
      add: [
        [4, 1.5],
        [4, 2.5],
      ],
      remove: [],
    });
    expect(maskTextAt(object(), 0)).toBe(row(1, 2));
    undoStep();
    expect(maskTextAt(object(), 0)).toBe(row(1));
    answer = () => found(row(0));
    await click(1, 1, true);
    expect(calls[2]).toMatchObject({ add: [[4, 1.5]], remove: [[1, 1]] });
    expect(maskTextAt(object(), 0)).toBe(row(0));
    expect(edit().mask.shapes).toHaveLength(1);
  });

  it('takes a box', async () => {
    await select({ place: [2, 2], box: { from: [0, 1], to: [4, 3] }, takes: false });
    expect(calls[0]).toMatchObject({ add: [], box: { from: [0, 1], to: [4, 3] } });
  });

  it('adds to a mask that was painted or followed, and takes from it', async () => {
    open([
      {
        kind: 'track',
        effect: 'remove',
        keyframes: [{ frame: 0, mask: row(0) }],
        tracked: [{ frame: 1, mask: row(0, 3), confidence: 0.9 }],
      },
    ]);
    useEditor.setState({ frame: 1 });
    useView.setState({ shape: 0 });
    await click(4, 1.5);
    expect(maskTextAt(object(), 1)).toBe(row(0, 1, 3));
    expect(object().keyframes.map(({ frame }) => frame)).toEqual([0, 1]);
    undoStep();
    answer = () => found(row(3));
    await click(4, 3.5, true);
    expect(calls.at(-1)).toMatchObject({ add: [[4, 3.5]], remove: [] });
    expect(
      [...decodeMask(maskTextAt(object(), 1) ?? '', width * height)].filter((value) => value !== 0),
    ).toHaveLength(8);
    expect(maskTextAt(object(), 1)).toBe(row(0));
  });

  it('makes another object where none is chosen', async () => {
    await click(4, 1.5);
    useView.setState({ shape: null });
    answer = () => found(row(3));
    await click(4, 3.5);
    expect(calls[1]).toMatchObject({ add: [[4, 3.5]] });
    expect(edit().mask.shapes).toHaveLength(2);
    expect(useView.getState().shape).toBe(1);
  });

  it('tries other sizes at the same clicks', async () => {
    answer = () => found(row(1), { larger: true });
    await click(4, 1.5);
    expect(otherSizes(edit(), 0)).toMatchObject({ smaller: false, larger: true });
    expect(otherSizes(edit(), 1)).toEqual({ smaller: false, larger: false });
    await selectOther(-1);
    expect(calls).toHaveLength(1);
    answer = () => found(row(1, 2), { smaller: true });
    await selectOther(1);
    expect(calls[1]).toMatchObject({ add: [[4, 1.5]], size: 1 });
    expect(maskTextAt(object(), 0)).toBe(row(1, 2));
  });

  it('says that nothing was found, that there is nothing to take from, and what failed; nothing changes', async () => {
    const before = edit();
    await click(4, 1.5, true);
    expect(useEditor.getState().notice?.text).toMatch(/nothing selected in this frame/);
    answer = () => found('');
    await click(4, 1.5);
    expect(useEditor.getState().notice?.text).toMatch(/Nothing was found/);
    answer = () => ({ ok: false, code: 'file-not-found', message: 'Gone.', hint: 'Look.' });
    await click(4, 1.5);
    expect(useEditor.getState().notice?.text).toMatch(/Gone/);
    expect(edit()).toBe(before);
  });

  it('makes the frame ready once its clip is open', () => {
    readyToSelect();
    expect(calls).toEqual([]);
    useEditor.setState({ opened: { c: {} as never }, frame: 2 });
    readyToSelect();
    expect(calls).toMatchObject([{ frame: 2, add: [], remove: [] }]);
  });
});
