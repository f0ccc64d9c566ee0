import { describe, expect, it } from 'vitest';
import { framesPerSecond, timecode } from './timecode.ts';

describe('timecode', () => {
  it('counts frames in seconds, minutes and hours', () => {
    expect(timecode(0, '25')).toBe('00:00:00:00');
    expect(timecode(87, '25/1')).toBe('00:00:03:12');
    expect(timecode(25 * 3600 - 1, '25')).toBe('00:59:59:24');
    expect(timecode(25 * 3600, '25')).toBe('01:00:00:00');
  });

  it('drops nothing at 29.97: an hour by the clock is 3.6 s less by the timecode', () => {
    expect(timecode(Math.round((3600 * 30_000) / 1001), '30000/1001')).toBe('00:59:56:12');
  });

  it('writes three digits where a second has more than a hundred frames', () => {
    expect(timecode(119, '120')).toBe('00:00:00:119');
    expect(timecode(121, '120')).toBe('00:00:01:001');
  });

  it('reads fractions', () => {
    expect(framesPerSecond('24000/1001')).toBeCloseTo(23.976, 3);
    expect(framesPerSecond('50')).toBe(50);
  });
});
