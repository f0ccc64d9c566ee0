import { describe, expect, it } from 'vitest';
import { identityMotion } from '../plate/index.ts';
import { makeScene, spriteClip, type SpriteSpec } from '../testing/index.ts';
import { buildBackground, foregroundOdds } from './background.ts';
import { geodesicDistance } from './geodesic.ts';
import { ownMotion } from './own-motion.ts';
import { selectObject, type SelectFrame } from './select-object.ts';
import { overlap } from './start-shape.ts';
import { trackPicture, type TrackPicture } from './track-picture.ts';

const [width, height] = [160, 120];
const layout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;

/** A grey picture with rectangles of other colours. */
function painted(rects: readonly (readonly [x: number, y: number, w: number, h: number, luma: number])[]) {
  const samples = new Uint8Array(3 * width * height).fill(128);
  for (let pixel = 0; pixel < width * height; pixel++) samples[3 * pixel] = 90 + ((pixel * 7919) % 5);
  for (const [left, top, w, h, luma] of rects) {
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) samples[3 * (y * width + x)] = luma + ((x * 31 + y * 17) % 4);
  }
  return { width, height, samples };
}

const stillFrame = (fine: TrackPicture): SelectFrame => ({
  fine,
  picture: fine,
  factor: 1,
  odds: new Float32Array(width * height),
  motion: new Float32Array(2 * width * height),
});

function rectMask(left: number, top: number, w: number, h: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = top; y < top + h; y++) mask.fill(255, y * width + left, y * width + left + w);
  return mask;
}

describe('selecting what stands still', () => {
  const frame = stillFrame(
    painted([
      [30, 40, 30, 24, 180],
      [110, 30, 20, 50, 30],
    ]),
  );

  it.each([
    ['in its middle', [45, 52]],
    ['near its edge', [33, 60]],
  ] as const)('finds the thing that was clicked %s', (_name, place) => {
    const { mask } = selectObject(frame, { add: [place], remove: [] });
    expect(overlap(mask, rectMask(30, 40, 30, 24))).toBeGreaterThan(0.9);
  });

  it('adds what else is clicked', () => {
    const { mask } = selectObject(frame, {
      add: [
        [45, 52],
        [120, 55],
      ],
      remove: [],
    });
    const both = rectMask(30, 40, 30, 24).map((value, pixel) => value | rectMask(110, 30, 20, 50)[pixel]);
    expect(overlap(mask, both)).toBeGreaterThan(0.85);
  });

  it('takes away what is clicked so', () => {
    const two = stillFrame(
      painted([
        [30, 40, 30, 24, 180],
        [60, 40, 30, 24, 176],
      ]),
    );
    const { mask } = selectObject(two, { add: [[40, 52]], remove: [[80, 52]] });
    expect(mask[52 * width + 40]).toBe(255);
    expect(mask[52 * width + 80]).toBe(0);
  });

  it('finds what a box holds, and nothing outside it', () => {
    const box = { from: [20, 30], to: [75, 75] } as const;
    const { mask } = selectObject(frame, { add: [], remove: [], box });
    expect(overlap(mask, rectMask(30, 40, 30, 24))).toBeGreaterThan(0.9);
    expect(mask.some((value, pixel) => value !== 0 && pixel % width >= 75)).toBe(false);
  });

  it('offers a smaller and a larger object, and goes no further than there are any', () => {
    const nested = stillFrame(
      painted([
        [40, 30, 60, 60, 150],
        [60, 50, 16, 16, 220],
      ]),
    );
    const hints = { add: [[68, 58]] as const, remove: [] };
    const areas = [-9, 0, 9].map((size) => selectObject(nested, hints, size));
    expect(areas[0].smaller).toBe(false);
    expect(areas[2].larger).toBe(false);
    const sizes = areas.map(({ mask }) => mask.filter((value) => value !== 0).length);
    expect(sizes[0]).toBeLessThanOrEqual(sizes[1]);
    expect(sizes[2]).toBeGreaterThan(sizes[0]);
  });

  it('is empty where nothing is pointed at', () => {
    expect(selectObject(frame, { add: [], remove: [] }).mask.some((value) => value !== 0)).toBe(false);
  });
});

describe('selecting what moves', () => {
  const spec: SpriteSpec = {
    width,
    height,
    frames: 9,
    far: makeScene(300, 200, 1),
    near: makeScene(300, 200, 2),
    texture: makeScene(80, 80, 5),
    radius: 18,
    path: (at) => [40 + 9 * at, 50],
    pan: 0,
    noise: 1,
    seed: 7,
  };
  const clip = spriteClip(spec);
  const pictures = clip.frames.map((planes) => trackPicture(planes, layout, 1));
  const whole = { x: 0, y: 0, width, height };

  it('finds what stands out from the background, wherever it is clicked', () => {
    const background = buildBackground(
      pictures.map((picture) => ({ picture, toReference: identityMotion(), hidden: null })),
    );
    const frame: SelectFrame = {
      ...stillFrame(pictures[4]),
      odds: foregroundOdds(pictures[4], whole, identityMotion(), background),
    };
    for (const place of [
      [76, 50],
      [68, 44],
      [84, 58],
    ] as const)
      expect(overlap(selectObject(frame, { add: [place], remove: [] }).mask, clip.masks[4])).toBeGreaterThan(
        0.8,
      );
  });

  it('tells by its motion alone what was clicked', () => {
    const motion = new Float32Array(2 * width * height);
    clip.masks[4].forEach((value, pixel) => {
      if (value !== 0) motion[2 * pixel] = 9;
    });
    const frame: SelectFrame = { ...stillFrame(pictures[4]), motion };
    const { mask } = selectObject(frame, { add: [[76, 50]], remove: [] });
    expect(overlap(mask, clip.masks[4])).toBeGreaterThan(0.9);
  });

  it('measures motion beyond the camera’s, towards the next frame, from both sides', () => {
    const flowOf = (x: number) => {
      const flow = new Float32Array(2 * width * height);
      for (let pixel = 0; pixel < width * height; pixel++) flow[2 * pixel] = x;
      return flow;
    };
    const camera = Float64Array.of(1, 0, 1, 0, 1, 0, 0, 0, 1);
    const back = Float64Array.of(1, 0, -1, 0, 1, 0, 0, 0, 1);
    let calls = 0;
    const motion = ownMotion(
      pictures[4],
      [
        { picture: pictures[5], isLater: true, camera },
        { picture: pictures[3], isLater: false, camera: back },
      ],
      () => flowOf(calls++ === 0 ? 5 : -5),
    );
    expect(motion[0]).toBeCloseTo(4);
    expect(motion[1]).toBeCloseTo(0);
    expect(ownMotion(pictures[4], [], () => flowOf(9)).every((value) => value === 0)).toBe(true);
  });
});

describe('geodesicDistance', () => {
  it('is the way on an even picture, and longer across an edge', () => {
    const even = { width, height, samples: new Uint8Array(3 * width * height).fill(100) };
    const seeds = new Uint8Array(width * height);
    seeds[60 * width + 80] = 255;
    const distance = geodesicDistance(even, seeds);
    expect(distance[60 * width + 80]).toBe(0);
    expect(distance[60 * width + 100]).toBeCloseTo(20);
    const split = { width, height, samples: even.samples.slice() };
    for (let y = 0; y < height; y++) split.samples.fill(200, 3 * (y * width + 90), 3 * (y + 1) * width);
    expect(geodesicDistance(split, seeds)[60 * width + 100]).toBeGreaterThan(60);
    expect(geodesicDistance(even, new Uint8Array(width * height))[0]).toBe(Infinity);
  });
});
