import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseCard, shortProcessor, watchDevice } from './watch-device.ts';

describe('the device', () => {
  it('is the first card that nvidia-smi lists, with its memory', () => {
    const csv = 'NVIDIA GeForce RTX 4090, 4104, 24564\nNVIDIA H200, 1, 143771\n';
    expect(parseCard(csv)).toEqual({
      device: 'RTX 4090',
      usedBytes: 4104 * 2 ** 20,
      totalBytes: 24564 * 2 ** 20,
    });
    expect(parseCard('NVIDIA H200, 1, 143771')?.device).toBe('H200');
    for (const other of ['', 'No devices were found', 'NVIDIA H200, [N/A], [N/A]']) {
      expect(parseCard(other), other).toBeUndefined();
    }
  });

  it.each([
    ['Intel(R) Xeon(R) CPU @ 2.20GHz', 'Intel Xeon'],
    ['13th Gen Intel(R) Core(TM) i7-13700K', '13th Gen Intel Core i7-13700K'],
    ['AMD Ryzen 9 7950X 16-Core Processor', 'AMD Ryzen 9 7950X'],
    ['Apple M2 Pro', 'Apple M2 Pro'],
    ['', 'CPU'],
  ])('%s is named %s', (model, short) => {
    expect(shortProcessor(model)).toBe(short);
  });

  it('has a name and memory on this machine', async () => {
    const { device, provider, usedBytes, totalBytes } = await watchDevice()();
    expect(device).not.toBe('');
    expect(usedBytes).toBeGreaterThan(0);
    expect(usedBytes).toBeLessThan(totalBytes);
    if (provider === 'cpu') expect(totalBytes).toBe(totalmem());
  });
});
