import { describe, expect, it } from 'vitest';
import { seededNumbers } from '../../src-shared/core/testing/index.ts';
import { placeLabels, type Box } from './place-labels.ts';

const area = { left: 0, top: 0, width: 600, height: 400 };
const wish = (x: number, y: number) => ({ x, y, width: 40, height: 14 });
/** The boxes of labels that must all have a place. */
const boxesOf = (...input: Parameters<typeof placeLabels>): Box[] =>
  placeLabels(...input).map((box) => {
    if (box === null) throw new Error('a label has no place');
    return box;
  });
const meet = (a: Box, b: Box) =>
  a.left < b.left + b.width &&
  b.left < a.left + a.width &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;

describe('placeLabels', () => {
  it('puts a lone label to the upper right of its point', () => {
    const [box] = boxesOf([wish(100, 100)], [], area, 10);
    expect(box.left).toBeGreaterThan(100);
    expect(box.top + box.height).toBeLessThan(100);
  });

  it('stays inside the area at its corners', () => {
    for (const [x, y] of [
      [2, 2],
      [598, 2],
      [2, 398],
      [598, 398],
    ]) {
      const [box] = boxesOf([wish(x, y)], [], area, 10);
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(600);
      expect(box.top + box.height).toBeLessThanOrEqual(400);
    }
  });

  it('moves off a line', () => {
    const rising = [100, 100, 200, 0] as const;
    const [box] = boxesOf([wish(100, 100)], [rising], area, 10);
    // The line leaves to the upper right, where the label would be: below the line x + y = 200 or left of it.
    expect(box.left + box.width + box.top + box.height < 200 || box.left + box.top > 200).toBe(true);
  });

  it('keeps labels apart from each other and from markers in a crowd', () => {
    const seed = 11;
    const next = seededNumbers(seed);
    const wishes = Array.from({ length: 16 }, () => wish(150 + 300 * next(), 100 + 200 * next()));
    const boxes = boxesOf(wishes, [], area, 10);
    const clashes = boxes.flatMap((box, index) => boxes.slice(index + 1).filter((other) => meet(box, other)));
    expect(clashes, `seed ${seed}`).toEqual([]);
    // All at their first choice they do clash: the placing does something.
    const naive = wishes.map(({ x, y }) => ({ left: x + 6, top: y - 20, width: 40, height: 14 }));
    expect(naive.some((box, index) => naive.slice(index + 1).some((other) => meet(box, other)))).toBe(true);
  });

  it('leaves out what has no good place, the last first', () => {
    const places = placeLabels(
      Array.from({ length: 60 }, () => wish(300, 200)),
      [],
      area,
      10,
    );
    const boxes = places.filter((box) => box !== null);
    expect(places[0]).not.toBeNull();
    expect(places[59]).toBeNull();
    expect(boxes.flatMap((box, index) => boxes.slice(index + 1).filter((other) => meet(box, other)))).toEqual(
      [],
    );
  });
});
