import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  GraphBuilder,
  layoutParameters,
  type FloatType,
  type ParameterLayout,
  type WeightTransform,
} from '../../src-shared/core/graph/index.ts';
import { checkWeights } from './check-weights.ts';
import { openSafetensors } from './safetensors.ts';
import { encodeSafetensors, float32Bytes, type TensorBytes } from './testing/safetensors-bytes.ts';
import { writeWeightFile, type WriteOptions, type WrittenFile } from './weight-writer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-weights-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Wanted {
  readonly shape: readonly number[];
  readonly transform?: WeightTransform;
  readonly type?: FloatType;
}

/** Writes `tensors` as a graph that wants them so would have them; returns the file's bytes. */
async function write(
  tensors: Record<string, TensorBytes>,
  wanted: Record<string, Wanted>,
  options: WriteOptions = {},
): Promise<{ bytes: Buffer; layout: ParameterLayout; written: WrittenFile }> {
  const source = join(folder, 'source.safetensors');
  await writeFile(source, encodeSafetensors(tensors));
  const builder = new GraphBuilder('test');
  for (const [name, { shape, ...rest }] of Object.entries(wanted)) builder.parameter(name, shape, rest);
  const layout = layoutParameters([builder.toModelGraph()], 'test.weights');
  const store = await openSafetensors(source);
  try {
    const { lookup } = checkWeights(layout.parameters, store);
    const path = join(folder, 'test.weights');
    const written = await writeWeightFile(path, layout, store, lookup, options);
    return { bytes: await readFile(path), layout, written };
  } finally {
    await store.close();
  }
}

function floatsAt(bytes: Buffer, layout: ParameterLayout, name: string): number[] {
  const { offset, length } = layout.placements.get(name)!;
  return [...new Float32Array(new Uint8Array(bytes.subarray(offset, offset + length)).buffer)];
}

function halvesAt(bytes: Buffer, layout: ParameterLayout, name: string): number[] {
  const { offset, length } = layout.placements.get(name)!;
  return [...new Uint16Array(new Uint8Array(bytes.subarray(offset, offset + length)).buffer)];
}

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
const bfloat16 = (shape: number[], bits: number[]): TensorBytes => ({
  type: 'BF16',
  shape,
  bytes: new Uint8Array(Uint16Array.from(bits).buffer),
});

describe('writeWeightFile', () => {
  it('puts every parameter at its page, zeros between, and hashes what it wrote', async () => {
    const { bytes, layout, written } = await write(
      { a: float32Bytes([3], [1, 2, 3]), b: float32Bytes([1], [4]) },
      { a: { shape: [3] }, b: { shape: [1] } },
    );
    expect(layout.placements.get('b')).toEqual({ file: 'test.weights', offset: 4096, length: 4 });
    expect(floatsAt(bytes, layout, 'a')).toEqual([1, 2, 3]);
    expect(floatsAt(bytes, layout, 'b')).toEqual([4]);
    expect(bytes.subarray(12, 4096).every((byte) => byte === 0)).toBe(true);
    expect(written).toEqual({ bytes: 4100, sha256: createHash('sha256').update(bytes).digest('hex') });
  });

  it('transposes [out, in] to [in, out]', async () => {
    const { bytes, layout } = await write(
      { w: float32Bytes([2, 3], [1, 2, 3, 4, 5, 6]) },
      { w: { shape: [2, 3], transform: 'transpose' } },
    );
    expect(floatsAt(bytes, layout, 'w')).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('lays a patch convolution out with the channel fastest', async () => {
    // [D 2, C 3, 1, 2, 2]; the value says where it was: D·100 + C·10 + (row·2 + column).
    const values = count(2).flatMap((d) =>
      count(3).flatMap((c) => count(4).map((p) => d * 100 + c * 10 + p)),
    );
    const { bytes, layout } = await write(
      { w: float32Bytes([2, 3, 1, 2, 2], values) },
      { w: { shape: [2, 3, 1, 2, 2], transform: 'patch' } },
    );
    const expected = count(4).flatMap((p) => count(3).flatMap((c) => [c * 10 + p, 100 + c * 10 + p]));
    expect(floatsAt(bytes, layout, 'w')).toEqual(expected);
  });

  it('converts between the stored and the wanted types, also while transposing', async () => {
    const { bytes, layout } = await write(
      {
        // 1, -2, 0.5, 3 in bfloat16
        fromBf16: bfloat16([2, 2], [0x3f80, 0xc000, 0x3f00, 0x4040]),
        toHalf: float32Bytes([2], [1, -2]),
        both: bfloat16([2, 2], [0x3f80, 0xc000, 0x3f00, 0x4040]),
        half: { type: 'F16', shape: [1], bytes: new Uint8Array(Uint16Array.of(0x3c01).buffer) },
        widened: { type: 'F16', shape: [1], bytes: new Uint8Array(Uint16Array.of(0xc000).buffer) },
      },
      {
        fromBf16: { shape: [2, 2] },
        toHalf: { shape: [2], type: 'float16' },
        both: { shape: [2, 2], transform: 'transpose', type: 'float16' },
        half: { shape: [1], type: 'float16' },
        widened: { shape: [1] },
      },
    );
    expect(floatsAt(bytes, layout, 'fromBf16')).toEqual([1, -2, 0.5, 3]);
    expect(halvesAt(bytes, layout, 'toHalf')).toEqual([0x3c00, 0xc000]);
    expect(halvesAt(bytes, layout, 'both')).toEqual([0x3c00, 0x3800, 0xc000, 0x4200]);
    expect(halvesAt(bytes, layout, 'half')).toEqual([0x3c01]);
    expect(floatsAt(bytes, layout, 'widened')).toEqual([-2]);
  });

  it('is right across the borders of its pieces', async () => {
    // More than two pieces of 2^21 elements, once straight and once transposed in bands.
    const length = 5_000_001;
    const values = Float32Array.from({ length }, (_, i) => i);
    const tensor: TensorBytes = { type: 'F32', shape: [3, length / 3], bytes: new Uint8Array(values.buffer) };
    const pieces: number[] = [];
    const { bytes, layout } = await write(
      { straight: tensor, turned: tensor },
      { straight: { shape: tensor.shape }, turned: { shape: tensor.shape, transform: 'transpose' } },
      { onBytes: (size) => pieces.push(size) },
    );
    expect(pieces.length).toBe(6);
    expect(pieces.reduce((sum, size) => sum + size, 0)).toBe(8 * length);
    expect(floatsAt(bytes, layout, 'straight').every((value, i) => value === i)).toBe(true);
    const columns = length / 3;
    const isTurned = (value: number, i: number): boolean => value === (i % 3) * columns + Math.floor(i / 3);
    expect(floatsAt(bytes, layout, 'turned').every(isTurned)).toBe(true);
  });

  it('refuses what float16 cannot hold', async () => {
    const failure = write({ w: float32Bytes([1], [70000]) }, { w: { shape: [1], type: 'float16' } });
    await expect(failure).rejects.toMatchObject({
      code: 'weight-overflow',
      message: expect.stringContaining('tensor w') as string,
    });
  });

  it('stops when cancelled', async () => {
    const failure = write(
      { w: float32Bytes([1], [1]) },
      { w: { shape: [1] } },
      { signal: AbortSignal.abort() },
    );
    await expect(failure).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
  });
});
