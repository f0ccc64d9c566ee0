import { beforeEach, describe, expect, it } from 'vitest';
import { createClient, type FollowEnd, type Reply } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, type Clip, type Edit } from '../../src-shared/project/index.ts';
import {
  poseAt,
  type FollowedPose,
  type MaskShape,
  type PosedShape,
} from '../../src-shared/project/mask/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from './backend.ts';
import { activeEdit, openProject, undoStep, useEditor } from './editor-store.ts';
import { trackAsChosen, whyNotFollow } from './following.ts';
import { shownMask, stopTracking, useTracking } from './tracking.ts';
import { useView } from './view-store.ts';

const [width, height, frames] = [64, 48, 20];
const box = (more: object = {}): MaskShape => ({
  kind: 'box',
  effect: 'remove',
  keyframes: [{ frame: 0, from: [8, 8], to: [28, 24] }],
  ...more,
});
const poses = (from: number, to: number): FollowedPose[] =>
  Array.from({ length: to - from }, (_, at) => ({
    frame: from + at,
    motion: [1, 0, from + at, 0, 1, 0, 0, 0, 1],
    confidence: 1,
  }));

let calls: [string, Record<string, unknown>][];
let answer: () => Promise<Reply<FollowEnd>>;
const listeners: ((name: string, value: unknown) => void)[] = [];
const client = createClient({
  async call(name, input) {
    calls.push([name, input as Record<string, unknown>]);
    return name === 'track.follow' ? answer() : { ok: true, value: null };
  },
  onEvent: (listener) => void listeners.push(listener),
});
const tell = (value: object): void => {
  const trackId = useTracking.getState().running?.trackId;
  for (const listener of listeners) listener('track.progress', { trackId, share: 0.5, frames: [], ...value });
};
const done = (found: FollowedPose[], more: Partial<FollowEnd> = {}): Reply<FollowEnd> => ({
  ok: true,
  value: { stopped: false, frames: found, remarks: [], ...more },
});

function open(shapes: readonly MaskShape[], range?: Edit['range']): void {
  const edit = newEdit('e', 'Edit');
  const clip: Clip = {
    id: 'c',
    path: '/a.mp4',
    name: 'a.mp4',
    width,
    height,
    frames,
    frameRate: '10/1',
    durationSec: 2,
    edits: [{ ...edit, mask: { ...edit.mask, shapes }, ...(range === undefined ? {} : { range }) }],
  };
  openProject({ ...newProject('p', 'P'), clips: [clip] });
  useView.setState({ shape: 0, followAs: 'position' });
}
const shape = (): PosedShape => (activeEdit(useEditor.getState()) as Edit).mask.shapes[0] as PosedShape;
const notice = (): string | undefined => useEditor.getState().notice?.text;

beforeEach(async () => {
  await startLanguage('en');
  useTracking.setState({ running: null });
  useBackend.setState({ client });
  calls = [];
  answer = async () => done(poses(1, frames));
});

describe('a chosen shape that follows a plane', () => {
  it('gets few keyframes in one step, which undo takes back', async () => {
    open([box()]);
    await trackAsChosen('both');
    expect(calls[0]).toEqual([
      'track.follow',
      expect.objectContaining({
        clipPath: '/a.mp4',
        range: { startFrame: 0, endFrame: frames },
        freedom: 'position',
        direction: 'both',
      }),
    ]);
    expect(shape().keyframes.map(({ frame }) => frame)).toEqual([0, 19]);
    expect(poseAt(shape(), 10)).toMatchObject({ from: [18, 8], to: [38, 24] });
    undoStep();
    expect(shape()).toEqual(box());
  });

  it('is tracked as an object where that is chosen', async () => {
    open([box()]);
    useView.setState({ followAs: null });
    await trackAsChosen('both');
    expect(calls[0][0]).toBe('track.start');
  });

  it('shows what is done while it goes on, and keeps it where it is stopped', async () => {
    open([box()]);
    let finish: (reply: Reply<FollowEnd>) => void = () => undefined;
    answer = () => new Promise((resolve) => (finish = resolve));
    const going = trackAsChosen('forward');
    tell({ poses: poses(1, 4) });
    const shown = shownMask(activeEdit(useEditor.getState()));
    expect(shown?.shapes[0].keyframes).toHaveLength(4);
    expect(shape()).toEqual(box());
    await stopTracking();
    finish(done(poses(1, 4), { stopped: true }));
    await going;
    expect(shape()).toMatchObject({ endFrame: 4 });
    expect(shape().keyframes.map(({ frame }) => frame)).toEqual([0, 3]);
  });

  it('keeps what was found before a failure', async () => {
    open([box()]);
    answer = async () => {
      tell({ poses: poses(1, 6) });
      return { ok: false, code: 'host-died', message: 'The inference process ended.', hint: 'Again.' };
    };
    await trackAsChosen('forward');
    expect(shape().keyframes.map(({ frame }) => frame)).toEqual([0, 5]);
    expect(notice()).toContain('The inference process ended.');
  });

  it.each([
    [{ kind: 'cut', from: 0, frame: 9 }, 'There is a cut at frame 9'],
    [{ kind: 'left', frame: 7, backward: false }, 'has left the picture from frame 7 on'],
    [{ kind: 'hidden', frame: 3, last: 5 }, 'hidden in frames 3 to 5'],
  ] as const)('says why it ended: %o', async (remark, said) => {
    open([box()]);
    answer = async () => done(poses(1, 7), { remarks: [remark] });
    await trackAsChosen('forward');
    expect(notice()).toContain(said);
  });

  it('does not take the place of a shape that was changed meanwhile', async () => {
    open([box()]);
    answer = async () => {
      const edit = activeEdit(useEditor.getState()) as Edit;
      open([{ ...edit.mask.shapes[0], name: 'mine' }]);
      return done(poses(1, 9));
    };
    await trackAsChosen('forward');
    expect(shape()).toMatchObject({ name: 'mine', keyframes: [{ frame: 0 }] });
    expect(notice()).toContain('was changed while it was tracked');
  });

  it.each([
    ['it is in another frame only', box({ startFrame: 5, endFrame: 6 }), undefined, 'not in this frame'],
    ['the playhead is outside the edit', box(), { startFrame: 4, endFrame: 9 }, 'Frame 4 to 8'],
    [
      'it lies outside the picture',
      box({ keyframes: [{ frame: 0, from: [90, 90], to: [99, 99] }] }),
      undefined,
      'not in this frame',
    ],
  ] as const)('is refused where %s', async (_name, drawn, range, said) => {
    open([drawn], range);
    await trackAsChosen('both');
    expect(calls.filter(([name]) => name === 'track.follow')).toEqual([]);
    expect(notice()).toContain(said);
  });

  it('needs more than one frame', () => {
    open([box()], { startFrame: 0, endFrame: 1 });
    const clip = useEditor.getState().history?.present.clips[0] as Clip;
    expect(whyNotFollow(clip, clip.edits[0], 0, 0)).toContain('one frame');
  });
});
