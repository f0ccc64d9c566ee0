import { expect, it } from 'vitest';
import { requireFinite } from './finite.ts';

it('passes finite numbers on and names the stage of others', () => {
  const values = Float32Array.of(0, -3.4e38, 1e-45);
  expect(requireFinite(values, 'sampling')).toBe(values);
  for (const bad of [NaN, Infinity, -Infinity]) {
    const check = () => requireFinite(Float32Array.of(1, 2, bad), 'the VAE decoder', ' of window 2');
    expect(check).toThrow(/in the VAE decoder of window 2\./);
    expect(check).toThrow(expect.objectContaining({ code: 'not-finite', exitCode: 1 }));
  }
});
