import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fakeNvidiaSmi } from '../../gpu/testing/packages.ts';
import { watchCard, watchProcess } from './memory-watch.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-watch-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('memory of a card', () => {
  it('is the most since it was last asked, beyond what was in use at the beginning', async () => {
    const go = join(folder, 'go');
    const script = `echo 500; echo 2500; echo 1500; while [ ! -e '${go}' ]; do sleep 0.05; done; echo 700; sleep 9`;
    const watch = watchCard(await fakeNvidiaSmi(folder, script));
    expect(await watch.peakBytes()).toBe(2000 * 2 ** 20);
    expect(await watch.peakBytes()).toBeUndefined();
    await writeFile(go, '');
    expect(await vi.waitUntil(() => watch.peakBytes(), { timeout: 10_000 })).toBe(200 * 2 ** 20);
    watch.stop();
  });

  it('is unknown without the tool', async () => {
    const watch = watchCard({ PATH: join(folder, 'nowhere') });
    expect(await watch.peakBytes()).toBeUndefined();
    watch.stop();
  });
});

it.runIf(process.platform === 'linux')(
  'memory of the process is forgotten when it was asked for',
  async () => {
    const watch = watchProcess();
    // In a function of its own: nothing holds it afterwards.
    const firstOf = (block: Uint8Array): number => block[0];
    expect(firstOf(new Uint8Array(300 * 2 ** 20).fill(1))).toBe(1);
    const withBlock = (await watch.peakBytes())!;
    expect(withBlock).toBeGreaterThan(300 * 2 ** 20);
    expect(await watch.peakBytes()).toBeLessThanOrEqual(withBlock);
  },
);
