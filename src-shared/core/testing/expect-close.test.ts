import { describe, expect, it } from 'vitest';
import { expectClose } from './index.ts';

describe('expectClose', () => {
  it('accepts what is within atol + rtol·|expected|', () => {
    expectClose([1, 2.001], [1, 2], { atol: 0.002 });
    expectClose([101, -99], [100, -100], { rtol: 0.011 });
    expectClose(new Float32Array([0.5]), new Float32Array([0.5]), {});
    expectClose([], [], { atol: 0 });
    expectClose([Infinity], [Infinity], { atol: 1 });
  });

  it('names the worst element', () => {
    expect(() => expectClose([0, 0.5, 3, 0.1], [0, 0, 0, 0], { atol: 0.2 })).toThrow(
      /2 of 4 elements .* worst at index 2: actual 3, expected 0, difference 3/,
    );
  });

  it('fails on NaN on either side, whatever the tolerance', () => {
    expect(() => expectClose([NaN], [0], { atol: Infinity })).toThrow(/actual NaN/);
    expect(() => expectClose([0], [NaN], { atol: 1e9 })).toThrow(/expected NaN/);
    expect(() => expectClose([NaN], [NaN], { atol: 1 })).toThrow(/index 0/);
    expect(() => expectClose([5, NaN], [0, 0], { atol: 1 })).toThrow(/index 1/);
  });

  it('fails on infinities that do not match', () => {
    expect(() => expectClose([Infinity], [-Infinity], { rtol: 1 })).toThrow();
    expect(() => expectClose([1], [Infinity], { rtol: 1 })).toThrow();
  });

  it('fails on another length', () => {
    expect(() => expectClose([1], [1, 2], { atol: 1 })).toThrow(/1 elements, expected 2/);
  });
});
