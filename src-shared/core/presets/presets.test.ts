import { describe, expect, it } from 'vitest';
import { resolveMethod } from '../caches/index.ts';
import { presetMethod, presetRun, presets, type PresetName } from './index.ts';

const names = Object.keys(presets) as PresetName[];

describe('the run of a preset', () => {
  const of = (recommended: number, asked?: number) =>
    names.map((name) => {
      const { steps, pixelShare } = presetRun(name, recommended, asked);
      return [steps, pixelShare];
    });

  it.each([
    [50, [50, 50, 50], [1, 1, 1]],
    [9, [9, 9, 9], [1, 1, 1]],
    [8, [8, 5, 3], [1, 1, 1]],
    [6, [6, 4, 2], [1, 1, 1]],
    [4, [4, 2, 2], [1, 1, 0.5]],
    [3, [3, 2, 2], [1, 1, 0.5]],
    [2, [2, 2, 2], [1, 0.5, 0.25]],
    [1, [1, 1, 1], [1, 0.5, 0.25]],
  ])(
    'of a model of %i steps goes by steps, then by size, where none can be left out',
    (own, steps, shares) => {
      expect(of(own)).toEqual(steps.map((count, i) => [count, shares[i]]));
    },
  );

  it('differs from its neighbour by half again at least', () => {
    for (const own of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const cost = of(own).map(([steps, share]) => steps * share);
      expect(cost[0] / cost[1]).toBeGreaterThanOrEqual(1.5);
      expect(cost[1] / cost[2]).toBeGreaterThanOrEqual(1.5);
    }
  });

  it('takes the steps that are asked for as they are', () => {
    expect(of(4, 7)).toEqual([
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    expect(of(50, 3)).toEqual([
      [3, 1],
      [3, 1],
      [3, 1],
    ]);
  });
});

describe('presetMethod', () => {
  it.each(names)('%s is HetCache at its pace, with its r and k, and the defaults of the rest', (preset) => {
    const { name, options } = presetMethod(preset);
    expect(name).toBe('hetcache');
    const defaults = resolveMethod({ name: 'hetcache', options: {} }).options;
    expect(options).toEqual({ ...defaults, ...presets[preset] });
  });

  it('is overridden by what is asked, option by option; a δ takes the place of the pace', () => {
    const { keep, clusters } = presets.fast;
    expect(presetMethod('fast', { options: { delta: 7, rho: 1.5 } }).options).toMatchObject({
      pace: 'delta',
      delta: 7,
      rho: 1.5,
      keep,
      clusters,
    });
    expect(presetMethod('fast', { options: { rho: 1.5 } }).options).toMatchObject({ pace: 'fast', rho: 1.5 });
    expect(presetMethod('fast', { options: { delta: 7, pace: 'quality' } }).options).toMatchObject({
      pace: 'quality',
    });
  });

  it('leaves another method its own defaults', () => {
    expect(presetMethod('fast', { method: 'teacache', options: { retention: 5 } })).toEqual({
      name: 'teacache',
      options: { delta: 0.08, input: 'embedding', retention: 5, reuse: 'velocity' },
    });
    expect(presetMethod('quality', { method: 'full' })).toEqual({ name: 'full', options: {} });
  });

  it('refuses what no method has', () => {
    expect(() => presetMethod('fast', { method: 'nocache' })).toThrow(
      expect.objectContaining({ code: 'cache-method', exitCode: 2 }),
    );
    expect(() => presetMethod('fast', { method: 'full', options: { delta: 1 } })).toThrow(
      expect.objectContaining({ code: 'cache-option', exitCode: 2 }),
    );
  });
});
