import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HetcutError } from '../errors/index.ts';
import { partitionTokens, type PartitionOptions, type TokenPartition } from './index.ts';

const edge = 16;

/** A mask of 1 + 4k frames of `rows` × `cols` tokens with the pixels [frame, y, x] masked. */
function masked(frames: number, rows: number, cols: number, ...pixels: [number, number, number][]) {
  const shape = { frames, height: rows * edge, width: cols * edge };
  const mask = new Float32Array(frames * shape.height * shape.width);
  for (const [frame, y, x] of pixels) mask[(frame * shape.height + y) * shape.width + x] = 0.01;
  return { mask, shape };
}

/** Each latent frame as rows of text: G generative, m margin, · context. */
function drawing({ grid, count, generative, margin, context }: TokenPartition): string[][] {
  const signs = Array<string>(count).fill('?');
  for (const token of generative) signs[token] = 'G';
  for (const token of margin) signs[token] = 'm';
  for (const token of context) signs[token] = '·';
  const line = (first: number) => signs.slice(first, first + grid.cols).join('');
  return Array.from({ length: grid.frames }, (_, frame) =>
    Array.from({ length: grid.rows }, (_, row) => line((frame * grid.rows + row) * grid.cols)),
  );
}

/** The definition itself: every pixel of every token, every pair of tokens. */
function slowly(
  mask: Float32Array,
  shape: { frames: number; height: number; width: number },
  { space, time }: { space: number; time: number },
): string {
  const [rows, cols] = [shape.height / edge, shape.width / edge];
  const frames = 1 + (shape.frames - 1) / 4;
  const positions = Array.from({ length: frames * rows * cols }, (_, token) => ({
    t: Math.floor(token / (rows * cols)),
    row: Math.floor(token / cols) % rows,
    col: token % cols,
  }));
  const generative = positions.filter(({ t, row, col }) =>
    mask.some((value, pixel) => {
      const x = pixel % shape.width;
      const y = Math.floor(pixel / shape.width) % shape.height;
      const frame = Math.floor(pixel / (shape.width * shape.height));
      const inTime = t === 0 ? frame === 0 : frame >= 4 * t - 3 && frame <= 4 * t;
      return value > 0 && inTime && Math.floor(x / edge) === col && Math.floor(y / edge) === row;
    }),
  );
  return positions
    .map((token) => {
      if (generative.includes(token)) return 'G';
      const near = generative.some(
        (other) =>
          Math.abs(other.row - token.row) <= space &&
          Math.abs(other.col - token.col) <= space &&
          Math.abs(other.t - token.t) <= time,
      );
      return near ? 'm' : '·';
    })
    .join('');
}

describe('partitionTokens', () => {
  it('draws a box around a hole', () => {
    // Frame 5 is the first of latent frame 2; y 17 and x 63 are in row 1, column 3.
    const { mask, shape } = masked(9, 4, 5, [5, 17, 63]);
    expect(drawing(partitionTokens(mask, shape, { marginTokens: { space: 1, time: 1 } }))).toEqual([
      ['·····', '·····', '·····', '·····'],
      ['··mmm', '··mmm', '··mmm', '·····'],
      ['··mmm', '··mGm', '··mmm', '·····'],
    ]);
  });

  it('reaches 2 tokens in space and 1 in time unless told otherwise', () => {
    const { mask, shape } = masked(9, 4, 5, [8, 0, 0]);
    expect(drawing(partitionTokens(mask, shape))).toEqual([
      ['·····', '·····', '·····', '·····'],
      ['mmm··', 'mmm··', 'mmm··', '·····'],
      ['Gmm··', 'mmm··', 'mmm··', '·····'],
    ]);
  });

  it.each([
    [0, 0],
    [1, 1],
    [4, 1],
    [5, 2],
    [8, 2],
  ])('puts a one-pixel hole of frame %i into one token of latent frame %i', (frame, latentFrame) => {
    const { mask, shape } = masked(9, 2, 3, [frame, 31, 32]);
    const { generative } = partitionTokens(mask, shape);
    expect([...generative]).toEqual([latentFrame * 6 + 5]);
  });

  it('keeps reference pictures as margin that no other margin comes from', () => {
    const { mask, shape } = masked(5, 1, 5, [0, 0, 0]);
    const options: PartitionOptions = { marginTokens: { space: 1, time: 1 }, referenceFrames: 2 };
    const partition = partitionTokens(mask, shape, options);
    expect(partition.grid).toEqual({ frames: 4, rows: 1, cols: 5 });
    expect(partition.count).toBe(20);
    expect(drawing(partition)).toEqual([['mmmmm'], ['mmmmm'], ['Gm···'], ['mm···']]);
  });

  it('is all context for an empty mask', () => {
    const { mask, shape } = masked(5, 2, 2);
    const { generative, margin, context } = partitionTokens(mask, shape);
    expect([generative.length, margin.length, [...context]]).toEqual([0, 0, [0, 1, 2, 3, 4, 5, 6, 7]]);
  });

  it('has no context where mask and margin cover all', () => {
    const { mask, shape } = masked(5, 2, 3, [0, 16, 16]);
    expect(drawing(partitionTokens(mask, shape))).toEqual([
      ['mmm', 'mGm'],
      ['mmm', 'mmm'],
    ]);
    const whole = partitionTokens(mask.fill(1), shape);
    expect([whole.generative.length, whole.margin.length, whole.context.length]).toEqual([12, 0, 0]);
  });

  it('equals the definition, for any mask', () => {
    const cases = fc.record({
      frames: fc.constantFrom(1, 5, 9),
      rows: fc.integer({ min: 1, max: 3 }),
      cols: fc.integer({ min: 1, max: 4 }),
      pixels: fc.array(fc.nat(), { maxLength: 3 }),
      space: fc.integer({ min: 0, max: 3 }),
      time: fc.integer({ min: 0, max: 2 }),
      referenceFrames: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(cases, ({ frames, rows, cols, pixels, space, time, referenceFrames }) => {
        const { mask, shape } = masked(frames, rows, cols);
        for (const pixel of pixels) mask[pixel % mask.length] = 1;
        const marginTokens = { space, time };
        const partition = partitionTokens(mask, shape, { marginTokens, referenceFrames });
        const { count, generative, margin, context } = partition;
        const all = [...generative, ...margin, ...context].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_, token) => token));
        for (const group of [generative, margin, context]) expect(group.toSorted()).toEqual(group);
        const references = 'm'.repeat(referenceFrames * rows * cols);
        expect(drawing(partition).flat().join('')).toBe(references + slowly(mask, shape, marginTokens));
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  it.each([
    ['marginTokens.space', { space: 65, time: 1 }],
    ['marginTokens.space', { space: 1.5, time: 1 }],
    ['marginTokens.time', { space: 2, time: -1 }],
    ['marginTokens.time', { space: 2, time: Number.NaN }],
  ])('refuses a wrong %s by name', (name, marginTokens) => {
    const { mask, shape } = masked(1, 1, 1);
    const attempt = () => partitionTokens(mask, shape, { marginTokens });
    expect(attempt).toThrow(HetcutError);
    expect(attempt).toThrow(name);
  });

  it('takes margins of 0 and 64', () => {
    const { mask, shape } = masked(5, 1, 3, [0, 0, 0]);
    const at = (space: number, time: number) =>
      drawing(partitionTokens(mask, shape, { marginTokens: { space, time } })).flat();
    expect(at(0, 0)).toEqual(['G··', '···']);
    expect(at(64, 0)).toEqual(['Gmm', '···']);
    expect(at(0, 64)).toEqual(['G··', 'm··']);
  });

  it('refuses masks that are no 1 + 4k frames of whole tokens', () => {
    const refused = (frames: number, height: number, width: number, length = frames * height * width) =>
      expect(() => partitionTokens(new Float32Array(length), { frames, height, width }));
    refused(4, 16, 16).toThrow('1 + 4k');
    refused(0, 16, 16).toThrow('1 + 4k');
    refused(1, 24, 16).toThrow('16×24');
    refused(1, 16, 8).toThrow('8×16');
    refused(1, 16, 16, 255).toThrow('mask: 255 elements, expected 256');
    const { mask, shape } = masked(1, 1, 1);
    expect(() => partitionTokens(mask, shape, { referenceFrames: -1 })).toThrow(RangeError);
  });
});
