import { describe, expect, it } from 'vitest';
import { composeSheet, type SheetPicture } from './index.ts';

const flat = (width: number, height: number, grey: number): SheetPicture => ({
  width,
  height,
  rgb: new Uint8Array(width * height * 3).fill(grey),
});

const pixel = (sheet: SheetPicture, x: number, y: number): number[] => [
  ...sheet.rgb.subarray((y * sheet.width + x) * 3, (y * sheet.width + x) * 3 + 3),
];

describe('composeSheet', () => {
  it('lays pictures in rows and columns with 8 pixels between and around them', () => {
    const sheet = composeSheet([
      [flat(4, 3, 100), flat(4, 3, 150)],
      [flat(4, 3, 200), flat(4, 3, 250)],
    ]);
    expect([sheet.width, sheet.height]).toEqual([8 + 4 + 8 + 4 + 8, 8 + 3 + 8 + 3 + 8]);
    const greys = new Map<number, number>();
    for (let i = 0; i < sheet.rgb.length; i += 3) greys.set(sheet.rgb[i], (greys.get(sheet.rgb[i]) ?? 0) + 1);
    expect([100, 150, 200, 250].map((grey) => greys.get(grey))).toEqual([12, 12, 12, 12]);
    expect(pixel(sheet, 8, 8)).toEqual([100, 100, 100]);
    expect(pixel(sheet, 12, 8)).toEqual([24, 24, 24]);
    expect(pixel(sheet, 20, 8)).toEqual([150, 150, 150]);
    expect(pixel(sheet, 8, 19)).toEqual([200, 200, 200]);
    expect(pixel(sheet, 23, 21)).toEqual([250, 250, 250]);
  });

  it('keeps the rows of a picture together and aligns columns of different sizes', () => {
    const striped: SheetPicture = {
      width: 2,
      height: 2,
      rgb: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    };
    const sheet = composeSheet([[flat(5, 1, 90), striped], [flat(1, 4, 91)]]);
    expect([sheet.width, sheet.height]).toEqual([8 + 5 + 8 + 2 + 8, 8 + 2 + 8 + 4 + 8]);
    expect(pixel(sheet, 21, 8)).toEqual([1, 2, 3]);
    expect(pixel(sheet, 22, 8)).toEqual([4, 5, 6]);
    expect(pixel(sheet, 21, 9)).toEqual([7, 8, 9]);
    expect(pixel(sheet, 8, 18)).toEqual([91, 91, 91]);
  });

  it('is one gap for no pictures', () => {
    expect(composeSheet([])).toMatchObject({ width: 8, height: 8 });
  });
});
