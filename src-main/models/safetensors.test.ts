import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSafetensors, openWeights } from './safetensors.ts';
import { encodeRaw, encodeSafetensors, float32Bytes } from './testing/safetensors-bytes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-safetensors-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const four = float32Bytes([4], [1, 2, 3, 4]);

describe('openSafetensors', () => {
  it('reads every supported type', async () => {
    const path = await write(
      'all.safetensors',
      encodeSafetensors({
        f32: float32Bytes([2, 2], [1, -2.5, 3, 4]),
        f16: { type: 'F16', shape: [2], bytes: new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer) },
        bf16: { type: 'BF16', shape: [2], bytes: new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer) },
        i64: { type: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(7n, -8n).buffer) },
        i32: { type: 'I32', shape: [], bytes: new Uint8Array(Int32Array.of(-9).buffer) },
        u8: { type: 'U8', shape: [3], bytes: Uint8Array.of(0, 128, 255) },
        bool: { type: 'BOOL', shape: [2], bytes: Uint8Array.of(0, 1) },
        empty: { type: 'F32', shape: [0, 5], bytes: new Uint8Array(0) },
      }),
    );
    const store = await openSafetensors(path);
    expect([...(await store.float32('f32'))]).toEqual([1, -2.5, 3, 4]);
    expect(store.shape('f32')).toEqual([2, 2]);
    expect([...(await store.float32('f16'))]).toEqual([1, -2]);
    expect([...(await store.float32('bf16'))]).toEqual([1, -2]);
    expect([...(await store.int32('i64'))]).toEqual([7, -8]);
    expect([...(await store.int32('i32'))]).toEqual([-9]);
    expect([...(await store.int32('u8'))]).toEqual([0, 128, 255]);
    expect([...(await store.uint8('bool'))]).toEqual([0, 1]);
    expect((await store.float32('empty')).length).toBe(0);
    await store.close();
  });

  it('reads a range of a tensor', async () => {
    const store = await openSafetensors(await write('r.safetensors', encodeSafetensors({ x: four })));
    const bytes = await store.readBytes(store.get('x'), 4, 12);
    expect([...new Float32Array(bytes.buffer)]).toEqual([2, 3]);
    await store.close();
  });

  it('says which tensor is missing or of another kind', async () => {
    const path = await write(
      'm.safetensors',
      encodeSafetensors({
        x: four,
        big: { type: 'I64', shape: [1], bytes: new Uint8Array(BigInt64Array.of(2n ** 40n).buffer) },
      }),
    );
    const store = await openSafetensors(path);
    expect(() => store.get('y.weight')).toThrow(`${path}: tensor y.weight is missing`);
    await expect(store.int32('x')).rejects.toThrow('tensor x is F32, not integers');
    await expect(store.float32('big')).rejects.toThrow('tensor big is I64, not floating-point');
    await expect(store.int32('big')).rejects.toThrow('tensor big is I64, not integers of 32 bits');
    await store.close();
  });

  const whole = encodeSafetensors({ a: four, b: four });
  const entry = (offsets: [number, number], shape = [4], dtype = 'F32'): object => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const data = new Uint8Array(32);
  it.each<[string, Uint8Array, RegExp]>([
    ['a file of 0 bytes', new Uint8Array(0), /0 bytes are no safetensors file/],
    ['a file that ends in the length', whole.subarray(0, 5), /5 bytes are no safetensors file/],
    ['a truncated header', whole.subarray(0, 40), /claims a header of \d+ bytes, but has 40 bytes/],
    [
      'data shorter than the header says',
      whole.subarray(0, -1),
      /data of tensor b ends at byte \d+, but the file has/,
    ],
    ['bytes after the data', encodeRaw({ a: entry([0, 16]) }, data), /16 bytes follow the last tensor/],
    ['another format', new Uint8Array(64).fill(0x50), /claims a header of/],
    ['a header that is not JSON', encodeRaw('{"a": ', data), /header is not JSON/],
    ['a header that is a list', encodeRaw('[1]', new Uint8Array(0)), /header is not JSON/],
    ['a malformed entry', encodeRaw({ a: { dtype: 'F32' } }, data), /entry of tensor a is malformed/],
    ['a negative size', encodeRaw({ a: entry([0, 16], [-4]) }, data), /entry of tensor a is malformed/],
    [
      'overlapping data',
      encodeRaw({ a: entry([0, 16]), b: entry([8, 24]) }, data),
      /tensor b overlaps that of tensor a/,
    ],
    [
      'a gap in the data',
      encodeRaw({ a: entry([0, 16]), b: entry([20, 36]) }, data),
      /gap before the data of tensor b/,
    ],
    [
      'offsets that do not fit the shape',
      encodeRaw({ a: entry([0, 12]) }, data),
      /tensor a of F32 \[4\] needs 16 bytes/,
    ],
    [
      'offsets outside the file',
      encodeRaw({ a: entry([0, 64], [16]) }, data),
      /tensor a ends at byte \d+, but the file/,
    ],
    [
      'an unknown type',
      encodeRaw({ a: entry([0, 16], [16], 'F8_E5M2') }, data),
      /tensor a has the unsupported type F8_E5M2/,
    ],
    [
      'a type that is a word of the language',
      encodeRaw({ a: entry([0, 16], [4], 'toString') }, data),
      /unsupported type/,
    ],
  ])('refuses %s', async (_what, bytes, message) => {
    const path = await write('bad.safetensors', bytes);
    const failure = openSafetensors(path);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({
      name: 'HetcutError',
      message: expect.stringContaining(path) as string,
    });
  });

  it('refuses a path that is not there', async () => {
    await expect(openSafetensors(join(folder, 'none.safetensors'))).rejects.toMatchObject({
      code: 'weights-unreadable',
    });
  });
});

describe('openWeights', () => {
  const index = (weightMap: Record<string, string>): string =>
    JSON.stringify({ metadata: {}, weight_map: weightMap });

  it('opens a single file under any name', async () => {
    await write('my-model.safetensors', encodeSafetensors({ x: four }));
    const store = await openWeights(folder);
    expect([...store.tensors.keys()]).toEqual(['x']);
    await store.close();
  });

  it('opens shards of the transformers layout, leaving out what the index does not name', async () => {
    await write('model-1.safetensors', encodeSafetensors({ a: four, unlisted: four }));
    await write('model-2.safetensors', encodeSafetensors({ b: float32Bytes([1], [5]) }));
    await write(
      'model.safetensors.index.json',
      index({ a: 'model-1.safetensors', b: 'model-2.safetensors' }),
    );
    const store = await openWeights(folder);
    expect([...store.tensors.keys()].sort()).toEqual(['a', 'b']);
    expect([...(await store.float32('b'))]).toEqual([5]);
    expect(store.files.length).toBe(2);
    await store.close();
  });

  it('names the tensor and the shard where the index is wrong', async () => {
    await write('s.safetensors', encodeSafetensors({ a: four }));
    await write(
      'diffusion_pytorch_model.safetensors.index.json',
      index({ a: 's.safetensors', c: 's.safetensors' }),
    );
    await expect(openWeights(folder)).rejects.toThrow(
      `${join(folder, 's.safetensors')}: tensor c is missing`,
    );
  });

  it('names the shard that is not there', async () => {
    await write('model.safetensors.index.json', index({ a: 'gone.safetensors' }));
    await expect(openWeights(folder)).rejects.toThrow(join(folder, 'gone.safetensors'));
  });

  it('does not follow a shard name out of the folder', async () => {
    for (const name of ['../secret.safetensors', '..', '.', '', '/etc/passwd', 'a\\b', 'C:a', 'a\0', 'NUL.safetensors']) {
      await write('model.safetensors.index.json', index({ a: name }));
      await expect(openWeights(folder), name).rejects.toMatchObject({
        code: 'weights-damaged',
        message: expect.stringContaining('not a plain file name') as string,
      });
    }
  });

  it('says that a shard is a folder', async () => {
    await mkdir(join(folder, 'a.safetensors'));
    await write('model.safetensors.index.json', index({ a: 'a.safetensors' }));
    await expect(openWeights(folder)).rejects.toMatchObject({
      code: 'weights-unreadable',
      message: expect.stringContaining('it is no file') as string,
    });
  });

  it('refuses a broken index, an empty folder, a missing folder and two candidates', async () => {
    await expect(openWeights(folder)).rejects.toThrow('no *.safetensors file');
    await expect(openWeights(join(folder, 'none'))).rejects.toMatchObject({ code: 'weights-missing' });
    await write('one.safetensors', encodeSafetensors({ a: four }));
    await write('two.safetensors', encodeSafetensors({ a: four }));
    await expect(openWeights(folder)).rejects.toThrow('one.safetensors, two.safetensors');
    await write('model.safetensors.index.json', '{}');
    await expect(openWeights(folder)).rejects.toThrow('not a shard index');
  });
});
