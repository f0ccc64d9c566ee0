import { describe, expect, it } from 'vitest';
import { BitReader, BitWriter, withPrevention, withoutPrevention } from './bits.ts';

describe('bits of parameter sets', () => {
  it('reads what it writes', () => {
    const out = new BitWriter();
    const codes = [0, 1, 2, 14, 15, 30, 31, 255, 70_000];
    out.u(5, 3);
    codes.forEach((code) => out.ue(code));
    const bits = new BitReader(out.bytes());
    expect(bits.u(3)).toBe(5);
    expect(codes.map(() => bits.ue())).toEqual(codes);
    // 0, 1, −1, 2 are written as 0, 1, 2, 3 (H.264, 9.1.1).
    const signs = new BitWriter();
    [0, 1, 2, 3].forEach((code) => signs.ue(code));
    const signed = new BitReader(signs.bytes());
    expect([0, 0, 0, 0].map(() => signed.se())).toEqual([-0, 1, -1, 2]);
  });

  it('throws where the data ends', () => {
    expect(() => new BitReader(Buffer.from([0, 0])).ue()).toThrow(RangeError);
    expect(() => new BitReader(Buffer.alloc(9)).ue()).toThrow(/too long/);
  });

  it.each([['0000'], ['000001'], ['00000000000000'], ['0102000003000002'], ['ffee']])(
    'hides start codes in %s, and finds it again',
    (hex) => {
      const bare = Buffer.from(hex, 'hex');
      const unit = withPrevention(bare);
      expect(unit.toString('hex')).not.toMatch(/^(..)*00000[012]/);
      expect(withoutPrevention(unit).equals(bare)).toBe(true);
    },
  );
});
