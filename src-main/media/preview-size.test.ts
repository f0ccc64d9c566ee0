import { describe, expect, it } from 'vitest';
import { previewSize } from './preview-size.ts';

describe('the size of a preview', () => {
  it.each([
    [1920, 1080, '1:1', 540, [960, 540]],
    [1920, 1080, '1:1', 2160, [1920, 1080]],
    [1080, 1920, '1:1', 540, [304, 540]],
    [853, 481, '1:1', 1000, [852, 480]],
    [1920, 1080, '1:1', 271, [482, 270]],
    // PAL 16:9: wide pixels, so that rows are lost.
    [720, 576, '64:45', 576, [720, 406]],
    [720, 576, '64:45', 288, [512, 288]],
    // Narrow pixels: columns are lost.
    [1440, 1080, '3:4', 1080, [1080, 1080]],
    [576, 720, '45:64', 720, [406, 720]],
    [1, 1, '1:1', 100, [2, 2]],
    [4000, 2, '1:1', 540, [4000, 2]],
  ])('of %i×%i with pixels of %s in %i rows is %j', (width, height, sampleAspectRatio, maxHeight, size) => {
    expect(Object.values(previewSize({ width, height, sampleAspectRatio }, maxHeight))).toEqual(size);
  });

  it('has at least two rows', () => {
    const clip = { width: 16, height: 16, sampleAspectRatio: '1:1' };
    expect(() => previewSize(clip, 1)).toThrow(RangeError);
    expect(() => previewSize(clip, NaN)).toThrow(RangeError);
  });
});
