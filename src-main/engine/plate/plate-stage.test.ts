import { describe, expect, it } from 'vitest';
import { psnrWhere } from '../../../src-shared/core/testing/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import { stretchesAround } from './follow-camera.ts';
import { composeHere } from './plate-composer.ts';
import { createPlate } from './plate-stage.ts';
import { at, makeClip, type Shot, type TestClip } from './testing/scene-clip.ts';

async function compose(clip: TestClip, wanted: readonly number[], openTracker = openCameraTracker) {
  const progress: [number, number][] = [];
  const { width, height } = clip.source.info;
  const layout = { width, height, ...clip.source.info.pixelFormat };
  const plate = await createPlate(
    {
      source: clip.source,
      mask: clip.mask,
      hasHole: clip.masks.map((mask) => mask.includes(255)),
      openTracker,
      signal: new AbortController().signal,
      onTracked: (done, frames) => progress.push([done, frames]),
    },
    composeHere({ holePixels: 0, layout }),
  );
  const tracked = clip.decoded.splice(0);
  const composed = [];
  for (const index of wanted) {
    for await (const frame of clip.source.frames(index, index + 1)) {
      const { planes, residual } = await (await plate.begin(frame, clip.masks[index])).result;
      const open = residual.reduce((sum, value) => sum + (value >> 7), 0);
      const hole = clip.masks[index].reduce((sum, value) => sum + (value >> 7), 0);
      composed.push({
        open: open / hole,
        psnr: psnrWhere(planes[0], clip.clean[index][0], clip.masks[index]),
      });
    }
  }
  return { composed, progress, tracked, read: clip.decoded };
}

describe('createPlate', () => {
  it('restores what passes behind under a moving camera', async () => {
    const shots = Array.from({ length: 40 }, (_, index): Shot => {
      const view = {
        centreX: 180 + 4.3 * index,
        centreY: 180 + 0.9 * index,
        zoom: 1 - 0.003 * index,
        turn: 0.002 * index,
      };
      return { scene: 0, view, thing: [60 + 3 * index, 80] };
    });
    const { composed, progress } = await compose(makeClip(shots), [0, 13, 26, 39]);
    for (const { open, psnr } of composed) {
      expect(open).toBeLessThan(0.02);
      expect(psnr).toBeGreaterThan(38);
    }
    expect(progress.at(-1)).toEqual([40, 40]);
  });

  it('never mixes what a cut parts', async () => {
    // The same thing walks through two scenes; each shows the other's background nowhere.
    const shots = Array.from({ length: 24 }, (_, index): Shot => {
      return { scene: index < 12 ? 0 : 1, view: at(250, 190), thing: [60 + 10 * (index % 12), 80] };
    });
    const { composed } = await compose(makeClip(shots), [5, 11, 12, 20]);
    for (const { open, psnr } of composed) {
      expect(open).toBeLessThan(0.02);
      expect(psnr).toBeGreaterThan(42);
    }
  });

  it('tells layers in several depths apart, and takes each from where it is seen', async () => {
    // The thing flies past scene and posts; each frame's posts hide what others show.
    const shots = Array.from({ length: 16 }, (_, index): Shot => {
      const thing = [205 - 11 * index, 85] as const;
      return { scene: 0, view: at(200 + 2 * index, 180), posts: at(240 + 5 * index, 180), thing };
    });
    const clip = makeClip(shots);
    const wanted = [2, 5, 8, 11, 13];
    const mean = (values: readonly { open: number; psnr: number }[]) => ({
      open: values.reduce((sum, { open }) => sum + open, 0) / values.length,
      psnr: values.reduce((sum, { psnr }) => sum + psnr, 0) / values.length,
    });
    const layered = mean((await compose(clip, wanted)).composed);
    const oneMotion = await compose(clip, wanted, (columns, rows) => openCameraTracker(columns, rows));
    const before = mean(oneMotion.composed);
    expect(layered.open).toBeLessThan(0.5 * before.open);
    expect(layered.psnr).toBeGreaterThan(before.psnr + 3);
  });

  it('leaves what is never shown', async () => {
    const shots = Array.from({ length: 12 }, (): Shot => ({
      scene: 0,
      view: at(250, 190),
      thing: [120, 80],
    }));
    const [left] = (await compose(makeClip(shots), [6])).composed;
    expect(left.open).toBe(1);
  });

  it('finds the one stretch of a long clip that shows the background, and reads little else', async () => {
    // The thing stands for 200 frames, and is away from 140 to 150.
    const shots = Array.from({ length: 200 }, (_, index): Shot => {
      return { scene: 0, view: at(250, 190), thing: index >= 140 && index < 150 ? [30, 80] : [120, 80] };
    });
    const { composed, read } = await compose(makeClip(shots), [20, 21, 22, 199]);
    for (const { open, psnr } of composed) {
      expect(open).toBe(0);
      expect(psnr).toBeGreaterThan(42);
    }
    expect(new Set(read.filter((index) => index >= 100 && index < 199)).size).toBeLessThan(40);
  });

  it('follows the camera only near holes', async () => {
    const shots = Array.from({ length: 620 }, (_, index): Shot => {
      const shot: Shot = { scene: 0, view: at(250, 190) };
      return index === 600 ? { ...shot, thing: [120, 80] } : shot;
    });
    const { composed, tracked, progress } = await compose(makeClip(shots, 0), [600]);
    expect(composed[0].psnr).toBe(Infinity);
    expect(Math.min(...tracked)).toBe(360);
    expect(progress.at(-1)).toEqual([260, 260]);
  });
});

describe('stretchesAround', () => {
  it('joins what overlaps and stays within the clip', () => {
    const holes = Array.from({ length: 30 }, (_, index) => [1, 4, 20, 29].includes(index));
    expect(stretchesAround(holes, 2)).toEqual([
      { start: 0, end: 7 },
      { start: 18, end: 23 },
      { start: 27, end: 30 },
    ]);
  });
});
