import { describe, expect, it } from 'vitest';
import { newEdit } from '../../src-shared/project/index.ts';
import { presetStops, stopOf, takeStop } from './preset-stops.ts';

const stops = [
  { delta: 0.01, pace: 'quality' },
  { delta: 0.02 },
  { delta: 0.03 },
  { delta: 0.08, pace: 'balanced' },
  { delta: 0.1 },
  { delta: 0.2, pace: 'fast' },
] as const;
const curve = { presets: ['quality', 'balanced', 'fast'], stops } as const;
const deltas = stops.map(({ delta }) => delta);

describe('the slider', () => {
  it('stands on every schedule of the curve', () => {
    expect(presetStops(curve)).toEqual([
      { preset: 'quality' },
      { preset: 'quality', delta: 0.02 },
      { preset: 'quality', delta: 0.03 },
      { preset: 'balanced' },
      { preset: 'balanced', delta: 0.1 },
      { preset: 'fast' },
    ]);
  });

  it('has the presets alone where no curve is known, and fewer where they do not differ', () => {
    expect(presetStops(undefined).map(({ preset }) => preset)).toEqual(['quality', 'balanced', 'fast']);
    const presets = ['quality', 'fast'] as const;
    expect(presetStops({ presets }).map(({ preset }) => preset)).toEqual(presets);
    expect(presetStops({ presets: ['quality'], stops: [stops[0]] })).toHaveLength(3);
  });

  it('stands where it was moved to', () => {
    const { settings } = newEdit('e', 'E');
    const all = presetStops(curve);
    for (const [index, stop] of all.entries()) {
      takeStop(settings, stop);
      expect(stopOf(settings, all, deltas)).toBe(index);
    }
    expect(settings.methodOptions).toEqual({});
  });

  it.each([
    [0.001, 0],
    [0.025, 1],
    [7, 5],
  ])('stands at the schedule that a δ of %s gives', (delta, index) => {
    const { settings } = newEdit('e', 'E');
    settings.methodOptions['delta'] = delta;
    expect(stopOf(settings, presetStops(curve), deltas)).toBe(index);
  });

  it('stands on a preset before the curve is known', () => {
    const { settings } = newEdit('e', 'E');
    takeStop(settings, { preset: 'balanced', delta: 0.1 });
    expect(stopOf(settings, presetStops(undefined))).toBe(1);
    // One that is not offered runs as the one before it does.
    expect(stopOf({ ...settings, preset: 'balanced' }, presetStops({ presets: ['quality', 'fast'] }))).toBe(
      0,
    );
  });
});
