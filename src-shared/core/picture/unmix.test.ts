import { describe, expect, it } from 'vitest';
import { compositePlanes, limitedTenBits, tenBitAlpha, unmixPlanes } from './index.ts';

const layout = (bitDepth: 8 | 10, range: 'limited' | 'full') => ({
  pixelFormat: { bitDepth, chromaShiftX: 1, chromaShiftY: 1 } as const,
  colour: { matrix: 'bt709', range } as const,
});

describe('limitedTenBits', () => {
  it('leaves planes that are so already as they are', () => {
    const planes = [Uint16Array.of(64), Uint16Array.of(512), Uint16Array.of(1)] as const;
    expect(limitedTenBits(planes, layout(10, 'limited'))).toBe(planes);
  });

  it.each([
    [8, 'limited', [16, 235, 17], [16, 128, 240], [64, 940, 68], [64, 512, 960]],
    [8, 'full', [0, 255, 51], [0, 128, 255], [64, 940, 239], [62, 512, 958]],
    [10, 'full', [0, 1023, 341], [0, 512, 1023], [64, 940, 356], [64, 512, 960]],
  ] as const)('%d bits, %s: black, white, neutral', (depth, range, luma, chroma, deepLuma, deepChroma) => {
    const of = (values: readonly number[]): Uint8Array | Uint16Array =>
      depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
    const [y, cb, cr] = limitedTenBits([of(luma), of(chroma), of(chroma)], layout(depth, range));
    expect([...y]).toEqual(deepLuma);
    expect([...cb]).toEqual(deepChroma);
    expect([...cr]).toEqual(deepChroma);
  });
});

describe('tenBitAlpha', () => {
  it('has opaque and transparent at both ends', () => {
    expect([...tenBitAlpha(Uint8Array.of(0, 1, 128, 255), 8)]).toEqual([0, 4, 514, 1023]);
    const deep = Uint16Array.of(7);
    expect(tenBitAlpha(deep, 10)).toBe(deep);
  });
});

describe('unmixPlanes', () => {
  it('is the opposite of compositePlanes: laid over the source again it makes the same picture', () => {
    const size = { width: 8, height: 2, ...layout(10, 'limited') };
    const chroma = [500, 520, 540, 560];
    const source = [Uint16Array.from({ length: 16 }, (_, i) => 300 + 7 * i), chroma, chroma].map((plane) =>
      Uint16Array.from(plane),
    );
    const laid = [Uint16Array.from({ length: 16 }, (_, i) => 700 - 11 * i), [400, 410, 420, 430], chroma].map(
      (plane) => Uint16Array.from(plane),
    );
    const row = [0, 0, 0.1, 0.35, 0.65, 0.9, 1, 1];
    const weights = Float32Array.from([...row, ...row]);
    const [s, l] = [source, laid].map(([y, cb, cr]) => [y, cb, cr] as const);
    const blended = compositePlanes(s, l, weights, size, size.pixelFormat);
    const found = unmixPlanes(s, blended, weights, size);
    const again = compositePlanes(s, found, weights, size, size.pixelFormat);
    again.forEach((plane, index) => expect([...plane]).toEqual([...blended[index]]));
    // Half a step of the blended one, by the weight through which it is seen.
    row.forEach((weight, x) => {
      if (weight > 0) expect(Math.abs(found[0][x] - laid[0][x])).toBeLessThanOrEqual(0.5 / weight + 0.5);
      else expect(found[0][x]).toBe(source[0][x]);
    });
  });

  it('stays within ten bits', () => {
    const one = (value: number) =>
      [Uint16Array.of(value), Uint16Array.of(value), Uint16Array.of(value)] as const;
    const layoutOfOne = {
      width: 1,
      height: 1,
      pixelFormat: { bitDepth: 10, chromaShiftX: 0, chromaShiftY: 0 },
    } as const;
    const above = unmixPlanes(one(500), one(700), Float32Array.of(0.1), layoutOfOne);
    expect(above.map(([value]) => value)).toEqual([1023, 1023, 1023]);
    const below = unmixPlanes(one(500), one(300), Float32Array.of(0.1), layoutOfOne);
    expect(below.map(([value]) => value)).toEqual([0, 0, 0]);
  });
});
