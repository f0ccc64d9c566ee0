import { describe, expect, it } from 'vitest';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import { newEdit, type Clip, type Edit } from '../../src-shared/project/index.ts';
import { shownResults } from './shown-results.ts';

const made = (
  id: string,
  more: Partial<Edit> = {},
  range?: { startFrame: number; endFrame: number },
): Edit => ({
  ...newEdit(id, id),
  result: {
    path: `/${id}.mp4`,
    jobId: `job-${id}`,
    ...(range === undefined ? {} : { range }),
    fingerprint: '',
    seconds: 1,
    estimateSeconds: 1,
  },
  ...more,
});
const clipOf = (...edits: Edit[]): Clip => ({
  id: 'c',
  path: '/c.mp4',
  name: 'c',
  width: 4,
  height: 4,
  frames: 20,
  frameRate: '25/1',
  durationSec: 0.8,
  edits,
});
const opened = (frames: Readonly<Record<string, number>>): Record<string, OpenedClip> =>
  Object.fromEntries(
    Object.entries(frames).map(([id, count]) => [`/${id}.mp4`, { mediaId: id, frames: count } as OpenedClip]),
  );

describe('shownResults', () => {
  it('are those of the edits that are on, in their order, at the frame of each', () => {
    const clip = clipOf(
      made('a'),
      made('b', { enabled: false }),
      made('c', {}, { startFrame: 5, endFrame: 9 }),
      newEdit('d', 'd'),
    );
    const files = opened({ a: 20, b: 20, c: 4 });
    const at = (frame: number) =>
      shownResults(clip, 'd', frame, files).map(({ edit, frame: own }) => `${edit.id} ${own}`);
    expect(at(4)).toEqual(['a 4']);
    expect(at(5)).toEqual(['a 5', 'c 0']);
    expect(at(8)).toEqual(['a 8', 'c 3']);
    expect(at(9)).toEqual(['a 9']);
  });

  it('are the active edit’s where no other is on, and none of files that are gone', () => {
    const clip = clipOf(made('a', { enabled: false }), made('b', { enabled: false }));
    expect(shownResults(clip, 'b', 3, opened({ a: 20, b: 20 })).map(({ edit }) => edit.id)).toEqual(['b']);
    expect(shownResults(clip, 'b', 3, opened({ a: 20 }))).toEqual([]);
    expect(shownResults(clip, null, 3, opened({ a: 20, b: 20 }))).toEqual([]);
  });
});
