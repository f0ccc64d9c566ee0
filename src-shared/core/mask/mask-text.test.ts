import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMaskText, decodeMask, encodeMask, maskTextPattern } from './mask-text.ts';

describe('a mask as text', () => {
  it.each([
    ['of 0 and 255', [0, 255]],
    ['with greys', [0, 255, 7, 128]],
  ])('comes back as it was: %s', (_name, values) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...values), { maxLength: 80 }), (pixels) => {
        const mask = Uint8Array.from(pixels);
        const text = encodeMask(mask);
        expect(text).toMatch(maskTextPattern);
        expect(decodeMask(text, mask.length)).toEqual(mask);
      }),
      { seed: 5 },
    );
  });

  it('is checked against any size without being made', () => {
    const text = encodeMask(Uint8Array.from({ length: 50 }, (_, i) => (i > 20 ? 255 : 0)));
    expect(() => checkMaskText(text, 50)).not.toThrow();
    expect(() => checkMaskText(text, 49)).toThrow(RangeError);
    expect(() => checkMaskText('', Number.MAX_SAFE_INTEGER)).not.toThrow();
    expect(() => checkMaskText(text, 2 ** 60)).not.toThrow();
    expect(() => checkMaskText(`${text}g`, 50)).toThrow('damaged');
  });

  it('is empty for an empty mask', () => {
    expect(encodeMask(new Uint8Array(50))).toBe('');
    expect(decodeMask('', 50)).toEqual(new Uint8Array(50));
  });

  it('takes about a digit for each border of a row', () => {
    const [width, height] = [400, 300];
    const disc = Uint8Array.from({ length: width * height }, (_, pixel) =>
      Math.hypot((pixel % width) - 200, Math.floor(pixel / width) - 150) < 100 ? 255 : 0,
    );
    expect(encodeMask(disc).length).toBeLessThan(2.2 * 200);
  });

  it.each([
    ['a number that does not end', 'g'],
    ['more pixels than there are', 'gggB'],
    ['a run shorter than none', 'D'],
  ])('refuses %s', (_name, text) => {
    expect(() => decodeMask(text, 100)).toThrow(RangeError);
  });
});
