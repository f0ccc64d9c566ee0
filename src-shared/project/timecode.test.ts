import { describe, expect, it } from 'vitest';
import { framesPerSecond, timecode, timecodeAfter } from './timecode.ts';

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

describe('timecodeAfter', () => {
  it.each([
    ['01:00:00:00', 12, '25', '01:00:00:12'],
    ['01:00:00:00', 48, '24000/1001', '01:00:02:00'],
    ['10:59:59:23', 1, '24', '11:00:00:00'],
    ['00:00:59:29', 1, '30000/1001', '00:01:00:00'],
    ['00:00:59;29', 1, '30000/1001', '00:01:00;02'],
    ['00:01:00;02', -1, '30000/1001', '00:00:59;29'],
    ['00:09:59;29', 1, '30000/1001', '00:10:00;00'],
    ['00:10:00;00', 1800, '30000/1001', '00:11:00;02'],
    ['00:00:59;59', 1, '60000/1001', '00:01:00;04'],
    ['00:00:59:49', 1, '50', '00:01:00:00'],
    ['00:00:59:59', 1, '60/1', '00:01:00:00'],
    // An hour of drop-frame is 3600 · 29.97 frames.
    ['01:00:00;00', 107_892, '30000/1001', '02:00:00;00'],
    ['01:00:00;00', 215_784, '60000/1001', '02:00:00;00'],
    // After midnight, and a mark that means the same as a semicolon.
    ['23:59:59;29', 1, '30000/1001', '00:00:00;00'],
    ['23:59:59:24', 26, '25', '00:00:01:00'],
    ['09:59:58.02', 0, '30', '09:59:58;02'],
    // There is no drop-frame at 25.
    ['00:00:59;24', 1, '25', '00:01:00:00'],
  ])('%s and %d frames at %s: %s', (start, frames, rate, expected) => {
    expect(timecodeAfter(start, frames, rate)).toBe(expected);
  });

  it('counts as a clock that skips numbers does, frame by frame through two hours', () => {
    let [hours, minutes, seconds, frame] = [0, 0, 0, 0];
    const two = (value: number): string => String(value).padStart(2, '0');
    for (let frames = 0; frames < 215_784; frames++) {
      const expected = `${two(hours)}:${two(minutes)}:${two(seconds)};${two(frame)}`;
      const found = timecodeAfter('00:00:00;00', frames, '30000/1001');
      if (found !== expected) expect(`${frames}: ${found}`).toBe(`${frames}: ${expected}`);
      if (++frame < 30) continue;
      [frame, seconds] = [0, seconds + 1];
      if (seconds < 60) continue;
      [seconds, minutes] = [0, minutes + 1];
      if (minutes === 60) [minutes, hours] = [0, hours + 1];
      if (minutes % 10 !== 0) frame = 2;
    }
    expect([hours, minutes, seconds, frame]).toEqual([2, 0, 0, 0]);
  });

  it.each(['', 'noon', '24:00:00:00', '01:00:00:25', '01:60:00:00'])(
    'knows that "%s" is none at 25',
    (text) => {
      expect(timecodeAfter(text, 0, '25')).toBeUndefined();
    },
  );
});
