import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../src-main/models/safetensors.ts';
import { expectClose } from '../testing/index.ts';
import { ropeRows, ropeTables } from './index.ts';

describe('ropeTables', () => {
  it('equals the reference', async () => {
    const reference = await openSafetensors('e2e/fixtures/golden/A_wan_vace_dit/case.safetensors');
    const { cos, sin } = ropeTables(3, 4, 5, 32);
    // The reference holds every value twice, once for each element of a pair.
    const everyOther = (values: Float32Array): Float32Array => values.filter((_, i) => i % 2 === 0);
    expectClose(cos, everyOther(await reference.float32('rope_cos')), { atol: 1e-7 });
    expectClose(sin, everyOther(await reference.float32('rope_sin')), { atol: 1e-7 });
    await reference.close();
  });

  it('divides a head of 128 into 44 elements for frames and 42 each for rows and columns', () => {
    const { cos, sin, tokens, columns } = ropeTables(2, 3, 4, 128);
    expect([tokens, columns]).toEqual([24, 64]);
    // The last token: frame 1, row 2, column 3.
    const angle = (column: number): number => Math.atan2(sin[23 * 64 + column], cos[23 * 64 + column]);
    expect(angle(0)).toBeCloseTo(1, 6);
    expect(angle(21)).toBeCloseTo(10000 ** (-42 / 44), 9);
    expect(angle(22)).toBeCloseTo(2, 6);
    expect(angle(43)).toBeCloseTo(3, 6);
    expect(angle(63)).toBeCloseTo(3 * 10000 ** (-40 / 42), 9);
  });
});

describe('ropeRows', () => {
  it('gathers the rows of the tokens it is given, in their order', () => {
    const tables = ropeTables(2, 2, 2, 12);
    const rows = ropeRows(tables, Uint32Array.of(7, 0, 3));
    expect([rows.tokens, rows.columns]).toEqual([3, 6]);
    for (const part of ['cos', 'sin'] as const) {
      const expected = [7, 0, 3].flatMap((index) => [...tables[part].slice(index * 6, index * 6 + 6)]);
      expect([...rows[part]]).toEqual(expected);
    }
  });
});
