import { describe, expect, it } from 'vitest';
import { newEdit } from './new-project.ts';
import type { Clip, Edit } from './project.ts';
import { exportGaps, frameList } from './export-gaps.ts';

const clip: Clip = {
  id: 'c',
  path: '/c.mp4',
  name: 'c.mp4',
  width: 64,
  height: 36,
  frames: 100,
  frameRate: '25',
  durationSec: 4,
  edits: [],
};
const painted: Edit['mask'] = { shapes: [], grow: 0, invert: true };
const result = { path: '/r.mp4', jobId: 'j', fingerprint: 'first', seconds: 1, estimateSeconds: 1 };
const all = { startFrame: 0, endFrame: 100 };
const edit = (change: Partial<Edit>): Edit => ({ ...newEdit('e', 'E'), mask: painted, ...change });
const gaps = (one: Edit, exported = all, fingerprint?: string): unknown => {
  const hasChanged = ({ result: held }: Edit): boolean =>
    fingerprint !== undefined && held?.fingerprint !== fingerprint;
  return exportGaps(clip, [one], exported, hasChanged).map(({ kind, spans }) => [kind, frameList(spans)]);
};

describe('exportGaps', () => {
  it('finds nothing where each painted frame has a result of the edit as it is', () => {
    expect(gaps(edit({ result }), all, 'first')).toEqual([]);
    const part = { startFrame: 10, endFrame: 20 };
    expect(gaps(edit({ range: part, result: { ...result, range: part } }), all, 'first')).toEqual([]);
    expect(gaps(edit({ mask: { ...painted, invert: false } }))).toEqual([]);
  });

  it('names the frames of an edit that was not run, as far as they are exported', () => {
    expect(gaps(edit({}))).toEqual([['notRun', '0–99']]);
    expect(gaps(edit({ range: { startFrame: 10, endFrame: 20 } }))).toEqual([['notRun', '10–19']]);
    expect(gaps(edit({}), { startFrame: 98, endFrame: 99 })).toEqual([['notRun', '98']]);
  });

  it('names what a range was widened or moved to after the run', () => {
    const held = { ...result, range: { startFrame: 0, endFrame: 25 } };
    const moved = edit({ range: { startFrame: 50, endFrame: 81 }, result: held });
    expect(gaps(moved, { startFrame: 50, endFrame: 81 }, 'second')).toEqual([['notRun', '50–80']]);
    const around = edit({ result: { ...result, range: { startFrame: 10, endFrame: 20 } } });
    expect(gaps(around, all, 'first')).toEqual([['notRun', '0–9, 20–99']]);
  });

  it('names what was made before the edit was changed', () => {
    expect(gaps(edit({ result }), all, 'second')).toEqual([['changed', '0–99']]);
    const spans = [{ kind: 'box', effect: 'remove', startFrame: 5, endFrame: 9 } as never];
    expect(gaps(edit({ result, mask: { shapes: spans, grow: 0, invert: false } }), all, 'second')).toEqual([
      ['changed', '5–8'],
    ]);
  });
});
