import { describe, expect, it } from 'vitest';
import {
  makeScene,
  psnrWhere,
  renderView,
  seededNumbers,
  toPlanes,
  type View,
} from '../../../src-shared/core/testing/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import { stretchesAround } from './follow-camera.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { createPlate } from './plate-stage.ts';

const width = 240;
const height = 160;
const scenes = [makeScene(620, 400, 1), makeScene(620, 400, 2)];

interface Shot {
  readonly scene: 0 | 1;
  readonly view: View;
  /** Centre of the masked thing; none: no hole. */
  readonly thing?: readonly [number, number];
}

interface TestClip {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly clean: readonly (readonly Uint8Array[])[];
  readonly masks: readonly Uint8Array[];
  /** Frames that have been decoded, in order. */
  readonly decoded: number[];
}

interface Rendered {
  readonly clean: readonly Uint8Array[];
  readonly mask: Uint8Array;
  readonly planes: VideoFrame['planes'];
}

function render({ scene, view, thing }: Shot, noise: number, next: () => number): Rendered {
  const picture = renderView(scenes[scene], view, width, height);
  const clean = toPlanes(picture, width, height, 0, next);
  const mask = new Uint8Array(width * height);
  mask.forEach((_, pixel) => {
    if (thing === undefined) return;
    const [x, y] = [(pixel % width) - thing[0], Math.floor(pixel / width) - thing[1]];
    if ((x / 15) ** 2 + (y / 26) ** 2 < 1)
      [35 + ((7 * x + 13 * y) & 31), 150, 100].forEach((level, c) => (picture[c][pixel] = level));
    if ((x / 20) ** 2 + (y / 31) ** 2 < 1) mask[pixel] = 255;
  });
  return { clean, mask, planes: toPlanes(picture, width, height, noise, next) };
}

/** Shots that are alike share four renderings, each with its own noise. */
function makeClip(shots: readonly Shot[], noise = 1.5): TestClip {
  const next = seededNumbers(4);
  const rendered = new Map<string, Rendered>();
  const pictures = shots.map((shot, index) => {
    const key = JSON.stringify([shot, index % 4]);
    const picture = rendered.get(key) ?? render(shot, noise, next);
    rendered.set(key, picture);
    return picture;
  });
  const frames = pictures.map(({ planes }, index): VideoFrame => ({ index, planes }));
  const masks = pictures.map(({ mask }) => mask);
  const clean = pictures.map((picture) => picture.clean);
  const decoded: number[] = [];
  const info: ClipInfo = {
    path: 'clip.mp4',
    container: 'mp4',
    codec: 'h264',
    width,
    height,
    rotation: 0,
    sampleAspectRatio: '1:1',
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    sourcePixelFormat: 'yuv420p',
    colour: { matrix: 'bt709', range: 'limited', assumed: true, tags: {} },
    ptsSec: Float64Array.from(shots, (_, index) => index / 25),
    timeBase: { num: 1, den: 25 },
    frameRate: '25/1',
    variableFrameRate: false,
    audio: [],
    startSec: 0,
    durationSec: shots.length / 25,
    warnings: [],
  };
  return {
    source: {
      info,
      damagedFrames: () => [],
      async *frames(startFrame, endFrame) {
        for (const frame of frames.slice(startFrame, endFrame)) {
          decoded.push(frame.index);
          yield frame;
        }
      },
    },
    mask: {
      frameCount: shots.length,
      async *masks(startFrame, endFrame) {
        yield* masks.slice(startFrame, endFrame);
      },
    },
    clean,
    masks,
    decoded,
  };
}

const at = (centreX: number, centreY: number): View => ({ centreX, centreY, zoom: 1, turn: 0 });

async function compose(clip: TestClip, wanted: readonly number[], fillRest = false) {
  const progress: [number, number][] = [];
  const plate = await createPlate({
    source: clip.source,
    mask: clip.mask,
    hasHole: clip.masks.map((mask) => mask.includes(255)),
    openTracker: openCameraTracker,
    fillRest,
    signal: new AbortController().signal,
    onTracked: (done, frames) => progress.push([done, frames]),
  });
  const tracked = clip.decoded.splice(0);
  const composed = [];
  for (const index of wanted) {
    for await (const frame of clip.source.frames(index, index + 1)) {
      const { planes, residual } = await plate.frame(frame, clip.masks[index]);
      const open = residual.reduce((sum, value) => sum + (value >> 7), 0);
      const hole = clip.masks[index].reduce((sum, value) => sum + (value >> 7), 0);
      composed.push({
        planes,
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

  it('leaves what is never shown, or fills it where nothing may be left', async () => {
    const shots = Array.from({ length: 12 }, (): Shot => ({
      scene: 0,
      view: at(250, 190),
      thing: [120, 80],
    }));
    const [left] = (await compose(makeClip(shots), [6])).composed;
    expect(left.open).toBe(1);
    const [filled] = (await compose(makeClip(shots), [6], true)).composed;
    expect(filled.open).toBe(0);
    expect(filled.planes[0][80 * width + 120]).not.toBe(left.planes[0][80 * width + 120]);
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
