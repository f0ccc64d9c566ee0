import { describe, expect, it } from 'vitest';
import { frameAtTime, nextRate } from './play-clock.ts';

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
  it('doubles, halves, stops and turns round', () => {
    expect([-8, -2, -1, 0, 1, 4, 8].map((rate) => nextRate(rate, 'faster'))).toEqual([-4, -1, 0, 1, 2, 8, 8]);
    expect([-8, -1, 0, 1, 2].map((rate) => nextRate(rate, 'slower'))).toEqual([-8, -2, -1, 0, 1]);
  });
});
