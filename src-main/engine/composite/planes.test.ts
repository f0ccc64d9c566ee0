import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelFormat, VideoFrame } from '../frames.ts';
import { cropMask } from '../../../src-shared/core/track/index.ts';
import { cutPlanes, evenRect, fullChroma, pastePatch, planeSize } from './planes.ts';

const formats: PixelFormat[] = [
  { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  { name: 'yuv422p10le', bitDepth: 10, chromaShiftX: 1, chromaShiftY: 0 },
  { name: 'yuv444p', bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 },
];

function picture(width: number, height: number, pixelFormat: PixelFormat) {
  const plane = (index: number) => {
    const size = planeSize(index, { width, height }, pixelFormat);
    const values = Array.from({ length: size.width * size.height }, (_, i) => (i * 7 + index * 31) % 251);
    return pixelFormat.bitDepth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  };
  const planes: VideoFrame['planes'] = [plane(0), plane(1), plane(2)];
  return { width, height, pixelFormat, planes };
}

describe('planes', () => {
  it('puts a cut back where it was, for any even rectangle, size and format', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const side = fc.integer({ min: 2, max: 11 });
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        side,
        side,
        share,
        share,
        (format, width, height, left, top) => {
          const source = picture(width, height, format);
          const x = Math.floor(left * (width - 1));
          const y = Math.floor(top * (height - 1));
          const rect = evenRect({ x, y, width: 1, height: 1 }, source);
          expect([rect.x % 2, rect.y % 2]).toEqual([0, 0]);
          const planes = cutPlanes(source.planes, rect, source);
          const blank = planes.map((plane) => plane.map(() => 255)) as unknown as VideoFrame['planes'];
          const painted = pastePatch(source.planes, { rect, planes: blank }, source);
          expect(painted[0][y * width + x]).toBe(255);
          expect(pastePatch(painted, { rect, planes }, source)).toEqual(source.planes);
        },
      ),
      { seed: 2 },
    );
  });

  it('cuts 4:2:0 chroma of the right place', () => {
    const source = picture(8, 6, formats[0]);
    const [luma, cb] = cutPlanes(source.planes, { x: 2, y: 4, width: 4, height: 2 }, source);
    expect([...luma]).toEqual([34, 35, 36, 37, 42, 43, 44, 45].map((i) => (i * 7) % 251));
    expect([...cb]).toEqual([9, 10].map((i) => (i * 7 + 31) % 251));
  });

  it('repeats chroma over the pixels it stood for', () => {
    const source = picture(3, 3, formats[0]);
    const [luma, cb] = fullChroma(source.planes, source);
    expect(luma).toEqual(source.planes[0]);
    const [a, b, c, d] = source.planes[1];
    expect([...cb]).toEqual([a, a, b, a, a, b, c, c, d]);
  });

  it('cuts masks', () => {
    const mask = Uint8Array.from({ length: 20 }, (_, i) => i);
    expect([...cropMask(mask, 5, { x: 1, y: 2, width: 2, height: 2 })]).toEqual([11, 12, 16, 17]);
  });
});
