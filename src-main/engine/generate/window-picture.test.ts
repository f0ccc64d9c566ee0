import { describe, expect, it } from 'vitest';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import type { ClipInfo, VideoFrame } from '../frames.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import { compositePatch } from '../composite/composite-window.ts';
import { assembleWindow, cropOpen, cropRgb, workingFrame } from './window-picture.ts';

const clip: ClipInfo = {
  path: 'test.mkv',
  container: 'matroska',
  codec: 'ffv1',
  width: 16,
  height: 16,
  rotation: 0,
  sampleAspectRatio: '1:1',
  pixelFormat: { name: 'yuv444p', bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 },
  sourcePixelFormat: 'yuv444p',
  colour: { matrix: 'bt709', range: 'full', assumed: false, tags: {} },
  ptsSec: new Float64Array([0, 1]),
  timeBase: { num: 1, den: 1000 },
  startSec: 0,
  frameRate: '1/1',
  variableFrameRate: false,
  audio: [],
  durationSec: 2,
  warnings: [],
};
/** Grey that rises from column to column. */
const luma = Uint8Array.from({ length: 256 }, (_, i) => 10 * (i % 16));
const neutral = new Uint8Array(256).fill(128);
const frame: VideoFrame = { index: 0, planes: [luma, neutral, neutral] };
/** A 2 × 2 hole at (6, 6), of which the plate has composited the left column with 200. */
const patch: FramePatch = {
  rect: { x: 6, y: 6, width: 2, height: 2 },
  planes: [Uint8Array.of(200, 70, 200, 70), new Uint8Array(4).fill(128), new Uint8Array(4).fill(128)],
  residual: Uint8Array.of(0, 255, 0, 255),
  unseen: Uint8Array.of(0, 255, 0, 255),
};
const window: EditWindow = {
  index: 0,
  startFrame: 0,
  endFrame: 2,
  knownFrames: 0,
  modelFrames: 5,
  crop: { x: 0, y: 0, width: 16, height: 16 },
  workingWidth: 16,
  workingHeight: 16,
};

describe('the window as the model sees it', () => {
  it('shows the plate in place of what it composited', () => {
    const rgb = cropRgb(frame, patch, clip, { x: 4, y: 4, width: 8, height: 8 });
    expectClose([rgb[2 * 8 + 2], rgb[2 * 8 + 3], rgb[0]], [200 / 255, 70 / 255, 40 / 255], {
      atol: 1e-6,
      rtol: 0,
    });
  });

  it('mirrors the picture beyond its edge', () => {
    const rgb = cropRgb(frame, null, clip, { x: -2, y: 0, width: 20, height: 16 });
    expectClose(
      rgb.subarray(0, 4),
      [20, 10, 0, 10].map((v) => v / 255),
      { atol: 1e-6, rtol: 0 },
    );
    expectClose(
      rgb.subarray(17, 20),
      [150, 140, 130].map((v) => v / 255),
      { atol: 1e-6, rtol: 0 },
    );
  });

  it('opens only what the plate left', () => {
    const open = cropOpen(patch, clip, { x: 4, y: 4, width: 8, height: 8 });
    const expected = new Uint8Array(64);
    expected[2 * 8 + 3] = 255;
    expected[3 * 8 + 3] = 255;
    expect(open).toEqual(expected);
    expect(cropOpen(null, clip, window.crop)).toEqual(new Uint8Array(256));
  });

  it.each([
    ['grey', 0],
    // Between columns 6 (200, composited by the plate) and 8 of the ramp.
    ['push-pull', undefined],
  ] as const)('fills the hole with %s', (fill, expected) => {
    const rgb = cropRgb(frame, patch, clip, window.crop);
    const { video, mask } = workingFrame(rgb, cropOpen(patch, clip, window.crop), window, fill);
    const hole = 6 * 16 + 7;
    expect([mask[hole], mask[hole - 1]]).toEqual([1, 0]);
    if (expected !== undefined) expect(video[hole]).toBe(expected);
    else {
      expect(video[hole]).toBeGreaterThan((60 / 255) * 2 - 1);
      expect(video[hole]).toBeLessThan((200 / 255) * 2 - 1);
    }
    expectClose([video[0], video[15]], [-1, (150 / 255) * 2 - 1], { atol: 1e-6, rtol: 0 });
  });

  it('repeats the last frame up to 1 + 4k', () => {
    const plain = (value: number) => ({
      video: new Float32Array(3 * 256).fill(value),
      mask: new Float32Array(256).fill(value),
    });
    const picture = assembleWindow([plain(0.25), plain(0.5)], window);
    expect(picture.frames).toBe(5);
    expect([0, 1, 2, 3, 4].map((t) => picture.video[t * 256])).toEqual([0.25, 0.5, 0.5, 0.5, 0.5]);
    expect(picture.mask[4 * 256]).toBe(0.5);
  });
});

describe('compositePatch', () => {
  it('fills what is open and keeps what the plate composited', () => {
    const generated = new Float32Array(3 * 256).fill(100 / 255);
    const composited = compositePatch(patch, generated, window.crop, clip);
    expect([...composited.planes[0]]).toEqual([200, 100, 200, 100]);
    expect([...composited.residual]).toEqual([0, 0, 0, 0]);
    expect([...composited.unseen]).toEqual([0, 255, 0, 255]);
    expect([...patch.residual]).toEqual([0, 255, 0, 255]);
  });
});
