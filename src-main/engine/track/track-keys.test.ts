import { describe, expect, it } from 'vitest';
import { encodeMask } from '../../../src-shared/core/mask/index.ts';
import type { ClipInfo } from '../frames.ts';
import type { TrackJob } from './track-job.ts';
import { trackKeys } from './track-keys.ts';

const clip = { width: 4, height: 2 } as ClipInfo;
const range = { startFrame: 2, endFrame: 9 };
const mask = Uint8Array.of(0, 255, 255, 0, 0, 0, 0, 128);
const read = (keys: TrackJob['keys']) =>
  trackKeys({ kind: 'track', clipPath: '/a.mp4', direction: 'both', keys }, clip, range);

describe('the painted frames of a tracking', () => {
  it('are masks of the clip’s size; an empty one says that the object is not there', () => {
    const keys = [
      { frame: 2, mask: encodeMask(mask) },
      { frame: 8, mask: '' },
    ];
    expect(read(keys)).toEqual([
      { frame: 2, mask },
      { frame: 8, mask: null },
    ]);
  });

  it.each([
    ['a frame outside the range', [{ frame: 9, mask: 'KC' }], 'track-frame', /2 to 8/],
    ['a frame named twice', [2, 2].map((frame) => ({ frame, mask: 'KC' })), 'track-key', /Frame 2/],
    [
      'a mask of another size',
      [{ frame: 2, mask: encodeMask(new Uint8Array(20).fill(255)) }],
      'mask-size',
      /4×2/,
    ],
    ['nothing painted', [{ frame: 2, mask: '' }], 'track-mask-empty', /Nothing is painted/],
  ])('are refused: %s', (_name, keys, code, message) => {
    expect(() => read(keys)).toThrow(message);
    expect(() => read(keys)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
