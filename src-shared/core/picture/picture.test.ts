import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import {
  compositePlanes,
  harmonise,
  planesToRgb,
  resizeMask,
  resizePlanar,
  rgbToPlanes,
  type PictureLayout,
} from './index.ts';

function layout(
  width: number,
  height: number,
  shift: readonly [0 | 1, 0 | 1],
  options: Partial<PictureLayout['colour']> & { bitDepth?: 8 | 10 } = {},
): PictureLayout {
  const { matrix = 'bt709', range = 'limited', bitDepth = 8 } = options;
  return {
    width,
    height,
    pixelFormat: { bitDepth, chromaShiftX: shift[0], chromaShiftY: shift[1] },
    colour: { matrix, range },
  };
}

const whole = (picture: PictureLayout) => ({ x: 0, y: 0, width: picture.width, height: picture.height });

describe('colour', () => {
  // The standards' own code values of pure colours.
  const known = [
    { matrix: 'bt709', range: 'limited', bitDepth: 8, rgb: [1, 1, 1], codes: [235, 128, 128] },
    { matrix: 'bt709', range: 'limited', bitDepth: 8, rgb: [1, 0, 0], codes: [63, 102, 240] },
    { matrix: 'bt601', range: 'limited', bitDepth: 8, rgb: [1, 0, 0], codes: [81, 90, 240] },
    { matrix: 'bt601', range: 'limited', bitDepth: 8, rgb: [0, 0, 1], codes: [41, 240, 110] },
    { matrix: 'bt2020', range: 'limited', bitDepth: 10, rgb: [0, 1, 0], codes: [658, 189, 100] },
    { matrix: 'bt601', range: 'full', bitDepth: 8, rgb: [0, 1, 0], codes: [150, 44, 21] },
  ] as const;

  it.each(known)('codes $rgb in $matrix, $range, $bitDepth bit', ({ rgb, codes, ...colour }) => {
    const picture = layout(1, 1, [0, 0], colour);
    const planes = rgbToPlanes(Float32Array.from(rgb), { width: 1, height: 1 }, picture);
    expect(planes.map((plane) => plane[0])).toEqual(codes);
    expectClose(planesToRgb(planes, picture, whole(picture)), rgb, { atol: 0.006, rtol: 0 });
  });

  it('gives every in-gamut sample back, for all matrices, ranges and depths', () => {
    const colours = fc.record({
      matrix: fc.constantFrom('bt601', 'bt709', 'bt2020'),
      range: fc.constantFrom('limited', 'full'),
      bitDepth: fc.constantFrom<8 | 10>(8, 10),
    });
    const values = fc.array(fc.double({ min: 0.02, max: 0.98, noNaN: true }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(colours, values, (colour, rgb) => {
        const picture = layout(2, 2, [0, 0], colour);
        const planes = rgbToPlanes(Float32Array.from(rgb), picture, picture);
        const again = rgbToPlanes(planesToRgb(planes, picture, whole(picture)), picture, picture);
        expect(again).toEqual(planes);
      }),
      { seed: 3 },
    );
  });

  it('interpolates 4:2:0 chroma from its left-sited positions', () => {
    const picture = layout(4, 2, [1, 1], { range: 'full' });
    const gray = new Uint8Array(8).fill(100);
    const rgb = planesToRgb(
      [gray, new Uint8Array([128, 128]), new Uint8Array([128, 168])],
      picture,
      whole(picture),
    );
    // Red rises by 1.5748 · 40/255 from luma column 0 to 2; column 1 lies half-way, column 3 holds.
    const rise = (1.5748 * 40) / 255;
    const red = [0, rise / 2, rise, rise].map((value) => value + 100 / 255);
    expectClose(rgb.subarray(0, 4), red, { atol: 1e-6, rtol: 0 });
  });

  it('cuts a region out of the whole', () => {
    const picture = layout(7, 5, [1, 1]);
    const planes = [
      Uint8Array.from({ length: 35 }, (_, i) => 20 + 5 * i),
      Uint8Array.from({ length: 12 }, (_, i) => 100 + 4 * i),
      Uint8Array.from({ length: 12 }, (_, i) => 150 - 3 * i),
    ] as const;
    const all = planesToRgb(planes, picture, whole(picture));
    const part = planesToRgb(planes, picture, { x: 3, y: 2, width: 3, height: 2 });
    const expected = [0, 1, 2].flatMap((c) =>
      [2, 3].flatMap((y) => [3, 4, 5].map((x) => all[c * 35 + y * 7 + x])),
    );
    expect([...part]).toEqual(expected);
  });
});

describe('resizePlanar', () => {
  it('keeps a flat picture flat, and a straight ramp straight away from the edges', () => {
    const flat = resizePlanar(
      new Float32Array(35).fill(0.3),
      { channels: 1, width: 7, height: 5 },
      { width: 16, height: 3 },
    );
    expectClose(flat, new Float32Array(48).fill(0.3), { atol: 1e-6, rtol: 0 });
    const ramp = Float32Array.from({ length: 32 }, (_, i) => i);
    const doubled = resizePlanar(ramp, { channels: 1, width: 32, height: 1 }, { width: 64, height: 1 });
    const straight = Float32Array.from({ length: 56 }, (_, i) => (i + 4 + 0.5) / 2 - 0.5);
    expectClose(doubled.subarray(4, 60), straight, { atol: 1e-5, rtol: 0 });
  });

  it('averages what it shrinks instead of picking samples', () => {
    const stripes = Float32Array.from({ length: 64 }, (_, i) => i % 2);
    const small = resizePlanar(stripes, { channels: 1, width: 64, height: 1 }, { width: 16, height: 1 });
    expectClose(small.subarray(2, 14), new Float32Array(12).fill(0.5), { atol: 0.01, rtol: 0 });
  });

  it('keeps channels apart and orders rows and columns', () => {
    const picture = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const same = resizePlanar(picture, { channels: 2, width: 2, height: 2 }, { width: 2, height: 2 });
    expect(same).toEqual(picture);
    const large = resizePlanar(picture, { channels: 2, width: 2, height: 2 }, { width: 8, height: 8 });
    const corners = [0, 7, 56, 63, 64, 71, 120, 127].map((i) => Math.round(large[i]));
    expect(corners).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('resizeMask', () => {
  it('loses no masked pixel when shrinking', () => {
    const mask = new Uint8Array(9 * 7);
    mask[4 * 9 + 5] = 255;
    const small = resizeMask(mask, { width: 9, height: 7 }, { width: 4, height: 3 });
    expect([...small].filter((value) => value === 255).length).toBeGreaterThan(0);
    expect(small[1 * 4 + 2]).toBe(255);
    expect(small[0]).toBe(0);
  });

  it('repeats pixels when enlarging', () => {
    const large = resizeMask(Uint8Array.from([255, 0]), { width: 2, height: 1 }, { width: 4, height: 2 });
    expect([...large]).toEqual([255, 255, 0, 0, 255, 255, 0, 0]);
  });
});

describe('compositePlanes', () => {
  it('leaves every sample alone that an unmasked pixel shares, for any mask and format', () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      shift: fc.constantFrom<[0 | 1, 0 | 1]>([0, 0], [1, 0], [1, 1]),
      bits: fc.infiniteStream(fc.boolean()),
    });
    fc.assert(
      fc.property(cases, ({ width, height, shift, bits }) => {
        const picture = layout(width, height, shift);
        const chroma = Math.ceil(width / (1 << shift[0])) * Math.ceil(height / (1 << shift[1]));
        const planes = (value: number) =>
          [new Uint8Array(width * height), new Uint8Array(chroma), new Uint8Array(chroma)].map((plane) =>
            plane.fill(value),
          ) as [Uint8Array, Uint8Array, Uint8Array];
        const weights = Float32Array.from({ length: width * height }, () => (bits.next().value ? 1 : 0));
        const result = compositePlanes(planes(10), planes(200), weights, picture, picture.pixelFormat);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const masked = weights[y * width + x] === 1;
            expect(result[0][y * width + x]).toBe(masked ? 200 : 10);
            const stride = Math.ceil(width / (1 << shift[0]));
            const sample = (y >> shift[1]) * stride + (x >> shift[0]);
            if (!masked) expect([result[1][sample], result[2][sample]]).toEqual([10, 10]);
          }
        }
      }),
      { seed: 5 },
    );
  });

  it('blends by weight', () => {
    const one = (value: number) =>
      [Uint8Array.of(value), Uint8Array.of(value), Uint8Array.of(value)] as const;
    const { pixelFormat } = layout(1, 1, [0, 0]);
    const size = { width: 1, height: 1 };
    const result = compositePlanes(one(100), one(200), Float32Array.of(0.25), size, pixelFormat);
    expect(result.map((plane) => plane[0])).toEqual([125, 125, 125]);
  });
});

describe('harmonise', () => {
  it('takes an offset out of the generated picture and keeps its detail', () => {
    const size = { width: 16, height: 16 };
    const detail = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));
    const generated = detail.map((value) => value + 0.2);
    const open = new Uint8Array(256);
    for (let y = 5; y < 11; y++) open.fill(255, y * 16 + 5, y * 16 + 11);
    expectClose(harmonise(generated, detail, open, size), detail, { atol: 1e-5, rtol: 0 });
  });

  it('shows the known picture outside the hole', () => {
    const open = Uint8Array.of(0, 255, 0, 0);
    const result = harmonise(Float32Array.of(9, 5, 9, 9), Float32Array.of(1, 0, 2, 3), open, {
      width: 4,
      height: 1,
    });
    expectClose([result[0], result[2], result[3]], [1, 2, 3], { atol: 1e-5, rtol: 0 });
  });
});
