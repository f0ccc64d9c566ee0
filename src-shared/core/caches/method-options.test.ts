import { describe, expect, it } from 'vitest';
import { resolveOptions, type OptionTable } from './method-options.ts';

const table = {
  share: { kind: 'number', min: 0, max: 1, default: 0.5, help: 'Higher: more.' },
  times: { kind: 'number', min: 1, max: 9, whole: true, default: 3, help: 'Higher: more often.' },
  mode: { kind: 'choice', values: ['near', 'far'], default: 'near', help: 'Which end.' },
} as const satisfies OptionTable;
const resolve = (given: Record<string, number | string>) => resolveOptions('toy', table, given);
const refusal = (given: Record<string, number | string>): { message: string; hint: string } => {
  try {
    resolve(given);
  } catch (error) {
    expect(error).toMatchObject({ code: 'cache-option', exitCode: 2 });
    return error as { message: string; hint: string };
  }
  throw new Error('nothing was refused');
};

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolve({})).toEqual({ share: 0.5, times: 3, mode: 'near' });
    expect(resolve({ times: 9, mode: 'far' })).toEqual({ share: 0.5, times: 9, mode: 'far' });
  });

  it('takes the ends of a range, and nothing where 0 is allowed', () => {
    expect(resolve({ share: 0, times: 1 })).toMatchObject({ share: 0, times: 1 });
    expect(resolve({ share: 1, times: 9 })).toMatchObject({ share: 1, times: 9 });
  });

  it('says what was wrong, where, and what would do', () => {
    expect(refusal({ share: 1.5 })).toMatchObject({
      message: 'The option "share" of the method toy is a number from 0 to 1, not 1.5.',
      hint: 'Higher: more. Default: 0.5.',
    });
    expect(refusal({ times: 2.5 }).message).toBe(
      'The option "times" of the method toy is a whole number from 1 to 9, not 2.5.',
    );
    expect(refusal({ mode: 'middle' }).message).toBe(
      'The option "mode" of the method toy is one of near, far, not "middle".',
    );
    expect(refusal({ nonsense: 1 })).toMatchObject({
      message: 'The method toy has no option "nonsense".',
      hint: 'Its options: share, times, mode.',
    });
  });

  it('shows numbers as they are, also those that JSON has no word for', () => {
    expect(refusal({ share: NaN }).message).toMatch(/not NaN\.$/);
    expect(refusal({ share: Infinity }).message).toMatch(/not Infinity\.$/);
    expect(refusal({ share: '0.5' }).message).toMatch(/not "0\.5"\.$/);
  });

  it('is not taken in by names that every object has', () => {
    expect(refusal({ toString: 1 }).message).toContain('no option "toString"');
  });
});
