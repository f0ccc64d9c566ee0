import { describe, expect, it } from 'vitest';
import type { PlaneLayout, PicturePlanes } from './planes.ts';
import { composeHole } from './residual.ts';

const width = 40;
const height = 32;
const layout: PlaneLayout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };
const flat = (luma: number, chroma: number): PicturePlanes => [
  new Uint8Array(width * height).fill(luma),
  new Uint8Array((width * height) / 4).fill(chroma),
  new Uint8Array((width * height) / 4).fill(chroma),
];
/** [height, width] with `value` in a box, the last two bounds exclusive. */
function box(
  left: number,
  top: number,
  right: number,
  bottom: number,
  value = 255,
  on = new Uint8Array(width * height),
) {
  for (let y = top; y < bottom; y++) on.fill(value, y * width + left, y * width + right);
  return on;
}
const at = (x: number, y: number) => y * width + x;

describe('composeHole', () => {
  const mask = box(4, 4, 36, 28);

  it('takes over what is confident and leaves the rest as it was', () => {
    const confidence = box(4, 4, 36, 16, 200);
    const { planes, residual } = composeHole(flat(10, 60), flat(90, 70), mask, confidence, layout);
    expect([...residual]).toEqual([...box(4, 16, 36, 28)]);
    expect([planes[0][at(5, 5)], planes[0][at(5, 20)], planes[0][at(0, 0)]]).toEqual([90, 10, 10]);
    // Chroma samples at (2, 2) and (2, 10) of [16, 20].
    expect([planes[1][2 * 20 + 2], planes[1][10 * 20 + 2]]).toEqual([70, 60]);
  });

  it('closes specks and hairlines of doubt from their neighbours', () => {
    const confidence = box(4, 4, 36, 28, 255);
    box(10, 10, 12, 12, 0, confidence);
    box(20, 6, 22, 26, 0, confidence);
    const {
      planes,
      residual,
      confidence: composed,
    } = composeHole(flat(10, 60), flat(90, 70), mask, confidence, layout);
    expect(residual.includes(255)).toBe(false);
    expect([planes[0][at(10, 10)], planes[0][at(21, 15)], planes[1][5 * 20 + 5]]).toEqual([90, 90, 70]);
    expect(composed[at(10, 10)]).toBe(128);
    expect(composed[at(9, 10)]).toBe(255);
  });

  it('drops small known islands inside a rest, but not those that touch the picture', () => {
    const confidence = new Uint8Array(width * height);
    box(18, 14, 22, 18, 255, confidence);
    box(4, 10, 7, 15, 255, confidence);
    const { residual, confidence: composed } = composeHole(
      flat(10, 60),
      flat(90, 70),
      mask,
      confidence,
      layout,
    );
    expect(residual[at(19, 15)]).toBe(255);
    expect(residual[at(5, 12)]).toBe(0);
    expect(composed[at(19, 15)]).toBe(127);
  });

  it('leaves chroma that the picture outside shares', () => {
    const odd = box(5, 5, 15, 15);
    const { planes } = composeHole(flat(10, 60), flat(90, 70), odd, box(5, 5, 15, 15, 255), layout);
    expect(planes[0][at(5, 5)]).toBe(90);
    expect([planes[1][2 * 20 + 2], planes[1][3 * 20 + 3]]).toEqual([60, 70]);
  });
});
