import { describe, expect, it } from 'vitest';
import { suggestedName, uniqueNames } from './export-names.ts';

describe('suggestedName', () => {
  it.each([
    ['street.mov', 'clean', '.mp4', 'street-clean.mp4'],
    ['a.b.mov', 'matte', '', 'a.b-matte'],
    ['11:30 / take*2.mxf', 'clean', '.mov', '11-30 - take-2-clean.mov'],
  ])('of %s, %s, "%s"', (clip, kind, ending, expected) => {
    expect(suggestedName(clip, kind, ending)).toBe(expected);
  });
});

describe('uniqueNames', () => {
  it('numbers what would be the same file', () => {
    expect(uniqueNames(['a', 'b', 'A', 'a', 'a-2'])).toEqual(['a', 'b', 'A-2', 'a-3', 'a-2-2']);
  });
});
