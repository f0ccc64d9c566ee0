import { tmpdir, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { forkHost } from './client.ts';
import { useTsx } from './testing/use-tsx.ts';
import { tryProviders } from './try-providers.ts';
import { shortProcessor, watchDevice } from './watch-device.ts';

useTsx();

describe('the device', () => {
  it.each([
    ['Intel(R) Xeon(R) CPU @ 2.20GHz', 'Intel Xeon'],
    ['13th Gen Intel(R) Core(TM) i7-13700K', '13th Gen Intel Core i7-13700K'],
    ['AMD Ryzen 9 7950X 16-Core Processor', 'AMD Ryzen 9 7950X'],
    ['Apple M2 Pro', 'Apple M2 Pro'],
    ['', 'CPU'],
  ])('%s is named %s', (model, short) => {
    expect(shortProcessor(model)).toBe(short);
  });

  it('has a name and memory on this machine, and is found out again after a provider was installed', async () => {
    let tries = 0;
    const watch = watchDevice(async () => {
      tries++;
      return { version: '1', provider: 'cpu', reports: [] };
    });
    const { device, usedBytes, totalBytes } = await watch.read();
    expect(device).not.toBe('');
    expect(usedBytes).toBeGreaterThan(0);
    expect(usedBytes).toBeLessThan(totalBytes);
    expect(totalBytes).toBe(totalmem());
    await watch.read();
    expect(tries).toBe(1);
    watch.forget();
    await watch.read();
    expect(tries).toBe(2);
  });
});

describe('trying providers', () => {
  it('is done in a process of its own', async () => {
    const { provider, reports, crash } = await tryProviders(forkHost, tmpdir());
    expect(reports.find((one) => one.provider === 'cpu')).toEqual({ provider: 'cpu', usable: true });
    expect(reports.find((one) => one.provider === provider)?.usable).toBe(true);
    expect(crash).toBeUndefined();
  });

  it('says how that process ended over one', async () => {
    const found = await tryProviders((purpose) => {
      const host = forkHost(purpose);
      return { ...host, send: () => host.kill() };
    }, tmpdir());
    expect(found).toMatchObject({
      provider: 'cpu',
      crash: expect.stringMatching(/SIGKILL|code|SIGTERM/) as string,
    });
  });
});
