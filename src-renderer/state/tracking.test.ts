import { beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeMask } from '../../src-shared/core/mask/index.ts';
import { createClient, type Reply, type TrackEnd } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, type Clip, type Edit } from '../../src-shared/project/index.ts';
import type { MaskShape, TrackShape } from '../../src-shared/project/mask/index.ts';
import { de } from '../i18n/de.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from './backend.ts';
import { activeEdit, openProject, undoStep, useEditor } from './editor-store.ts';
import {
  correct,
  goToWeakFrame,
  shownMask,
  stopTracking,
  toggleAbsent,
  track,
  useTracking,
  weakFrames,
  whyNotTrack,
} from './tracking.ts';
import { useView } from './view-store.ts';

const [width, height, frames] = [8, 4, 20];
const row = (y: number): string =>
  encodeMask(new Uint8Array(width * height).fill(255, y * width, (y + 1) * width));
const box = (frame: number): MaskShape => ({
  kind: 'box',
  effect: 'remove',
  keyframes: [{ frame, from: [0, 0], to: [width, 1] }],
});
const followed = (from: number, to: number, confidence = 0.9) =>
  Array.from({ length: to - from }, (_, index) => ({ frame: from + index, mask: row(1), confidence }));

let calls: [string, Record<string, unknown>][];
let answer: (input: Record<string, unknown>) => Promise<Reply<TrackEnd>>;
let tell: (value: object) => void;
/** The program's listener lives as long as the page: one for all tests. */
const listeners: ((name: string, value: unknown) => void)[] = [];
const client = createClient({
  async call(name, input) {
    calls.push([name, input as Record<string, unknown>]);
    return name === 'track.start' ? answer(input as Record<string, unknown>) : { ok: true, value: null };
  },
  onEvent: (listener) => void listeners.push(listener),
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
}

const edit = (): Edit => activeEdit(useEditor.getState()) as Edit;
const [object, notice] = [
  (): TrackShape => edit().mask.shapes.find(({ kind }) => kind === 'track') as TrackShape,
  (): string | undefined => useEditor.getState().notice?.text,
];

beforeEach(async () => {
  await startLanguage('en');
  useTracking.setState({ running: null });
  useBackend.setState({ client });
  calls = [];
  answer = async () => ({ ok: true, value: { stopped: false, frames: followed(1, frames), remarks: [] } });
  tell = (value) => {
    const trackId = useTracking.getState().running?.trackId;
    for (const listener of listeners) listener('track.progress', { trackId, share: 0.5, ...value });
  };
});

describe('Track', () => {
  it('puts an object that is followed in the place of what was painted, as one step', async () => {
    open([box(0)]);
    await track('both');
    expect(calls[0][1]).toMatchObject({
      clipPath: '/a.mp4',
      range: { startFrame: 0, endFrame: frames },
      keys: [{ frame: 0, mask: row(0) }],
      only: [{ startFrame: 1, endFrame: frames }],
    });
    expect(edit().mask.shapes).toEqual([object()]);
    expect(object().tracked).toHaveLength(frames - 1);
    // It is what painting corrects now.
    expect(useView.getState().shape).toBe(0);
    undoStep();
    expect(edit().mask.shapes).toEqual([box(0)]);
  });

  it('shows the masks while they come, and keeps them when it is stopped', async () => {
    open([box(0)]);
    let stop = (): void => undefined;
    answer = () =>
      new Promise((resolve) => {
        stop = () => resolve({ ok: true, value: { stopped: true, frames: followed(1, 4), remarks: [] } });
      });
    const tracking = track('forward');
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    tell({ frames: followed(1, 3) });
    expect(useTracking.getState().running?.share).toBe(0.5);
    expect(shownMask(edit())?.shapes).toMatchObject([{ kind: 'track', tracked: followed(1, 3) }]);
    expect(edit().mask.shapes).toEqual([box(0)]);
    // One at a time, and what is being followed is not corrected meanwhile.
    await track('both');
    expect(notice()).toMatch(/Tracking is running/);
    toggleAbsent();
    expect(edit().mask.shapes).toEqual([box(0)]);
    await stopTracking();
    expect(calls.at(-1)?.[0]).toBe('track.stop');
    stop();
    await tracking;
    expect(object().tracked).toEqual(followed(1, 4));
    // The rest is still to be done.
    answer = async () => ({ ok: true, value: { stopped: false, frames: [], remarks: [] } });
    await track('both');
    expect(calls.at(-1)?.[1]).toMatchObject({ only: [{ startFrame: 1, endFrame: frames }] });
  });

  it('leaves what was painted as it is when it is stopped before a frame was done', async () => {
    open([box(0)]);
    answer = async () => ({ ok: true, value: { stopped: true, frames: [], remarks: [] } });
    await track('both');
    expect(edit().mask.shapes).toEqual([box(0)]);
  });

  it('keeps what was found before a failure, which it shows', async () => {
    open([box(0)]);
    answer = async () => {
      tell({ frames: followed(1, 3) });
      return { ok: false, code: 'host-died', message: 'It ended.', hint: 'Again.' };
    };
    await track('both');
    expect(object().tracked).toEqual(followed(1, 3));
    expect(notice()).toBe('It ended.');
  });

  it('drops what it found where the mask was changed meanwhile, and says so', async () => {
    open([box(0)]);
    answer = async () => {
      open([box(3)]);
      return { ok: true, value: { stopped: false, frames: followed(1, frames), remarks: [] } };
    };
    await track('both');
    expect(edit().mask.shapes).toEqual([box(3)]);
    expect(notice()).toMatch(/changed while it was tracked/);
  });

  it('is stopped where its project is closed, and says nothing more', async () => {
    open([box(0)]);
    answer = async () => {
      openProject(newProject('q', 'Q'));
      tell({ frames: followed(1, 3) });
      return { ok: true, value: { stopped: true, frames: followed(1, 3), remarks: [] } };
    };
    await track('both');
    expect(calls.map(([name]) => name)).toEqual(['track.start', 'track.stop']);
    expect(notice()).toBeUndefined();
    expect(useTracking.getState().running).toBeNull();
  });

  it('says where a cut stopped it, and where the object was lost', async () => {
    open([box(0)]);
    const remarks = [{ kind: 'cut', from: 0, frame: 7 }] as const;
    answer = async () => ({ ok: true, value: { stopped: false, frames: followed(1, 7), remarks } });
    await track('both');
    expect(notice()).toMatch(/a cut at frame 7/);
    // Behind the cut nothing is masked, and each frame there wants a look.
    expect(weakFrames(edit().mask)).toEqual([7]);
    await track('both');
    expect(notice()).toMatch(/All frames follow/);
    expect(calls).toHaveLength(1);
  });

  it('tracks the stretches beside a correction again, and no others', async () => {
    open([box(0)]);
    await track('both');
    const before = object();
    correct('Brush', before, 10, row(3));
    expect(useView.getState().shape).toBe(0);
    answer = async () => ({
      ok: true,
      value: { stopped: false, frames: [...followed(1, 10, 0.7), ...followed(11, frames, 0.7)], remarks: [] },
    });
    await track('both');
    expect(calls.at(-1)?.[1]).toMatchObject({
      keys: [
        { frame: 0, mask: row(0) },
        { frame: 10, mask: row(3) },
      ],
      only: [
        { startFrame: 1, endFrame: 10 },
        { startFrame: 11, endFrame: frames },
      ],
    });
    expect(object().keyframes).toEqual([
      { frame: 0, mask: row(0) },
      { frame: 10, mask: row(3) },
    ]);
  });

  it('makes a second object of what is painted beside a tracked one', async () => {
    open([box(0)]);
    await track('both');
    const first = object();
    open([first, box(4)]);
    useView.setState({ shape: 1 });
    await track('both');
    expect(edit().mask.shapes[0]).toEqual(first);
    expect(edit().mask.shapes[1]).toMatchObject({ kind: 'track', keyframes: [{ frame: 4 }] });
  });
});

describe('what keeps from tracking', () => {
  const why = (): string | null => {
    const [clip] = useEditor.getState().history?.present.clips ?? [];
    return whyNotTrack(clip, edit(), null);
  };
  const eraser: MaskShape = { ...box(0), effect: 'keep' };
  const absent: TrackShape = {
    kind: 'track',
    effect: 'remove',
    keyframes: [{ frame: 0, mask: '' }],
    tracked: [],
  };

  it.each([
    ['nothing painted', [], undefined, /Nothing is painted yet/, /Noch ist nichts gemalt/],
    [
      'a painted frame outside the edit',
      [box(3)],
      { startFrame: 5, endFrame: 9 },
      /Frame 3.*frames 5 to 8/,
      /Bild 3.*Bilder 5 bis 8/,
    ],
    ['an edit of one frame', [box(5)], { startFrame: 5, endFrame: 6 }, /has one frame/, /nur ein Bild/],
    ['an object that is nowhere', [absent], undefined, /not in the picture/, /nicht zu sehen/],
  ])('is said: %s', async (_name, shapes, range, english, german) => {
    open(shapes, range);
    expect(why()).toMatch(english);
    await track('both');
    expect(notice()).toMatch(english);
    expect(calls).toEqual([]);
    await startLanguage('de');
    expect(why()).toMatch(german);
  });

  it('is said once Track is pressed where all was erased again', async () => {
    for (const [language, words] of [
      ['en', /erased again/],
      ['de', /wieder wegradiert/],
    ] as const) {
      await startLanguage(language);
      open([box(0), eraser]);
      await track('both');
      expect(notice()).toMatch(words);
    }
    expect(edit().mask.shapes).toEqual([box(0), eraser]);
    expect(calls).toEqual([]);
  });

  it('is nothing for two frames', async () => {
    open([box(6)], { startFrame: 5, endFrame: 7 });
    expect(why()).toBeNull();
    answer = async () => ({ ok: true, value: { stopped: false, frames: followed(5, 6), remarks: [] } });
    await track('both');
    expect(calls[0][1]).toMatchObject({ only: [{ startFrame: 5, endFrame: 6 }] });
    expect(object().tracked).toEqual(followed(5, 6));
  });

  it('is said of a direction in which there is nothing', async () => {
    open([box(0)]);
    useEditor.setState({ frame: 0 });
    await track('backward');
    expect(notice()).toMatch(/nothing to track in this direction/);
  });

  it('has German words for all it says', () => {
    for (const key of Object.keys(de).filter((name) => name.startsWith('track.')))
      expect(de[key as keyof typeof de], key).not.toBe('');
  });
});

describe('a frame without the object', () => {
  it('is marked, and the mark taken back', async () => {
    open([box(0)]);
    useEditor.setState({ frame: 5 });
    toggleAbsent();
    expect(object().keyframes.map(({ frame, mask }) => [frame, mask])).toEqual([
      [0, row(0)],
      [5, ''],
    ]);
    await track('both');
    // Behind it there is nothing that could be followed.
    expect(calls[0][1]).toMatchObject({ only: [{ startFrame: 1, endFrame: 5 }] });
    useEditor.setState({ frame: 5 });
    toggleAbsent();
    expect(object().keyframes.map(({ frame }) => frame)).toEqual([0]);
  });
});

describe('weak frames', () => {
  it('are gone to one stretch after the other, to the weakest of each, and round again', async () => {
    open([box(0)]);
    const found = followed(1, frames).map((one) => ({
      ...one,
      confidence: { 3: 0.4, 4: 0.2, 12: 0.3 }[one.frame] ?? 0.9,
    }));
    answer = async () => ({ ok: true, value: { stopped: false, frames: found, remarks: [] } });
    await track('both');
    const visited: number[] = [];
    for (const direction of [1, 1, 1, -1] as const) {
      goToWeakFrame(direction);
      visited.push(useEditor.getState().frame);
    }
    expect(visited).toEqual([4, 12, 4, 12]);
  });
});
