import {
  makeScene,
  renderView,
  seededNumbers,
  toPlanes,
  type View,
} from '../../../../src-shared/core/testing/index.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../../frames.ts';

export const width = 240;
export const height = 160;
const scenes = [makeScene(620, 400, 1), makeScene(620, 400, 2)];
const posts = makeScene(620, 400, 3);

export interface Shot {
  readonly scene: 0 | 1;
  readonly view: View;
  /** Centre of the masked thing; none: no hole. */
  readonly thing?: readonly [number, number];
  /** Posts before the scene, and how they are seen: parallax. */
  readonly posts?: View;
}

export interface TestClip {
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

/** Posts are 44 pixels wide, 120 apart. */
export function isPost(view: View, pixel: number): boolean {
  return Math.floor(pixel / width) >= 40 && ((pixel % width) + view.centreX) % 120 < 44;
}

function render({ scene, view, thing, posts: before }: Shot, noise: number, next: () => number): Rendered {
  const picture = renderView(scenes[scene], view, width, height);
  if (before !== undefined) {
    renderView(posts, before, width, height).forEach((plane, c) => {
      plane.forEach((level, pixel) => {
        if (isPost(before, pixel)) picture[c][pixel] = level;
      });
    });
  }
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

/** A clip of rendered scenes. Shots that are alike share four renderings, each with its own noise. */
export function makeClip(shots: readonly Shot[], noise = 1.5): TestClip {
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

export const at = (centreX: number, centreY: number): View => ({ centreX, centreY, zoom: 1, turn: 0 });
