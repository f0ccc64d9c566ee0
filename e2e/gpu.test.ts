import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledRuntime } from '../src-main/gpu/runtime-place.ts';
import { fakeNvidiaSmi, wheelBytes } from '../src-main/gpu/testing/packages.ts';
import type { GpuBenchReport } from '../src-shared/core/bench/index.ts';
import { hetcut, root, type Ended } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

// The provider is for this system only; elsewhere the command says so, which unit tests hold it to.
describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('hetcut gpu', () => {
  let folder: string;
  let home: string;
  /** The command on a machine with that card. */
  let withCard: (...args: string[]) => Promise<Ended>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hetcut-gpu-'));
    home = join(folder, 'home');
    const { PATH } = await fakeNvidiaSmi(folder, `echo 'NVIDIA L4, 580.82.07, 23034, 512, 8.9'`);
    withCard = (...args) => hetcut(args, home, ['env', `PATH=${PATH ?? ''}`]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says why a card is not used and what to do, until it is used', async () => {
    const before = (await withCard('doctor', '--json')).json();
    expect(before).toMatchObject({ ok: false, gpu: { cards: [{ name: 'NVIDIA L4', capability: 8.9 }] } });
    expect(before['problems']).toContainEqual(expect.stringContaining('run `hetcut gpu install`'));

    const { version } = await bundledRuntime();
    const wheel = join(folder, 'gpu.whl');
    await writeFile(wheel, wheelBytes(version));
    expect((await withCard('gpu', 'install', '--from', wheel)).code).toBe(0);
    expect(await readdir(join(home, 'gpu'))).toEqual(['onnxruntime']);

    // This library has no code: the copied ONNX Runtime is asked for it, says so, and still computes on the CPU.
    const after = (await withCard('gpu', 'status', '--json')).json();
    expect(after).toMatchObject({ ok: false, inUse: 'cpu', provider: { installed: { version, cuda: 13 } } });
    expect(after['providers']).toContainEqual({ provider: 'cpu', usable: true });

    expect((await withCard('gpu', 'remove', '--json')).json()).toEqual({ removed: true });
    expect(await readdir(join(home, 'gpu'))).toEqual([]);
  });

  it('answers a package of another version with the reason', async () => {
    const wheel = join(folder, 'old.whl');
    await writeFile(wheel, wheelBytes('1.0.0'));
    const { code, json } = await withCard('gpu', 'install', '--from', wheel, '--json');
    expect(code).toBe(1);
    expect(json()).toMatchObject({ ok: false, code: 'provider-version' });
  });
});

describe('hetcut bench gpu', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hetcut-bench-gpu-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const small = [
    ...['--sizes', '5x32x32', '--method-size', '5x32x32', '--steps', '6'],
    ...['--methods', 'magcache', '--runs', '1'],
  ];

  it('measures a small model at toy size and writes a report that says so', async () => {
    const golden = join(root, 'e2e/fixtures/golden/H_tokenizer');
    const out = join(folder, 'report');
    const args = ['bench', 'gpu', '--toy', ...small, '--golden', golden, '--out', out, '--json'];
    const { code, json } = await hetcut(args, folder);
    expect(code).toBe(0);
    const { parity, calls, vae, text, methods, ...report } = json() as unknown as GpuBenchReport;
    expect(report).toMatchObject({ toy: true, streams: 2, model: { synthetic: true } });
    expect(parity.map(({ precision, failed }) => [precision, failed])).toEqual([
      ['fp32', 0],
      ['fp16', 0],
    ]);
    const timed = [...calls, ...vae, ...text, ...methods];
    expect(timed).toHaveLength(1 + 2 + 3 + 2);
    expect(timed.filter(({ seconds, peakBytes }) => !(seconds! > 0 && peakBytes! > 0))).toEqual([]);
    expect(methods[0].calls).toEqual({ full: 6, partial: 0, reuse: 0 });
    expect(await readFile(join(out, 'report.md'), 'utf8')).toContain('say nothing about a graphics card');
  });

  it('answers sizes that no model takes, and a machine without a card', async () => {
    const size = await hetcut(['bench', 'gpu', '--toy', '--sizes', '5x30x32', '--json'], folder);
    expect(size.json()).toMatchObject({ ok: false, code: 'bench-size' });
    const without = await hetcut(['bench', 'gpu', '--json'], folder);
    expect([without.code, without.json()['code']]).toEqual([1, 'gpu-absent']);
  });
});
