import { describe, expect, it } from 'vitest';
import { seededNumbers } from '../testing/index.ts';
import { exemplarFill, type FillInput } from './index.ts';
import { finestLevel } from './fill-level.ts';
import { findLines } from './lines.ts';

const [width, height] = [120, 96];
const pixels = width * height;
const hole = Uint8Array.from({ length: pixels }, (_, pixel) =>
  Math.hypot((pixel % width) - 60, Math.floor(pixel / width) - 48) < 20 ? 255 : 0,
);
const usable = hole.map((value) => 255 - value);

/** Grass above and asphalt below, both with coarse and fine texture, and what `levels` puts before them. */
function scene(seed: number, levels: (x: number, y: number) => number | undefined): FillInput {
  const next = seededNumbers(seed);
  const noise = Float32Array.from({ length: pixels }, () => next() - 0.5);
  const picture = new Float32Array(3 * pixels).fill(128);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const x = pixel % width;
    const y = (pixel - x) / width;
    const coarse = noise[(y >> 2) * width + (x >> 2)];
    const before = levels(x, y);
    picture[pixel] =
      (before ?? (y < 44 ? 80 : 170)) + (before === undefined ? 24 * coarse : 0) + 12 * noise[pixel];
    if (before === undefined && y < 44) picture[pixels + pixel] = 110;
  }
  return { picture, hole, usable, width, height };
}

/** A pole, darker on its right, tilted. */
const poleAt = (x: number, y: number): number => (x - 60 - 0.2 * (y - 48)) / Math.hypot(1, 0.2);
const pole = (x: number, y: number): number | undefined => {
  const across = poleAt(x, y);
  return Math.abs(across) < 3.5 ? 125 - 4 * across : undefined;
};

describe('findLines', () => {
  it('finds both edges of a pole, where they enter the hole and leave it', () => {
    const found = findLines(finestLevel(scene(1, pole)));
    // The border of grass and asphalt is a line, too, and comes after what stands before it.
    const lines = found.filter(({ from, to }) => Math.abs(from[1] - to[1]) > 12);
    expect(found.slice(0, lines.length)).toEqual(lines);
    const across = lines.flatMap(({ from, to }) => [from, to]).map(([x, y]) => poleAt(x, y));
    for (const value of across) expect(Math.abs(Math.abs(value) - 3.5)).toBeLessThan(2);
    expect(across.some((value) => value > 0) && across.some((value) => value < 0)).toBe(true);
  });

  it('finds none in texture alone, and none where two poles end in the hole that are not one', () => {
    const plain = scene(2, () => undefined);
    const level = finestLevel(plain);
    for (const { from, to } of findLines(level)) {
      for (const [, y] of [from, to]) expect(Math.abs(y - 43.5)).toBeLessThan(3);
    }
    const apart = scene(3, (x, y) => (Math.abs(x - (y < 48 ? 50 : 70)) < 3 ? 125 : undefined));
    for (const { from, to } of findLines(finestLevel(apart))) {
      expect(Math.abs(from[1] - to[1])).toBeLessThan(12);
    }
  });
});

describe('exemplarFill', () => {
  it('leads a pole through the hole, whatever stands behind it on either side', () => {
    const input = scene(4, pole);
    const filled = exemplarFill(input, 1);
    if (filled === null) throw new Error('nothing may be copied');
    const isPole = (pixel: number): boolean => pole(pixel % width, Math.floor(pixel / width)) !== undefined;
    let [through, ofPole, stray, besides] = [0, 0, 0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (hole[pixel] === 0) continue;
      const copied = isPole(filled.copiedFrom[pixel]);
      if (isPole(pixel)) {
        ofPole++;
        if (copied) through++;
      } else {
        besides++;
        if (copied) stray++;
      }
    }
    expect(through / ofPole).toBeGreaterThan(0.9);
    expect(stray / besides).toBeLessThan(0.04);
  });
});
