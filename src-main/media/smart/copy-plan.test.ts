import { describe, expect, it } from 'vitest';
import { passesOf } from './check-joins.ts';
import { piecesOf, type Piece } from './copy-plan.ts';
import { decodingTicks } from './joined-header.ts';

/** Five groups of four frames. */
const groups = [0, 1, 2, 3, 4].map((i) => ({
  ...{ startSample: 4 * i, endSample: 4 * i + 4 },
  ...{ startFrame: 4 * i, endFrame: 4 * i + 4 },
}));
const all = { startFrame: 0, endFrame: 20 };
const shown = (pieces: readonly Piece[]): string =>
  pieces.map(({ kind, startFrame, endFrame }) => `${kind} ${startFrame}:${endFrame}`).join(', ');
const only =
  (...frames: number[]) =>
  (frame: number): boolean =>
    frames.includes(frame);

describe('pieces of an export', () => {
  it.each([
    [only(0), 'encode 0:4, copy 4:20'],
    [only(19), 'copy 0:16, encode 16:20'],
    [only(7, 8), 'copy 0:4, encode 4:12, copy 12:20'],
    [only(5, 13), 'copy 0:4, encode 4:8, copy 8:12, encode 12:16, copy 16:20'],
    [only(), 'copy 0:20'],
    [() => true, 'encode 0:20'],
  ])('are whole groups (%#)', (changed, expected) => {
    expect(shown(piecesOf(groups, all, changed))).toBe(expected);
  });

  it('count from the start of a range, whose ends lie in groups', () => {
    const pieces = piecesOf(groups, { startFrame: 2, endFrame: 18 }, only(7));
    // Frame 7 of the range is frame 9 of the file, in its third group.
    expect(shown(pieces)).toBe('encode 0:2, copy 2:6, encode 6:10, copy 10:14, encode 14:16');
    expect(pieces[1]).toMatchObject({ startSample: 4, endSample: 8 });
  });

  it('are encoded where no group begins', () => {
    expect(shown(piecesOf(groups.slice(1), all, only()))).toBe('encode 0:4, copy 4:20');
  });

  it('are decoded through each join', () => {
    const passes = (changed: (frame: number) => boolean) =>
      passesOf({ pieces: piecesOf(groups, all, changed) }).map(
        ({ startFrame, endFrame }) => `${startFrame}:${endFrame}`,
      );
    expect(passes(only(0))).toEqual(['0:20']);
    expect(passes(only(9))).toEqual(['0:20']);
    const long = [0, 1, 2].map((i) => ({
      ...{ startSample: 1000 * i, endSample: 1000 * i + 1000 },
      ...{ startFrame: 1000 * i, endFrame: 1000 * i + 1000 },
    }));
    const pieces = piecesOf(long, { startFrame: 0, endFrame: 3000 }, only(1500));
    expect(passesOf({ pieces })).toEqual([{ startFrame: 952, endFrame: 2048 }]);
  });
});

describe('times of decoding', () => {
  it('ascend, and none is after the time it is shown', () => {
    // I P B B, each group for itself; at a rate that varies.
    const frameTicks = [0, 10, 20, 45, 55, 60, 70, 90];
    const order = [0, 3, 1, 2, 4, 7, 5, 6];
    const pictures = { shown: order.map((frame) => frameTicks[frame]), frameTicks };
    const { decoded, delay } = decodingTicks(pictures);
    expect(decoded[0]).toBe(0);
    decoded.forEach((ticks, i) => {
      if (i > 0) expect(ticks).toBeGreaterThan(decoded[i - 1]);
      expect(pictures.shown[i] + delay).toBeGreaterThanOrEqual(ticks);
    });
    // One frame is enough to hold back.
    expect(delay).toBe(10);
  });

  it('are those at which frames are shown where none is ahead of its turn', () => {
    const frameTicks = [0, 5, 11];
    expect(decodingTicks({ shown: frameTicks, frameTicks })).toEqual({ decoded: frameTicks, delay: 0 });
  });
});
