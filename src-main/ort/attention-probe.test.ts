import { describe, expect, it } from 'vitest';
import { expectClose } from '../../src-shared/core/testing/index.ts';
import { attentionProbeFeeds, attentionProbeGraph } from './attention-probe.ts';
import { createOrt } from './index.ts';

describe('attentionProbeGraph', () => {
  it('finds both forms of attention equal on the CPU, computed from its inputs', async () => {
    const session = await createOrt().openBytes(attentionProbeGraph(), { threads: 1 });
    const feeds = attentionProbeFeeds();
    const { difference } = await session.run(feeds);
    expectClose(difference.data as Float32Array, new Float32Array(200 * 128), { atol: 1e-5 });

    // A NaN among the inputs must reach the answer: nothing was computed before the run.
    const data = new Float32Array(feeds.query.data as Float32Array).fill(NaN, 0, 1);
    const spoilt = await session.run({ ...feeds, query: { type: 'float32', dims: feeds.query.dims, data } });
    expect((spoilt.difference.data as Float32Array).some(Number.isNaN)).toBe(true);
    await session.release();
  });
});
