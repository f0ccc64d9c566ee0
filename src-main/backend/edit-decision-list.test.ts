import { describe, expect, it } from 'vitest';
import type { ClipInfo } from '../engine/frames.ts';
import { listPathOf, patchList } from './edit-decision-list.ts';

const patch = (frames: number, frameRate: string, start?: string): ClipInfo =>
  ({
    path: '/clips/street.mov',
    frameRate,
    ptsSec: new Float64Array(frames),
    ...(start === undefined ? {} : { timecode: { start, frameRate } }),
  }) as ClipInfo;

/** Of the one event: source in and out, record in and out. */
const times = (list: string): string[] => {
  const event = list.split('\n').find((line) => line.startsWith('001'));
  // Columns of CMX 3600: number, reel, track, kind of cut, four times.
  return /^001 {2}AX {7}V {5}C {8}(\S+) (\S+) (\S+) (\S+)$/.exec(event ?? '')?.slice(1) ?? [];
};

describe('the edit decision list of a patch', () => {
  it('records it at the clip’s own timecode', () => {
    const list = patchList(patch(50, '25/1', '10:00:59:20'), 7, '/out/street patch.mov');
    expect(list.split('\n').slice(0, 2)).toEqual(['TITLE: street patch.mov', 'FCM: NON-DROP FRAME']);
    expect(times(list)).toEqual(['10:00:59:20', '10:01:01:20', '10:00:59:20', '10:01:01:20']);
    expect(list).toContain('* FROM CLIP NAME: street patch.mov\n');
    expect(list).toContain('street.mov\n');
  });

  it('counts from the clip’s first frame where the clip has none', () => {
    expect(times(patchList(patch(24, '24/1'), 48, '/out/a.mov'))).toEqual([
      '00:00:00:00',
      '00:00:01:00',
      '00:00:02:00',
      '00:00:03:00',
    ]);
  });

  it('leaves numbers out where the timecode drops them', () => {
    const list = patchList(patch(3, '30000/1001', '01:00:59;28'), 0, '/out/a.mov');
    expect(list).toContain('FCM: DROP FRAME\n');
    expect(times(list).slice(2)).toEqual(['01:00:59;28', '01:01:00;03']);
  });

  it('is one line a name, whatever the file is called', () => {
    const list = patchList(patch(1, '25/1'), 0, '/out/two\nlines.mov');
    expect(list.split('\n')).toHaveLength(7);
  });

  it('lies beside the patch', () => {
    expect(['/out/a.b.mov', '/out/folder'].map(listPathOf)).toEqual(['/out/a.b.edl', '/out/folder.edl']);
  });
});
