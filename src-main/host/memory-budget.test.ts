import { expect, it } from 'vitest';
import { memoryCap } from './memory-budget.ts';

it('the memory cap is a number of gigabytes, or none', () => {
  expect([undefined, '', '6.5'].map(memoryCap)).toEqual([Infinity, Infinity, 6.5e9]);
  for (const wrong of ['much', '0', '-2']) {
    expect(() => memoryCap(wrong)).toThrow(`HETCUT_MEMORY_GB is ${wrong}`);
  }
});
