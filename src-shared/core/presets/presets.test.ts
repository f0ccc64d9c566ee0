import { describe, expect, it } from 'vitest';
import { presets, presetSteps, type PresetName } from './index.ts';

describe('presets', () => {
  it('scale the recommended steps, are ordered by speed, and give way to what is asked', () => {
    const steps = (['quality', 'balanced', 'fast'] as PresetName[]).map((preset) => presetSteps(preset, 50));
    expect(steps).toEqual([50, 30, 20]);
    expect(Object.keys(presets)).toHaveLength(3);
    expect(presetSteps('fast', 50, 7)).toBe(7);
    expect(presetSteps('fast', 1)).toBe(1);
  });
});
