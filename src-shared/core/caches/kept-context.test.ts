import { describe, expect, it } from 'vitest';
import { KeptContext, keepingSteps } from './kept-context.ts';

const view = (stepIndex: number) => ({ stepIndex, sample: Float32Array.of(stepIndex) });
const context = Int32Array.of(2, 3);

describe('which steps keep the context', () => {
  it.each([
    ['FrFPrFP', 'x.x..x.'],
    ['FFFFPF', '..xx..'],
    ['FFPFFFP', 'xx..xx.'],
    ['FrFrF', '.....'],
    ['FPFP', 'x.x.'],
  ])('of %s are %s', (letters, expected) => {
    expect(
      keepingSteps(letters)
        .map((keeps) => (keeps ? 'x' : '.'))
        .join(''),
    ).toBe(expected);
  });
});

describe('the kept context', () => {
  const sigmas = Float32Array.of(1, 0.875, 0.75, 0.5, 0.25, 0);
  const kept = (steps: readonly number[]): KeptContext => {
    const result = new KeptContext({ sigmas });
    for (const step of steps) result.keep(view(step), context);
    return result;
  };

  it('is carried on in a straight line over sigma through the last two', () => {
    expect(kept([1]).at(view(2), context)).toEqual({ tokens: context, reach: 0 });
    // From 0.875 and 0.75 on to 0.25: four times the distance of the two.
    expect(kept([0, 1, 2]).at(view(4), context)).toEqual({ tokens: context, reach: 4 });
    expect(kept([0, 2]).at(view(3), context).reach).toBe(1);
  });

  it('is the last two full steps, and is continued from what was saved', () => {
    const saved = kept([0, 1, 3]).save();
    expect(saved.map(({ stepIndex }) => stepIndex)).toEqual([1, 3]);
    expect(new KeptContext({ sigmas }, saved).at(view(4), context)).toEqual(
      kept([1, 3]).at(view(4), context),
    );
  });

  it.each([
    // Before a partial step both; after it one full step follows, so one of before; after two none; at the end none.
    ['FFPrFP', 2, [0, 1]],
    ['FFPrFP', 3, [1]],
    ['FFPFFP', 3, []],
    ['FFPrFP', 5, [0, 1]],
    ['FFPrFr', 3, []],
  ])('of %s before step %i is still needed of %j', (letters, nextStep, expected) => {
    const needed = kept([0, 1]).stillNeeded(letters, nextStep);
    expect(needed.map(({ stepIndex }) => stepIndex)).toEqual(expected);
  });
});
