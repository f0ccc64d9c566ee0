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

  it('returns every in-gamut sample, for all matrices, ranges and depths', () => {
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
    // Red rises by 1.5748 · 40/255 from luma column 0 to 2; column 1 is half-way, column 3 holds.
    const rise = (1.5748 * 40) / 255;
    const red = [0, rise / 2, rise, rise].map((value) => value + 100 / 255);
    expectClose(rgb.subarray(0, 4), red, { atol: 1e-6, rtol: 0 });
  });

  it.each([
    ['left', [0, 0.5, 1, 1.5]],
    ['topleft', [0, 0.5, 1, 1.5]],
    ['center', [-0.25, 0.25, 0.75, 1.25]],
    ['bottom', [-0.25, 0.25, 0.75, 1.25]],
  ])('reads and writes chroma where the file says it is: %s', (chromaLocation, columns) => {
    // Red-difference rises by 16 codes a chroma sample; at luma column x it is 128 + 16 · columns[x].
    const base = layout(8, 2, [1, 1], { range: 'full' });
    const picture = { ...base, colour: { ...base.colour, tags: { chromaLocation } } };
    const luma = new Uint8Array(16).fill(100);
    const cr = Uint8Array.of(128, 144, 160, 176);
    const planes = [luma, new Uint8Array(4).fill(128), cr] as const;
    const rgb = planesToRgb(planes, picture, { x: 2, y: 0, width: 4, height: 1 });
    const expected = columns.map((at) => 100 / 255 + (1.5748 * 16 * (at + 1)) / 255);
    expectClose(rgb.subarray(0, 4), expected, { atol: 1e-6, rtol: 0 });
    // Along a straight rise both filters are exact, away from the edges.
    const again = rgbToPlanes(planesToRgb(planes, picture, whole(picture)), picture, picture);
    expect([...again[2].subarray(1, 3)]).toEqual([144, 160]);
  });

  it('interpolates chroma down the rows from where it is', () => {
    const redAt = (chromaLocation: string): number[] => {
      const base = layout(2, 6, [1, 1], { range: 'full' });
      const picture = { ...base, colour: { ...base.colour, tags: { chromaLocation } } };
      const planes = [new Uint8Array(12), new Uint8Array(3).fill(128), Uint8Array.of(128, 144, 160)] as const;
      const rgb = planesToRgb(planes, picture, { x: 0, y: 2, width: 1, height: 2 });
      return [...rgb.subarray(0, 2)].map((red) => (red * 255) / (1.5748 * 16));
    };
    expectClose(redAt('left'), [0.75, 1.25], { atol: 1e-6 });
    expectClose(redAt('topleft'), [1, 1.5], { atol: 1e-6 });
    expectClose(redAt('bottomleft'), [0.5, 1], { atol: 1e-6 });
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
  it('keeps a flat picture flat', () => {
    const flat = resizePlanar(
      new Float32Array(35).fill(0.3),
      { channels: 1, width: 7, height: 5 },
      { width: 16, height: 3 },
    );
    expectClose(flat, new Float32Array(48).fill(0.3), { atol: 1e-6, rtol: 0 });
  });

  // What Pillow's Image.resize(…, LANCZOS) returns for the same numbers.
  it.each([
    [3, [0.19973, 0.78125, 0.34731]],
    [4, [0.0307, 0.71805, 0.705, 0.25581]],
    [
      12,
      [
        -0.00406, 0.00312, 0.09897, 0.4802, 0.92328, 0.94396, 0.60044, 0.52779, 0.76187, 0.59687, 0.16012,
        -0.10752,
      ],
    ],
  ])('is the Lanczos filter of Pillow, to %i samples', (length, expected) => {
    const line = Float32Array.of(0, 0.25, 1, 0.5, 0.75, 0);
    const across = resizePlanar(line, { channels: 1, width: 6, height: 1 }, { width: length, height: 1 });
    expectClose(across, expected, { atol: 6e-6 });
    const down = resizePlanar(line, { channels: 1, width: 1, height: 6 }, { width: 1, height: length });
    expectClose(down, expected, { atol: 6e-6 });
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
    expect(same).not.toBe(picture);
    // Each quarter of the enlarged picture is nearest to its own corner.
    const large = resizePlanar(picture, { channels: 2, width: 2, height: 2 }, { width: 8, height: 8 });
    const quarters = [18, 21, 42, 45, 82, 85, 106, 109].map((i) => Math.round(large[i]));
    expect(quarters).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
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
  it('leaves every sample alone that an unmasked pixel shares, for any mask, format and picture', () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      shift: fc.constantFrom<[0 | 1, 0 | 1]>([0, 0], [1, 0], [1, 1]),
      deep: fc.boolean(),
      weight: fc.infiniteStream(fc.constantFrom(0, 0.25, 1)),
      sample: fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
    });
    const next = (stream: Iterator<number>): number => stream.next().value as number;
    fc.assert(
      fc.property(cases, ({ width, height, shift, deep, weight, sample }) => {
        const picture = layout(width, height, shift, { bitDepth: deep ? 10 : 8 });
        const stride = Math.ceil(width / (1 << shift[0]));
        const chroma = stride * Math.ceil(height / (1 << shift[1]));
        const plane = (length: number) =>
          new (deep ? Uint16Array : Uint8Array)(length).map(() => next(sample) * (deep ? 4 : 1));
        const planes = () => [plane(width * height), plane(chroma), plane(chroma)] as const;
        const source = planes();
        const target = planes();
        const weights = Float32Array.from({ length: width * height }, () => next(weight));
        const result = compositePlanes(source, target, weights, picture, picture.pixelFormat);
        const untouched = new Set<number>();
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const i = y * width + x;
            const blended = Math.round(source[0][i] * (1 - weights[i]) + target[0][i] * weights[i]);
            expect(result[0][i]).toBe(blended);
            if (weights[i] === 0) untouched.add((y >> shift[1]) * stride + (x >> shift[0]));
          }
        }
        for (const i of untouched) expect([result[1][i], result[2][i]]).toEqual([source[1][i], source[2][i]]);
        // Where the whole footprint has weight 1, the chroma is the target's.
        if (weights.every((value) => value === 1)) expect(result).toEqual(target);
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
