import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphBuilder, layoutParameters, type ModelGraph } from '../../src-shared/core/graph/index.ts';
import { createOrt, matmulPeak, type OrtOptions } from './index.ts';
import { loadRuntime } from './runtime-library.ts';

const cpu = { providers: ['cpu'], threads: 1 } as const;

/** output = input · weight, weight [2, 3] in external data. */
function weightedGraph(): ModelGraph {
  const g = new GraphBuilder('weighted');
  const x = g.input('x', 'float32', ['rows', 2]);
  g.output('y', g.op('MatMul', [x, g.parameter('weight', [2, 3])]), ['rows', 3]);
  return g.toModelGraph();
}

describe('createOrt', () => {
  let folder: string;
  let graphPath: string;
  let weightsPath: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hetcut-ort-'));
    graphPath = join(folder, 'weighted.onnx');
    weightsPath = join(folder, 'weighted.weights');
    const graph = weightedGraph();
    await writeFile(graphPath, graph.encode(layoutParameters([graph], 'weighted.weights').placements));
    await writeFile(weightsPath, new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('runs a graph whose weights are next to it, for any length of a dynamic axis', async () => {
    const session = await createOrt().open(graphPath, cpu);
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(['y']);
    for (const rows of [1, 3]) {
      const x = { type: 'float32', dims: [rows, 2], data: new Float32Array(2 * rows).fill(10) } as const;
      const { y } = await session.run({ x });
      expect(y.dims).toEqual([rows, 3]);
      expect([...y.data]).toEqual(Array.from({ length: rows }, () => [50, 70, 90]).flat());
    }
    await session.release();
  });

  it('passes every element type through unchanged', async () => {
    const values = {
      float32: { type: 'float32', dims: [2], data: Float32Array.of(0.5, -3) },
      float16: { type: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0xfbff) },
      int64: { type: 'int64', dims: [2], data: BigInt64Array.of(-5n, 2n ** 60n) },
      int32: { type: 'int32', dims: [2], data: Int32Array.of(-5, 7) },
      bool: { type: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
    } as const;
    const g = new GraphBuilder('pass');
    for (const { type } of Object.values(values)) g.output(`${type}Out`, g.input(type, type, ['n']), ['n']);
    const session = await createOrt().openBytes(g.toModelGraph().encode(new Map()));
    const outputs = await session.run(values);
    for (const [name, value] of Object.entries(values)) expect(outputs[`${name}Out`]).toEqual(value);
    const chosen = await session.run(values, ['int32Out']);
    expect(Object.keys(chosen)).toEqual(['int32Out']);
    await session.release();
  });

  it('names a graph file that is missing, empty or damaged', async () => {
    const ort = createOrt();
    await expect(ort.open(join(folder, 'absent.onnx'), cpu)).rejects.toMatchObject({
      code: 'graph-missing',
      exitCode: 1,
      message: expect.stringContaining('absent.onnx') as string,
    });
    await truncate(graphPath, 0);
    await expect(ort.open(graphPath, cpu)).rejects.toMatchObject({
      code: 'graph-damaged',
      message: expect.stringMatching(/weighted\.onnx: the file is empty \(0 bytes\)/) as string,
    });
    await writeFile(graphPath, 'this is not a graph');
    await expect(ort.open(graphPath, cpu)).rejects.toMatchObject({
      code: 'graph-damaged',
      message: expect.stringMatching(/weighted\.onnx: not a readable ONNX graph/) as string,
      hint: expect.stringContaining('model import') as string,
    });
  });

  it('tells missing, empty and cut-off weights from a damaged graph', async () => {
    const ort = createOrt();
    const unreadable = {
      code: 'weights-unreadable',
      message: expect.stringContaining('weighted.onnx') as string,
    };
    await truncate(weightsPath, 20);
    await expect(ort.open(graphPath, cpu)).rejects.toMatchObject(unreadable);
    await truncate(weightsPath, 0);
    await expect(ort.open(graphPath, cpu)).rejects.toMatchObject(unreadable);
    await rm(weightsPath);
    await expect(ort.open(graphPath, cpu)).rejects.toMatchObject(unreadable);
  });

  it('reports a run with wrong inputs by the graph', async () => {
    const session = await createOrt().open(graphPath, cpu);
    const x = { type: 'float32', dims: [1, 5], data: new Float32Array(5) } as const;
    await expect(session.run({ x })).rejects.toMatchObject({
      code: 'graph-run',
      message: expect.stringMatching(/weighted\.onnx: the run failed .*x/) as string,
    });
    await session.release();
  });

  it('falls back to the CPU and says why for each provider that it skips', async () => {
    const session = await createOrt().open(graphPath, { providers: ['dml', 'cuda', 'cpu'], threads: 1 });
    const names = [...session.skipped.map(({ provider }) => provider), session.provider];
    // On a machine that has one of them the list is shorter; its order and the reasons hold everywhere.
    expect(['dml', 'cuda', 'cpu'].slice(0, names.length)).toEqual(names);
    for (const { reason } of session.skipped) expect(reason).toMatch(/DirectML|CUDA/);
    await session.release();
  });

  /** A machine whose card passes the probe and then takes no model. */
  const fullCard =
    (message: string): NonNullable<OrtOptions['load']> =>
    async () => {
      const runtime = await loadRuntime();
      const create = (model: string | Uint8Array, options: object): Promise<unknown> => {
        const { executionProviders } = options as { executionProviders: readonly string[] };
        if (executionProviders[0] === 'cuda' && typeof model === 'string') throw new Error(message);
        const onCpu = { ...options, executionProviders: ['cpu'] };
        return typeof model === 'string'
          ? runtime.InferenceSession.create(model, onCpu)
          : runtime.InferenceSession.create(model, onCpu);
      };
      return {
        ...runtime,
        InferenceSession: { create },
        listSupportedBackends: () => [{ name: 'cuda', bundled: true }],
      } as unknown as typeof runtime;
    };

  it('leaves the card alone where HETCUT_DEVICE says so, and names a device that there is not', async () => {
    const load = fullCard('the card was asked');
    const onCpu = createOrt({ load, device: 'cpu' });
    const session = await onCpu.open(graphPath);
    expect([session.provider, session.skipped]).toEqual(['cpu', []]);
    expect((await onCpu.describeRuntime()).provider).toBe('cpu');
    await session.release();
    expect(() => createOrt({ load, device: 'abacus' })).toThrow('HETCUT_DEVICE is abacus');
  });

  it('never goes on with the CPU in silence where a card that works does not take a graph', async () => {
    const onFallback = vi.fn<(text: string) => void>();
    const refusing = createOrt({ load: fullCard('CUDNN_STATUS_NOT_SUPPORTED'), onFallback });
    await expect(refusing.open(graphPath)).rejects.toMatchObject({
      code: 'provider-failed',
      message: expect.stringMatching(/weighted\.onnx: CUDA cannot take this graph .*NOT_SUPPORTED/) as string,
      hint: expect.stringContaining('--cpu-fallback') as string,
    });
    await expect(createOrt({ load: fullCard('CUDA out of memory') }).open(graphPath)).rejects.toMatchObject({
      code: 'out-of-memory',
    });
    expect(onFallback).not.toHaveBeenCalled();

    const load = fullCard('CUDA out of memory');
    const session = await createOrt({ load, cpuFallback: true, onFallback }).open(graphPath);
    expect(session.provider).toBe('cpu');
    expect(session.skipped).toContainEqual({ provider: 'cuda', reason: 'CUDA out of memory' });
    expect(onFallback.mock.calls).toEqual([
      ['weighted.onnx runs on the CPU: CUDA cannot take it (CUDA out of memory).'],
    ]);
    await session.release();
  });

  it('uses the one provider that is asked for, or says why it cannot', async () => {
    const onCpu = await createOrt({ device: 'cpu', load: fullCard('no') }).open(graphPath);
    expect([onCpu.provider, onCpu.skipped]).toEqual(['cpu', []]);
    await onCpu.release();
    const onCard = createOrt({ device: 'cuda', load: fullCard('no') });
    expect((await onCard.describeRuntime()).provider).toBe('cuda');
    const load = fullCard('no');
    const absent = createOrt({ device: 'webgpu', load });
    for (const work of [() => absent.open(graphPath), () => absent.describeRuntime()]) {
      await expect(work()).rejects.toMatchObject({
        code: 'device-unusable',
        message: expect.stringMatching(/HETCUT_DEVICE asks for webgpu: .* has no WebGPU/) as string,
      });
    }
    expect(() => createOrt({ device: 'gpu' })).toThrow(/HETCUT_DEVICE is gpu/);
  });

  it('describes every provider', async () => {
    const reports = await createOrt().describeProviders();
    expect(reports.map(({ provider }) => provider)).toEqual(['cuda', 'dml', 'webgpu', 'cpu']);
    expect(reports[3]).toEqual({ provider: 'cpu', usable: true });
    for (const { usable, reason } of reports) expect(usable).toBe(reason === undefined);
  });
});

describe('matmulPeak', () => {
  it('runs its product chains and measures a finite rate', async () => {
    const { gflopPerSec } = await matmulPeak(createOrt(), { threads: 1 });
    expect(gflopPerSec).toBeGreaterThan(0);
    expect(gflopPerSec).toBeLessThan(Infinity);
  });
});
