import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeasuredRow } from '../../src-shared/core/bench/index.ts';
import { openBenchStore } from './bench-store.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-bench-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const row = (delta: number): MeasuredRow => ({
  method: 'hetcache',
  label: `δ ${delta}`,
  options: { delta, keep: 0.7, context: 'analytic' },
  calls: { full: 9, partial: 8, reuse: 33 },
  flops: 1.25e12,
  runs: [
    { network: 4.1, selection: 0.05, bookkeeping: 0.011, encode: 1, decode: 2 },
    { network: 4.2, selection: 0.06, bookkeeping: 0.012, encode: 1.1, decode: 2.1 },
  ],
  peakMemoryMb: 812,
  vsFull: { maskPsnr: 31.25, maskSsim: 0.97, marginPsnr: null, identical: false },
  vsTruth: { maskPsnr: 24.5 },
  session: 1,
});

const sessions = [{ fullRuns: row(0.1).runs }, { fullRuns: row(0.1).runs.slice(1) }];

async function onlyFile(folder: string): Promise<string> {
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  return join(folder, names[0]);
}

describe('bench store', () => {
  it('continues where another process stopped', async () => {
    const first = openBenchStore(home, 'k1');
    await first.writeSessions(sessions);
    await first.writeRow(row(0.1));
    await first.writeRow({ ...row(0.2), vsTruth: null });
    const again = openBenchStore(home, 'k1');
    expect(await again.readRow('hetcache', row(0.1).options)).toEqual(row(0.1));
    expect((await again.readRow('hetcache', row(0.2).options))?.vsTruth).toBeNull();
    // The order in which options are given does not matter; anything else does.
    expect(await again.readRow('hetcache', { context: 'analytic', keep: 0.7, delta: 0.1 })).toEqual(row(0.1));
    expect(await again.readRow('hetcache', row(0.3).options)).toBeNull();
    expect(await again.readRow('teacache', row(0.1).options)).toBeNull();
    expect(await openBenchStore(home, 'k2').readRow('hetcache', row(0.1).options)).toBeNull();
  });

  it('takes a damaged row for a missing one', async () => {
    const store = openBenchStore(home, 'k1');
    await store.writeSessions(sessions);
    await store.writeRow(row(0.1));
    const path = await onlyFile(join(home, 'bench', 'k1', 'rows'));
    const whole = await readFile(path, 'utf8');
    for (const damaged of [
      whole.slice(0, whole.length / 2),
      whole.replace('"flops": 1250000000000', '"flops": null'),
      whole.replace('"version": 1', '"version": 0'),
      whole.replace('"delta": 0.1', '"delta": 0.4'),
    ]) {
      expect(damaged).not.toBe(whole);
      await writeFile(path, damaged);
      expect(await store.readRow('hetcache', row(0.1).options)).toBeNull();
    }
    await store.writeRow(row(0.1));
    expect(await store.readRow('hetcache', row(0.1).options)).toEqual(row(0.1));
  });

  it('keeps the sessions in their order, and no row without its session', async () => {
    const store = openBenchStore(home, 'k1');
    expect(await store.readSessions()).toEqual([]);
    await store.writeRow(row(0.1));
    expect(await store.readRow('hetcache', row(0.1).options)).toBeNull();
    await store.writeSessions(sessions.slice(0, 1));
    expect(await store.readRow('hetcache', row(0.1).options)).toBeNull();
    await store.writeSessions(sessions);
    expect(await store.readRow('hetcache', row(0.1).options)).toEqual(row(0.1));
    expect(await openBenchStore(home, 'k1').readSessions()).toEqual(sessions);
    await writeFile(
      join(home, 'bench', 'k1', 'sessions.json'),
      '{"version": 1, "sessions": [{"fullRuns": []}]}',
    );
    expect(await store.readSessions()).toEqual([]);
    expect(await store.readRow('hetcache', row(0.1).options)).toBeNull();
  });

  it('returns the uncached video bit for bit, in both types, and only undamaged', async () => {
    const store = openBenchStore(home, 'k1');
    const bytes = Uint8Array.from({ length: 24 }, (_, index) => 11 * index);
    // A view that does not begin at its buffer's beginning.
    const halves = new Uint16Array([9, 0x3c00, 0xbc00, 0x7bff, 1, 0xffff, 0]).subarray(1);
    await store.writeReference(0, { shape: [2, 2, 2, 3], samples: bytes });
    await store.writeReference(1, { shape: [3, 1, 2, 1], samples: halves });
    const read = openBenchStore(home, 'k1');
    expect(await read.readReference(0)).toEqual({ shape: [2, 2, 2, 3], samples: bytes });
    expect(await read.readReference(1)).toEqual({ shape: [3, 1, 2, 1], samples: Uint16Array.from(halves) });
    expect(await read.readReference(2)).toBeNull();

    const raw = join(home, 'bench', 'k1', 'reference', 'window-00000.raw');
    // As if the process had died between the two files of a later write.
    await writeFile(raw, bytes.toReversed());
    expect(await read.readReference(0)).toBeNull();
    await truncate(raw, 5);
    expect(await read.readReference(0)).toBeNull();
    await rm(raw);
    expect(await read.readReference(0)).toBeNull();
  });

  it('forgets its own benchmark, and no other, when cleared', async () => {
    const [store, other] = [openBenchStore(home, 'k1'), openBenchStore(home, 'k2')];
    await store.writeSessions(sessions);
    await store.writeRow(row(0.1));
    await store.writeReference(0, { shape: [1], samples: new Uint8Array(1) });
    await other.writeRow(row(0.1));
    await store.clear();
    expect(await store.readRow('hetcache', row(0.1).options)).toBeNull();
    expect(await store.readReference(0)).toBeNull();
    expect(await readdir(join(home, 'bench'))).toEqual(['k2']);
    await store.clear();
  });
});
