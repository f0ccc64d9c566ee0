import { describe, expect, it } from 'vitest';
import { frameAtTime, loopedTo, nextRate } from './play-clock.ts';

describe('frameAtTime', () => {
  it('shows the last frame whose time has come, at any rate', () => {
    const pts = [0, 0.1, 0.15, 0.5, 0.9];
    const shown = [-1, 0, 0.099, 0.1, 0.149, 0.15, 0.499, 0.5, 0.9, 7];
    expect(shown.map((time) => frameAtTime(pts, time))).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 4, 4]);
  });

  it('is not late by a rounding error', () => {
    const pts = Array.from({ length: 300 }, (_, frame) => frame / 30);
    let sum = 0;
    for (let frame = 0; frame < 300; frame++, sum += 1 / 30) expect(frameAtTime(pts, sum)).toBe(frame);
  });
});

describe('nextRate', () => {
  it('starts, doubles, and turns round at once', () => {
    expect([-8, -1, 0, 1, 2, 8].map((rate) => nextRate(rate, 1))).toEqual([1, 1, 1, 2, 4, 8]);
    expect([-8, -2, -1, 0, 1, 8].map((rate) => nextRate(rate, -1))).toEqual([-8, -4, -2, -1, -1, -1]);
  });
});

describe('loopedTo', () => {
  const clip = { ptsSec: [0, 0.1, 0.2, 0.3, 0.4], durationSec: 0.5 };
  it('goes on at the other end of the range, in both directions', () => {
    const range = { startFrame: 1, endFrame: 3 };
    const at = (timeSec: number, rate: number): number | undefined => loopedTo(clip, range, timeSec, rate);
    expect([0.1, 0.29, 0.3, 0.45].map((timeSec) => at(timeSec, 1))).toEqual([undefined, undefined, 1, 1]);
    expect([0.2, 0.1, 0.09].map((timeSec) => at(timeSec, -2))).toEqual([undefined, undefined, 2]);
  });

  it('takes all of the clip where there is no range', () => {
    expect(loopedTo(clip, undefined, 0.49, 1)).toBeUndefined();
    expect(loopedTo(clip, undefined, 0.5, 1)).toBe(0);
    expect(loopedTo(clip, undefined, -0.01, -1)).toBe(4);
  });
});
