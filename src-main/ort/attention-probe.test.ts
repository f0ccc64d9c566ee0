import { describe, expect, it } from 'vitest';
import type { TensorMap } from '../engine/network/session.ts';
import { attentionProbeFeeds, attentionProbeGraph, probeCases } from './attention-probe.ts';
import { createOrt } from './index.ts';

describe('attentionProbeGraph', () => {
  it('finds both forms of attention equal on the CPU, computed from its inputs', async () => {
    const session = await createOrt().openBytes(attentionProbeGraph(), { threads: 1 });
    const feeds = attentionProbeFeeds();
    const differences = await session.run(feeds);
    expect([...probeCases.keys()]).toEqual([
      ...['float32-2x64', 'float32-2x128', 'float32-1x384'],
      ...['float16-2x64', 'float16-2x128', 'float16-1x384'],
    ]);
    const largest = (values: TensorMap, name: string): number =>
      (values[name].data as Float32Array).reduce((most, value) => Math.max(most, value), 0);
    for (const [name, { type, tolerance, heads, headDim }] of probeCases) {
      expect(differences[name].dims).toEqual([1, 200, heads * headDim]);
      // The CPU has no attention in float16: it computes in float32 and rounds the result, of up to 2, once.
      expect(largest(differences, name)).toBeLessThan(type === 'float32' ? 1e-5 : 1.1e-3);
      expect(tolerance).toBeGreaterThan(5 * largest(differences, name));
    }

    // A NaN among the inputs must reach every answer: nothing was computed before the run.
    const data = new Float32Array(feeds.query.data as Float32Array).fill(NaN, 0, 1);
    const spoilt = await session.run({ ...feeds, query: { type: 'float32', dims: feeds.query.dims, data } });
    for (const name of probeCases.keys()) {
      expect((spoilt[name].data as Float32Array).some(Number.isNaN)).toBe(true);
    }
    await session.release();
  });
});
