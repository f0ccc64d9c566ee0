import { describe, expect, it } from 'vitest';
import { boundingBox } from '../mask/index.ts';
import { resizeMask } from '../picture/index.ts';
import { planWindows, type EditWindow } from '../plan/index.ts';
import { gaussianNoise } from '../random/index.ts';
import { partitionTokens } from '../tokens/index.ts';
import {
  countTokens,
  tokensOfFrame,
  coveredCells,
  coverageGrid,
  coverFrame,
  forecastOpen,
  likelyOpen,
  type FrameCoverage,
  type MaskCoverage,
} from './index.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A mask [height, width] of rectangles [x, y, width, height]. */
function maskOf(size: Size, ...rects: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const mask = new Uint8Array(size.width * size.height);
  for (const [x, y, w, h] of rects) {
    for (let row = y; row < y + h; row++) mask.fill(255, row * size.width + x, row * size.width + x + w);
  }
  return mask;
}

function coverageOf(masks: readonly Uint8Array[], size: Size): MaskCoverage {
  const grid = coverageGrid(size);
  const frames: (FrameCoverage | null)[] = [];
  for (const mask of masks) {
    const box = boundingBox(mask, size.width);
    frames.push(coverFrame(mask, size.width, grid, box, frames.at(-1) ?? null));
  }
  return { grid, frames };
}

/** What the engine does: the crop of each frame's mask, at working size, in tokens. */
function exactTokens(masks: readonly Uint8Array[], size: Size, window: EditWindow) {
  const { crop, workingWidth: width, workingHeight: height, modelFrames: frames } = window;
  const pixels = new Float32Array(frames * width * height);
  for (let t = 0; t < frames; t++) {
    const inWindow = Math.min(t, window.endFrame - window.startFrame - 1);
    if (inWindow < window.knownFrames) continue;
    const mask = masks[window.startFrame + inWindow];
    const cut = new Uint8Array(crop.width * crop.height);
    for (let y = 0; y < crop.height; y++) {
      for (let x = 0; x < crop.width; x++) {
        const inside = crop.y + y < size.height && crop.x + x < size.width;
        if (inside) cut[y * crop.width + x] = mask[(crop.y + y) * size.width + crop.x + x];
      }
    }
    const small = resizeMask(cut, crop, { width, height });
    small.forEach((value, i) => (pixels[t * small.length + i] = value));
  }
  const { generative, margin, context } = partitionTokens(pixels, { frames, height, width });
  return { generative: generative.length, margin: margin.length, context: context.length };
}

const limits = {
  spatialMultiple: 16,
  temporalStride: 4,
  maxWindowFrames: 17,
  workingPixels: 114_688,
  overlapFrames: 5,
};
const plan = (coverage: MaskCoverage, size: Size) =>
  planWindows(
    coverage.frames.map((frame) => frame?.box ?? null),
    size,
    limits,
  );

describe('coverage of a mask', () => {
  const size = { width: 100, height: 60 };

  it('has the cells that hold a masked pixel, within the box', () => {
    const { grid, frames } = coverageOf([maskOf(size, [15, 9, 2, 8], [96, 59, 4, 1])], size);
    expect(grid).toEqual({ cellPx: 8, columns: 13, rows: 8 });
    expect(frames[0]?.box).toEqual({ x: 15, y: 9, width: 85, height: 51 });
    expect(frames[0]?.cells).toEqual({ x: 1, y: 1, width: 12, height: 7 });
    // Columns 1 and 2 of rows 1 and 2, and the cut cell in the corner.
    expect(frames[0] === null ? 0 : coveredCells(frames[0])).toBe(5);
  });

  it('is null without a hole and shared while nothing moves', () => {
    const still = maskOf(size, [10, 10, 20, 20]);
    const moved = maskOf(size, [11, 10, 20, 20]);
    const { frames } = coverageOf([still, still, maskOf(size), still, moved], size);
    expect(frames[1]).toBe(frames[0]);
    expect(frames[2]).toBeNull();
    expect(frames[4]).not.toBe(frames[3]);
  });

  it('uses larger cells for larger pictures', () => {
    expect(coverageGrid({ width: 3840, height: 2160 })).toEqual({ cellPx: 16, columns: 240, rows: 135 });
  });
});

describe('countTokens', () => {
  it('is the partition of the pixels where cells and tokens are on one grid', () => {
    const size = { width: 448, height: 256 };
    const masks = Array.from({ length: 17 }, (_, t) => maskOf(size, [40 + 8 * t, 64, 48, 100]));
    const coverage = coverageOf(masks, size);
    const [window] = plan(coverage, size).windows;
    expect(window.crop.width).toBe(window.workingWidth);
    expect(window.crop.x % 8).toBe(0);
    expect(countTokens(coverage, window)).toEqual(exactTokens(masks, size, window));
  });

  it.each([31, 32, 33, 34, 35, 36])('has all tokens of the pixels and few more, seed %i', (seed) => {
    const noise = gaussianNoise(seed, 0, 4 * 40);
    const size = { width: 500 + 4 * (seed % 7), height: 402 };
    const place = (value: number, from: number, to: number): number =>
      Math.round(from + (to - from) * (0.5 + Math.atan(value) / Math.PI));
    // Two holes that wander; some frames have none.
    const masks = Array.from({ length: 30 }, (_, t) => {
      const [a, b, c, d] = noise.subarray(4 * t, 4 * t + 4);
      if (t === 20) return maskOf(size);
      return maskOf(
        size,
        [place(a / 9, 60, 260), place(b / 9, 40, 200), 60, 110],
        [place(c / 9, 250, 330), place(d / 9, 200, 260), 33, 47],
      );
    });
    const coverage = coverageOf(masks, size);
    const { windows } = plan(coverage, size);
    expect(windows.length).toBeGreaterThan(1);
    for (const window of windows) {
      const counted = countTokens(coverage, window);
      const exact = exactTokens(masks, size, window);
      const sum = ({ generative, margin, context }: typeof exact): number => generative + margin + context;
      expect(sum(counted)).toBe(sum(exact));
      expect(counted.generative).toBeGreaterThanOrEqual(exact.generative);
      expect(counted.generative).toBeLessThan(1.25 * exact.generative);
      const active = counted.generative + counted.margin;
      expect(active).toBeGreaterThanOrEqual(exact.generative + exact.margin);
      expect(active).toBeLessThan(1.08 * (exact.generative + exact.margin));
    }
  });

  it('grows the margin that is asked for', () => {
    const size = { width: 448, height: 256 };
    const masks = Array.from({ length: 17 }, () => maskOf(size, [208, 112, 16, 16]));
    const coverage = coverageOf(masks, size);
    const window: EditWindow = {
      index: 0,
      startFrame: 0,
      endFrame: 17,
      knownFrames: 0,
      modelFrames: 17,
      crop: { x: 0, y: 0, ...size },
      workingWidth: 448,
      workingHeight: 256,
    };
    const all = 5 * 28 * 16;
    expect(countTokens(coverage, window, { space: 0, time: 0 })).toEqual({
      generative: 5,
      margin: 0,
      context: all - 5,
    });
    expect(countTokens(coverage, window, { space: 1, time: 0 }).margin).toBe(5 * 8);
  });
});

describe('tokensOfFrame', () => {
  const size = { width: 448, height: 256 };
  const masks = Array.from({ length: 15 }, (_, t) => maskOf(size, [40 + 8 * t, 64, 48, 100]));
  const coverage = coverageOf(masks, size);
  const [window] = plan(coverage, size).windows;

  it('has the tokens of the partition at each of its frames', () => {
    const { crop, workingWidth: width, workingHeight: height, modelFrames } = window;
    expect([crop.width, crop.height, modelFrames]).toEqual([width, height, 17]);
    const working = new Float32Array(modelFrames * width * height);
    for (let t = 0; t < modelFrames; t++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          working[(t * height + y) * width + x] =
            masks[Math.min(t, 14)][(crop.y + y) * size.width + crop.x + x] / 255;
    const partition = partitionTokens(working, { frames: modelFrames, height, width });
    const { rows, cols } = partition.grid;
    const kinds = new Map<number, string>();
    for (const kind of ['generative', 'margin', 'context'] as const)
      for (const token of partition[kind]) kinds.set(token, kind);
    for (const [frame, latent] of [
      [0, 0],
      [1, 1],
      [4, 1],
      [5, 2],
      [14, 4],
    ]) {
      const tokens = tokensOfFrame(coverage, window, frame);
      expect([tokens.rows, tokens.columns]).toEqual([rows, cols]);
      const first = latent * rows * cols;
      expect(tokens.kinds).toEqual(tokens.kinds.map((_, token) => kinds.get(first + token)));
    }
    expect(partition.generative.length).toBeGreaterThan(0);
  });

  it('stand for one frame, then for four, cut at the end of the window', () => {
    const spans = [0, 1, 4, 5, 13, 14].map((frame) => {
      const { startFrame, endFrame } = tokensOfFrame(coverage, window, frame);
      return [startFrame, endFrame];
    });
    expect(spans).toEqual([
      [0, 1],
      [1, 5],
      [1, 5],
      [5, 9],
      [13, 15],
      [13, 15],
    ]);
  });
});

describe('what a plate is likely to leave open', () => {
  const size = { width: 160, height: 80 };
  const standing: readonly [number, number, number, number] = [0, 0, 16, 16];
  const walker = (t: number): readonly [number, number, number, number] => [16 + 16 * t, 32, 16, 16];
  const masks = Array.from({ length: 8 }, (_, t) => maskOf(size, standing, walker(t)));

  it('is what too few frames show', () => {
    const open = forecastOpen(coverageOf(masks, size));
    for (const frame of open.frames) {
      expect(frame?.box).toEqual({ x: 0, y: 0, width: 16, height: 16 });
      expect(frame === null ? 0 : coveredCells(frame)).toBe(4);
    }
  });

  it('is everything where the mask does not move, nothing where it keeps moving', () => {
    const still = Array.from({ length: 8 }, () => maskOf(size, standing));
    expect(forecastOpen(coverageOf(still, size))).toEqual(coverageOf(still, size));
    const moving = Array.from({ length: 8 }, (_, t) => maskOf(size, walker(t)));
    expect(forecastOpen(coverageOf(moving, size)).frames).toEqual(Array<null>(8).fill(null));
  });

  it('looks no further than the plate stage reaches', () => {
    // Frames that show the background come 300 frames after the hole.
    const shown = maskOf(size);
    const far = Array.from({ length: 310 }, (_, t) => (t < 300 ? maskOf(size, standing) : shown));
    const open = forecastOpen(coverageOf(far, size)).frames;
    expect(open[0]).not.toBeNull();
    // Five of them are within 240 frames of frame 64 (300 … 304), four of frame 63.
    expect(open[63]).not.toBeNull();
    expect(open[64]).toBeNull();
  });

  it('widens the boxes half way to the mask’s, for scattered rests', () => {
    const coverage = coverageOf(masks, size);
    const likely = likelyOpen(coverage, plan(coverage, size));
    // Frame 3: open 0 … 16 × 0 … 16, mask 0 … 80 × 0 … 48.
    expect(likely.frames[3]?.box).toEqual({ x: 0, y: 0, width: 48, height: 32 });
  });

  it('takes a large window as open although it is revealed, a small one not', () => {
    const large = { width: 800, height: 400 };
    const crossing = (edge: number) =>
      coverageOf(
        Array.from({ length: 10 }, (_, t) => maskOf(large, [80 * t, 0, 64, edge])),
        large,
      );
    // 10 frames of 64 × 320 pixels are 204,800; of 64 × 160, half of it.
    const tall = crossing(320);
    expect(likelyOpen(tall, plan(tall, large))).toEqual(tall);
    const low = crossing(160);
    expect(likelyOpen(low, plan(low, large)).frames.every((frame) => frame === null)).toBe(true);
  });
});
