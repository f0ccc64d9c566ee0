import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityMotion } from '../plate/index.ts';
import { expectClose } from '../testing/index.ts';
import { fitAffineFlow } from './affine-flow.ts';
import { buildBackground, foregroundOdds } from './background.ts';
import { blendMasks, enlargeMask, reduceMask } from './blend-masks.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject } from './cut-object.ts';
import { findShift } from './find-shift.ts';
import { packMask, unpackMask } from './mask-runs.ts';
import { signedDistance } from './signed-distance.ts';
import { overlap } from './start-shape.ts';
import { sampleDistance, trackPicture, type TrackPicture } from './track-picture.ts';

/** A picture of one colour a pixel. */
function picture(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly number[],
): TrackPicture {
  const samples = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    samples.set(colour(pixel % width, Math.floor(pixel / width)), 3 * pixel);
  }
  return { width, height, samples };
}

function disc(width: number, height: number, middleX: number, middleY: number, radius: number) {
  return Uint8Array.from({ length: width * height }, (_, pixel) =>
    Math.hypot((pixel % width) - middleX, Math.floor(pixel / width) - middleY) <= radius ? 255 : 0,
  );
}

describe('packMask', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 255), { maxLength: 60 }), (values) => {
        const mask = Uint8Array.from(values);
        expect(unpackMask(packMask(mask), mask.length)).toEqual(mask);
      }),
      { seed: 3 },
    );
  });

  it('counts runs from the first zeros on', () => {
    expect([...packMask(Uint8Array.of(255, 255, 0, 255))]).toEqual([0, 2, 1, 1]);
  });
});

describe('signedDistance', () => {
  it('is the distance from the border to within 8 per cent, below 0 inside', () => {
    const [width, height] = [61, 61];
    const distance = signedDistance(disc(width, height, 30, 30, 15), width, height, 40);
    for (const [x, y] of [
      [30, 30],
      [50, 30],
      [48, 48],
      [30, 2],
      [38, 38],
    ]) {
      // The disc's border lies half a pixel beyond its last pixel centre.
      const expected = Math.hypot(x - 30, y - 30) - 15.5;
      expect(Math.abs(distance[y * width + x] - expected)).toBeLessThan(0.08 * Math.abs(expected) + 0.6);
      expect(Math.sign(distance[y * width + x])).toBe(Math.sign(expected));
    }
  });

  it('ends at the limit, also where there is no border', () => {
    const distance = signedDistance(new Uint8Array(25), 5, 5, 3);
    expect([...distance]).toEqual(Array(25).fill(3));
  });
});

describe('blendMasks', () => {
  it('takes the middle between two discs of one centre', () => {
    const [width, height] = [80, 80];
    const blend = blendMasks(
      disc(width, height, 40, 40, 10),
      disc(width, height, 40, 40, 20),
      0.5,
      width,
      height,
    );
    expect(overlap(blend, disc(width, height, 40, 40, 15))).toBeGreaterThan(0.95);
  });

  it('is the one or the other at the ends', () => {
    const [first, second] = [disc(40, 40, 15, 20, 6), disc(40, 40, 24, 20, 7)];
    expect(blendMasks(first, second, 0, 40, 40)).toEqual(first);
    expect(blendMasks(first, second, 1, 40, 40)).toEqual(second);
  });
});

describe('enlargeMask', () => {
  it('gives a reduced disc back, also where the size is no multiple of the factor', () => {
    const full = { width: 101, height: 77 };
    const mask = disc(full.width, full.height, 50, 40, 22);
    const reduced = reduceMask(mask, full, 3);
    const enlarged = enlargeMask(reduced, { width: 33, height: 25 }, 3, full);
    expect(overlap(enlarged, mask)).toBeGreaterThan(0.95);
  });
});

describe('ColourModel', () => {
  it('knows the colours that it has seen', () => {
    const halves = picture(20, 10, (x) => (x < 10 ? [200, 128, 128] : [40, 90, 180]));
    const left = ColourModel.of(
      halves,
      Array.from({ length: 200 }, (_, pixel) => (pixel % 20 < 10 ? 1 : 0)),
    );
    const right = ColourModel.of(
      halves,
      Array.from({ length: 200 }, (_, pixel) => (pixel % 20 < 10 ? 0 : 1)),
    );
    if (left === null || right === null) throw new Error('both have pixels');
    // Smoothing leaves a half of each channel's share in its own bin: an eighth in all.
    expect(left.probability(halves.samples, 0)).toBeCloseTo(0.125, 3);
    expect(left.probability(halves.samples, 3 * 15)).toBeLessThan(1e-4);
    const mixed = left.towards(right, 0.25);
    expect(mixed.probability(halves.samples, 0)).toBeCloseTo(0.75 * 0.125, 3);
  });

  it('is null without pixels', () => {
    expect(
      ColourModel.of(
        picture(2, 2, () => [0, 0, 0]),
        [0, 0, 0, 0],
      ),
    ).toBeNull();
  });
});

describe('the background', () => {
  const still = identityMotion();
  const ground = (x: number, y: number) => [100 + ((7 * x + 3 * y) % 20), 128, 128];

  it('is what most frames agree on, and what differs from it stands before it', () => {
    const frames = Array.from({ length: 9 }, (_, frame) =>
      picture(30, 20, (x, y) => (x >= 3 * frame && x < 3 * frame + 4 ? [20, 200, 60] : ground(x, y))),
    );
    const background = buildBackground(
      frames.map((one) => ({ picture: one, toReference: still, hidden: null })),
    );
    expect(background.samples).toEqual(picture(30, 20, ground).samples);
    const window = { x: 0, y: 0, width: 30, height: 20 };
    const odds = foregroundOdds(frames[4], window, still, background);
    for (let x = 0; x < 30; x++) {
      if (x >= 12 && x < 16) expect(odds[x]).toBeGreaterThan(2);
      else expect(odds[x]).toBeLessThan(-3);
    }
  });

  it('says nothing where too few frames show a place, or where a mask hides it', () => {
    const frames = Array.from({ length: 6 }, () => picture(10, 10, ground));
    const hidden = new Uint8Array(100).fill(255);
    const background = buildBackground(
      frames.map((one, frame) => ({ picture: one, toReference: still, hidden: frame < 3 ? hidden : null })),
    );
    const odds = foregroundOdds(frames[0], { x: 0, y: 0, width: 10, height: 10 }, still, background);
    expect(new Set(odds)).toEqual(new Set([0]));
    const none = foregroundOdds(frames[0], { x: 2, y: 2, width: 3, height: 3 }, still, buildBackground([]));
    expect([...none]).toEqual(Array(9).fill(0));
  });
});

describe('findShift', () => {
  it('finds where a shape went, also when half of it is covered', () => {
    const texture = (x: number, y: number) => [
      128 + 60 * Math.sin(x / 2.3) + 60 * Math.cos((x + 2 * y) / 5),
      128,
      128,
    ];
    const before = picture(80, 60, (x, y) => (x < 20 && y < 20 ? texture(x, y) : [120, 128, 128]));
    const after = picture(80, 60, (x, y) => {
      const [u, v] = [x - 31, y - 17];
      return u >= 0 && v >= 0 && u < 10 && v < 20 ? texture(u, v) : [120, 128, 128];
    });
    const core = Array.from({ length: 400 }, (_, at) => (at % 20) + 80 * Math.floor(at / 20));
    const shift = findShift(before, core, after, { x: 20, y: 10 }, 16);
    expect([shift.x, shift.y]).toEqual([31, 17]);
  });
});

describe('fitAffineFlow', () => {
  it('finds the motion of most points', () => {
    const [width, height] = [40, 30];
    const truth = [2, 0.02, -0.01, -1, 0.03, 0.01];
    const flow = new Float32Array(2 * width * height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      // A fifth moves otherwise.
      const stray = pixel % 10 === 4 || pixel % 10 === 8;
      flow[2 * pixel] = stray ? -20 : truth[0] + truth[1] * x + truth[2] * y;
      flow[2 * pixel + 1] = stray ? 9 : truth[3] + truth[4] * x + truth[5] * y;
    }
    const fit = fitAffineFlow(flow, new Uint8Array(width * height).fill(255), width);
    const at = (a: ArrayLike<number>, x: number, y: number) => [
      a[0] + a[1] * x + a[2] * y,
      a[3] + a[4] * x + a[5] * y,
    ];
    for (const [x, y] of [
      [0, 0],
      [39, 0],
      [20, 29],
    ]) {
      expectClose(at(fit, x, y), at(truth, x, y), { atol: 0.25 });
    }
  });

  it('is no motion where hardly a point counts', () => {
    expect([...fitAffineFlow(new Float32Array(200).fill(5), new Uint8Array(100), 10)]).toEqual(
      Array(6).fill(0),
    );
  });
});

describe('cutObject', () => {
  it('follows the edge of the picture where the odds are doubtful', () => {
    const edge = picture(30, 20, (x) => (x < 14 ? [60, 128, 128] : [200, 128, 128]));
    const odds = new Float32Array(600);
    for (let y = 0; y < 20; y++) {
      odds[y * 30 + 4] = 9;
      odds[y * 30 + 25] = -9;
    }
    const row = cutObject(edge, odds).subarray(0, 30);
    expect([...row]).toEqual(Array.from({ length: 30 }, (_, x) => (x < 14 ? 255 : 0)));
  });
});

describe('trackPicture', () => {
  it('averages luma blocks and stretches colour differences', () => {
    const layout = { width: 4, height: 2, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;
    const planes = [
      Uint8Array.of(10, 20, 1, 1, 30, 40, 1, 1),
      Uint8Array.of(138, 0),
      Uint8Array.of(120, 255),
    ] as const;
    const { width, height, samples } = trackPicture(planes, layout, 2);
    expect([width, height, ...samples]).toEqual([2, 1, 25, 148, 112, 1, 0, 255]);
  });

  it('measures the distance between a pixel and a place between pixels', () => {
    const ramp = picture(3, 1, (x) => [10 * x, 100, 100]);
    // 5 levels of luma alone, over three channels.
    expect(sampleDistance(ramp.samples, 0, ramp, 0.5, 0)).toBeCloseTo(5 / Math.sqrt(3), 6);
  });
});
