import { describe, expect, it } from 'vitest';
import type { Homography } from '../plate/index.ts';
import { makeScene, seededNumbers } from '../testing/index.ts';
import {
  cellAt,
  countOcclusions,
  emptyCells,
  labelCells,
  ownedPixels,
  nearestFirst,
  packCells,
  settleCells,
  splitTracks,
  trimNearer,
  unpackCells,
  type ComparedPicture,
} from './index.ts';

const shift = (x: number, y = 0): Homography => Float64Array.of(1, 0, x, 0, 1, y, 0, 0, 1);

describe('layer cells', () => {
  it('keep ids two in a byte', () => {
    const grid = emptyCells(50, 30, 10);
    const ids = Uint8Array.from({ length: 15 }, (_, cell) => (7 * cell) % 16);
    const packed = packCells(grid, ids);
    expect(packed.packed).toHaveLength(8);
    expect(unpackCells(packed)).toEqual(ids);
    expect(cellAt(packed, 49, 29)).toBe(14);
    expect(cellAt(packed, 12, 9)).toBe(1);
  });

  it('say which pixels are whose, with an edge that is no staircase', () => {
    const grid = emptyCells(40, 40, 10);
    const slope = Uint8Array.from({ length: 16 }, (_, cell) => ((cell % 4) + (cell >> 2) > 2 ? 3 : 1));
    const owned = ownedPixels(packCells(grid, slope), 3, 40, 40);
    const lengths = Array.from({ length: 40 }, (_, y) =>
      owned.subarray(40 * y, 40 * y + 40).reduce((sum, value) => sum + value, 0),
    );
    expect(lengths[5]).toBe(10);
    expect(lengths[35]).toBe(40);
    for (let y = 6; y < 35; y++) expect(Math.abs(lengths[y] - y - 5)).toBeLessThanOrEqual(5);
    expect(owned.map((value) => 1 - value)).toEqual(ownedPixels(packCells(grid, slope), 1, 40, 40));
  });
});

describe('splitTracks', () => {
  const next = seededNumbers(2);
  const corners = Float32Array.from({ length: 400 }, (_, k) => next() * (k % 2 === 0 ? 300 : 200));
  /** Corners of the right third go `parallax` pixels a picture beyond the others; every tenth is lost or astray. */
  const tracks = (parallax: number) => ({
    corners,
    anchor: 2,
    positions: [0, 1, 2, 3, 4].map((at) =>
      corners.map((value, k) => {
        const corner = k >> 1;
        if (at !== 2 && corner % 10 === at) return corner % 20 < 10 ? NaN : value + 40;
        if (k % 2 === 1) return value;
        return value + (at - 2) * (3 + (value > 200 ? parallax : 0)) + 0.1 * (next() - 0.5);
      }),
    ),
  });

  it('finds the planes of a scene, the larger first', () => {
    const { labels, motions } = splitTracks(tracks(2), () =>
      [-10, -6, -5, -3, 3, 5, 6, 10].map((x) => shift(x)),
    );
    expect(motions).toHaveLength(2);
    expect(motions[0][4]?.[2]).toBeCloseTo(6, 1);
    expect(motions[1][4]?.[2]).toBeCloseTo(10, 1);
    expect(motions[1][1]?.[2]).toBeCloseTo(-5, 1);
    const right = [...labels].filter((label, i) => label === (corners[2 * i] > 200 ? 1 : 0)).length;
    expect(right / labels.length).toBeGreaterThan(0.9);
  });

  it('leaves a scene whole that one motion explains', () => {
    expect(splitTracks(tracks(0), () => [shift(-6), shift(6)]).motions).toHaveLength(1);
  });
});

describe('settleCells', () => {
  const row = (labels: number[], certain: number[]) => ({
    grid: { side: 10, columns: labels.length, rows: 1 },
    labels: Uint8Array.from(labels),
    certain: Uint8Array.from(certain),
    costs: new Float32Array(2 * labels.length),
  });
  /** The near layer, 1, moves by a cell from frame to frame, the far one, 0, stays. */
  const other = (labels: number[], certain: number[], moved: number) => ({
    cells: row(labels, certain),
    motions: [shift(0), shift(10 * moved)],
  });

  it('puts the nearer layer only where others show it, and leaves what no one tells', () => {
    const frame = row([0, 1, 1, 1, 0, 1], [1, 0, 1, 0, 0, 0]);
    const others = [
      other([0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 1, 0], 1),
      other([0, 0, 1, 0, 0, 0], [1, 0, 1, 0, 0, 0], -1),
    ];
    // Cell 1 would be seen at 2 of the first, where the far layer is; cell 3 is, at 4 of it; of the last nothing is known.
    expect([...settleCells(frame, others, [1, 0])]).toEqual([0, 0, 1, 1, 0, 1]);
  });
});

describe('trimNearer', () => {
  it('takes back at the border of a nearer layer what does not speak for it', () => {
    const frame = {
      grid: { side: 10, columns: 6, rows: 1 },
      labels: Uint8Array.of(0, 1, 1, 1, 1, 0),
      certain: Uint8Array.of(1, 1, 1, 1, 1, 1),
      // The far layer, then the near one: cell 1 fits both, cell 4 the near one alone.
      costs: Float32Array.of(1, 2, 9, 2, 9, 1, 9, 2, 1, 2, 1, 9),
    };
    const { labels, certain } = trimNearer(frame, [1, 0]);
    expect([...labels]).toEqual([0, 0, 1, 1, 1, 0]);
    expect([...certain]).toEqual([1, 0, 1, 1, 1, 1]);
  });
});

describe('labels and depth', () => {
  const [width, height] = [160, 96];
  const [far, near] = [makeScene(400, 120, 1), makeScene(400, 120, 2)];
  /** A post from x = 60 to 100 of frame 0, that moves 6 pixels a frame before a background that moves 2. */
  const isPost = (x: number, frame: number) => x + 6 * frame >= 60 && x + 6 * frame < 100;
  const view = (frame: number) => ({
    width,
    height,
    luma: Uint8Array.from({ length: width * height }, (_, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const post = isPost(x, frame);
      return (post ? near : far).planes[0][y * 400 + 100 + x + (post ? 6 : 2) * frame];
    }),
    mask: Uint8Array.from({ length: width * height }, (_, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      return Math.hypot(x - 30, y - 40) < 14 ? 255 : 0;
    }),
  });
  const compared = (frame: number, from: number): ComparedPicture => ({
    ...view(frame),
    motions: [shift(-2 * (frame - from)), shift(-6 * (frame - from))],
  });
  const labelled = (frame: number) =>
    labelCells(view(frame), [compared(frame - 1, frame)], [compared(frame + 1, frame)], 2, 4);

  it('gives each cell to the layer by whose motion it is found again, the mask to its surroundings', () => {
    const { grid, labels, certain } = labelled(0);
    let right = 0;
    labels.forEach((label, cell) => {
      const x = ((cell % grid.columns) + 0.5) * grid.side;
      if (label === (isPost(x, 0) ? 1 : 0)) right++;
    });
    expect(right / labels.length).toBeGreaterThan(0.93);
    const inMask = cellAt({ ...grid, packed: new Uint8Array() }, 30, 40);
    expect(labels[inMask]).toBe(0);
    expect(certain[inMask]).toBe(0);
  });

  it('tells from what hides what which is nearer, and else from the speed', () => {
    const hides = [
      [0, 0],
      [0, 0],
    ];
    countOcclusions(labelled(0), labelled(2), [shift(-4), shift(-12)], (nearer, farther) => {
      hides[nearer][farther]++;
    });
    expect(hides[1][0]).toBeGreaterThan(30);
    expect(hides[1][0]).toBeGreaterThan(3 * hides[0][1]);
    expect(nearestFirst([0, 1], hides, [9, 5])).toEqual([1, 0]);
    const nothing = [
      [0, 3],
      [5, 0],
    ];
    expect(nearestFirst([0, 1], nothing, [9, 5])).toEqual([0, 1]);
  });
});
