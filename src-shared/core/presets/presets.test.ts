import { describe, expect, it } from 'vitest';
import { resolveMethod } from '../caches/index.ts';
import { presetMethod, presets, presetSteps, type PresetName } from './index.ts';

describe('presets', () => {
  it('scale the recommended steps, are ordered by speed, and give way to what is asked', () => {
    const steps = (['quality', 'balanced', 'fast'] as PresetName[]).map((preset) => presetSteps(preset, 50));
    expect(steps).toEqual([50, 30, 20]);
    expect(Object.keys(presets)).toHaveLength(3);
    expect(presetSteps('fast', 50, 7)).toBe(7);
    expect(presetSteps('fast', 1)).toBe(1);
  });
});

describe('presetMethod', () => {
  const names = Object.keys(presets) as PresetName[];

  it.each(names)('%s is HetCache with its δ, r and k, and the defaults of the rest', (preset) => {
    const { name, options } = presetMethod(preset);
    const { delta, keep, clusters } = presets[preset];
    expect(name).toBe('hetcache');
    const defaults = resolveMethod({ name: 'hetcache', options: {} }).options;
    expect(options).toEqual({ ...defaults, delta, keep, clusters });
  });

  it('caches more the faster it is', () => {
    const order = ['quality', 'balanced', 'fast'].map((preset) => presets[preset as PresetName]);
    for (const i of [1, 2]) {
      expect(order[i].delta).toBeGreaterThanOrEqual(order[i - 1].delta);
      expect(order[i].keep).toBeLessThanOrEqual(order[i - 1].keep);
    }
  });

  it('is overridden by what is asked, option by option', () => {
    const { options } = presetMethod('fast', { options: { delta: 7, rho: 1.5 } });
    const { keep, clusters } = presets.fast;
    expect(options).toMatchObject({ delta: 7, rho: 1.5, keep, clusters });
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
