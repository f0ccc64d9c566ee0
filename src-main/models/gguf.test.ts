import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockFormats, decodeBlocks, type BlockType } from './gguf-blocks.ts';
import { importModel } from './import-model.ts';
import { openModelFolder } from './model-store.ts';
import { openSafetensors, openTensors } from './safetensors.ts';
import { listComfyFiles } from './source-files.ts';
import { encodeBlock, encodeGguf, type BlockNumbers, type GgufTensor } from './testing/gguf-bytes.ts';

const golden = fileURLToPath(new URL('../../e2e/fixtures/golden/J_single_files', import.meta.url));
const wan = join(golden, 'diffusion_models', 'wan_vace_bf16.safetensors');
const vae = join(golden, 'vae', 'wan_vae.safetensors');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-gguf-'));
  path = join(folder, 'model.gguf');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const numbers: Readonly<Record<string, number>> = { F32: 0, F16: 1, Q8_0: 8, Q4_K: 12, Q5_K: 13, Q6_K: 14, BF16: 30 };

/** Numbers that reach every bit of a block; `seed` makes blocks differ. */
function numbersFor(type: BlockType, seed: number): BlockNumbers {
  const { elements } = blockFormats[type];
  const spread = (i: number, range: number): number => ((i + seed) * 73 + 31 * seed) % range;
  const list = (count: number, range: number, from = 0): number[] =>
    Array.from({ length: count }, (_, i) => from + spread(i, range));
  const common = { d: 0.125 * seed, minimumScale: 0.25 };
  if (type === 'Q8_0') return { ...common, quants: list(elements, 256, -128), scales: [], minimums: [] };
  if (type === 'Q6_K') return { ...common, quants: list(elements, 64), scales: list(16, 256, -128), minimums: [] };
  const range = type === 'Q4_K' ? 16 : 32;
  return { ...common, quants: list(elements, range), scales: list(8, 64), minimums: list(8, 64).reverse() };
}

/** What the numbers mean: scale · quant − minimum, the scale of the element's sub-block. */
function meaning(type: BlockType, { quants, scales, minimums, d, minimumScale }: BlockNumbers): number[] {
  return quants.map((q, i) => {
    if (type === 'Q8_0') return d * q;
    if (type === 'Q6_K') return d * scales[Math.floor(i / 16)] * (q - 32);
    const sub = Math.floor(i / 32);
    return d * scales[sub] * q - minimumScale * minimums[sub];
  });
}

const blockTypes = Object.keys(blockFormats) as BlockType[];

describe('blocks', () => {
  it.each(blockTypes)('of %s mean what their numbers say', (type) => {
    const blocks = [1, 2, 3].map((seed) => numbersFor(type, seed));
    const bytes = Buffer.concat(blocks.map((one) => encodeBlock(type, one)));
    expect(bytes.length).toBe(3 * blockFormats[type].bytes);
    expect([...decodeBlocks(bytes, type)]).toEqual(blocks.flatMap((one) => meaning(type, one)).map(Math.fround));
  });

  it.each(blockTypes)('of %s are read in any part of a tensor', async (type) => {
    const blocks = [1, 2, 3].map((seed) => numbersFor(type, seed));
    const bytes = Buffer.concat(blocks.map((one) => encodeBlock(type, one)));
    const shape = [3, blockFormats[type].elements];
    await writeFile(path, encodeGguf([{ name: 'w', shape, type: numbers[type], bytes }]));
    const store = await openTensors(path);
    const tensor = store.get('w');
    expect(tensor).toMatchObject({ type: 'F32', shape, byteLength: 4 * 3 * shape[1] });
    const whole = await store.float32('w');
    expect([...whole]).toEqual(blocks.flatMap((one) => meaning(type, one)).map(Math.fround));
    const part = await store.readBytes(tensor, 4 * 20, 4 * (shape[1] + 7));
    expect([...new Float32Array(part.buffer)]).toEqual([...whole.subarray(20, shape[1] + 7)]);
    await store.close();
  });
});

/** The golden transformer, each matrix as `typeOf` says: in blocks of the first kind that its rows fill, else as it is. */
async function asGguf(typeOf: (name: string) => BlockType): Promise<{ tensors: GgufTensor[]; values: Map<string, number[]> }> {
  const store = await openSafetensors(wan);
  const tensors: GgufTensor[] = [];
  const values = new Map<string, number[]>();
  for (const { name, shape } of store.tensors.values()) {
    const plain = await store.float32(name);
    const type = typeOf(name);
    const { elements } = blockFormats[type];
    if (shape.length !== 2 || plain.length % elements !== 0) {
      tensors.push({ name, shape, type: numbers['F32'], bytes: new Uint8Array(plain.buffer) });
      continue;
    }
    const blocks = Array.from({ length: plain.length / elements }, (_, i) => {
      const shifted = numbersFor(type, 1 + (i % 5));
      return { ...shifted, d: shifted.d / 4096, minimumScale: 1 / 4096 };
    });
    values.set(name, blocks.flatMap((one) => meaning(type, one)).map(Math.fround));
    const bytes = Buffer.concat(blocks.map((one) => encodeBlock(type, one)));
    tensors.push({ name, shape, type: numbers[type], bytes });
  }
  await store.close();
  return { tensors, values };
}

describe('a GGUF file', () => {
  it('is imported as a single file of ComfyUI, its patch weights of five axes too: the same bytes as without blocks', async () => {
    const { tensors, values } = await asGguf((name) => (name.includes('ffn') ? 'Q4_K' : name.includes('cross') ? 'Q6_K' : 'Q8_0'));
    expect(values.size).toBeGreaterThan(20);
    expect(tensors.find(({ name }) => name === 'patch_embedding.weight')?.shape.length).toBe(5);
    await writeFile(path, encodeGguf(tensors));
    // The same numbers in full.
    const plain = join(folder, 'plain.gguf');
    const full = tensors.map((tensor) => {
      const decoded = values.get(tensor.name);
      return decoded === undefined
        ? tensor
        : { ...tensor, type: numbers['F32'], bytes: new Uint8Array(Float32Array.from(decoded).buffer) };
    });
    await writeFile(plain, encodeGguf(full, 2));
    const home = join(folder, 'home');
    const imported = await Promise.all(
      [path, plain].map((file, i) =>
        importModel({ sourceDir: file, files: { transformer: file, vae }, id: `m${i}`, precision: 'fp16', home }),
      ),
    );
    const sums = imported.map(({ manifest }) => manifest.parts.map(({ name, sha256 }) => [name, sha256]));
    expect(sums[0]).toEqual(sums[1]);
    expect((await openModelFolder(home, 'm0')).family.name).toBe('wan-vace');
  });

  it('is among the files of a ComfyUI folder', async () => {
    const { tensors } = await asGguf(() => 'Q8_0');
    const { mkdir, cp } = await import('node:fs/promises');
    for (const name of ['unet', 'vae']) await mkdir(join(folder, 'models', name), { recursive: true });
    await writeFile(join(folder, 'models/unet/wan.gguf'), encodeGguf(tensors));
    await cp(vae, join(folder, 'models/vae/wan_2.1_vae.safetensors'));
    const found = await listComfyFiles(join(folder, 'models'));
    expect(found?.transformers).toEqual([join(folder, 'models/unet/wan.gguf')]);
  });

  const tiny = (type: number, bytes: number, shape = [2, 256]): Uint8Array =>
    encodeGguf([{ name: 'blocks.0.ffn.0.weight', shape, type, bytes: new Uint8Array(bytes) }]);

  async function expectRefused(content: Uint8Array, code: string, message: RegExp): Promise<void> {
    await writeFile(path, content);
    const home = join(folder, 'home');
    const files = { transformer: path, vae };
    const work = importModel({ sourceDir: path, files, id: 'm', precision: 'fp16', home });
    await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(work).rejects.toMatchObject({ message: expect.stringContaining(path) as string });
    expect(await readdir(join(home, 'models')).catch(() => [])).toEqual([]);
  }

  it('is refused where it is cut short, in its header and in its data', async () => {
    const whole = tiny(12, 2 * 144);
    await expectRefused(whole.slice(0, 60), 'weights-damaged', /it ends at byte 60, amid its header/);
    await expectRefused(whole.slice(0, -64), 'weights-damaged', /the data of tensor blocks\.0\.ffn\.0\.weight ends at byte \d+, but the file has \d+ bytes/);
    await writeFile(path, whole);
    await truncate(path, 10);
    await expect(openTensors(path)).rejects.toMatchObject({ code: 'weights-damaged' });
  });

  it('is refused in a kind of blocks that is not read, or unknown, and names those that are', async () => {
    await expectRefused(tiny(10, 2 * 84), 'tensor-type', /blocks\.0\.ffn\.0\.weight is stored as Q2_K/);
    await expectRefused(tiny(99, 2 * 84), 'tensor-type', /is stored as type 99, which is unknown/);
    await expect(openTensors(path)).rejects.toMatchObject({ hint: expect.stringContaining('Q8_0, Q4_K, Q5_K, Q6_K') as string });
    await expectRefused(tiny(12, 200, [2, 100]), 'weights-damaged', /does not fill whole blocks/);
  });

  it('is refused in another version, and where a length cannot be', async () => {
    await expectRefused(encodeGguf([], 1), 'weights-format', /GGUF of version 1/);
    const endless = encodeGguf([]);
    new DataView(endless.buffer).setBigUint64(24, 2n ** 60n, true);
    await expectRefused(endless, 'weights-damaged', /it holds the length 1152921504606846976/);
  });

  it('is refused where its sizes are none, or are said twice and differ', async () => {
    const file = encodeGguf([{ name: 'patch.weight', shape: [1, 2, 1, 2, 2], type: 0, bytes: new Uint8Array(32) }]);
    const view = new DataView(file.buffer);
    // The shape that a key states: five numbers of 32 bits, after their count.
    const key = Buffer.from(file).indexOf('orig_shape.patch.weight') + 'orig_shape.patch.weight'.length + 16;
    view.setInt32(key, -1, true);
    await expectRefused(file, 'weights-damaged', /tensor patch\.weight of \[1, 8\] is said to be \[-1, 2, 1, 2, 2\]/);
    view.setInt32(key, 3, true);
    await expectRefused(file, 'weights-damaged', /is said to be \[3, 2, 1, 2, 2\]/);
    // Its own two: as many as there can be, and none.
    const plain = tiny(0, 0, [0, 2]);
    const dims = Buffer.from(plain).indexOf('blocks.0.ffn.0.weight') + 'blocks.0.ffn.0.weight'.length + 4;
    const huge = new DataView(plain.buffer);
    huge.setBigUint64(dims, 2n ** 52n, true);
    huge.setBigUint64(dims + 8, 2n ** 52n, true);
    await expectRefused(plain, 'weights-damaged', /tensor blocks\.0\.ffn\.0\.weight is \[4503599627370496, 4503599627370496\]/);
  });

  it('is refused where it has lists of lists, which could have no end', async () => {
    const file = encodeGguf([]);
    const list = Buffer.from(file).indexOf('general.tags') + 'general.tags'.length + 4;
    new DataView(file.buffer).setUint32(list, 9, true);
    await expectRefused(file, 'weights-damaged', /a list of its header holds the type 9/);
  });

  it('without its magic is what its first bytes say', async () => {
    const renamed = tiny(12, 2 * 144);
    renamed.set(new TextEncoder().encode('GGML'));
    await expectRefused(renamed, 'weights-damaged', /claims a header/);
  });

  it('of another model says what it seems to be', async () => {
    const other = encodeGguf([{ name: 'double_blocks.0.w', shape: [32], type: 8, bytes: new Uint8Array(34) }]);
    await expectRefused(other, 'single-file-unknown', /FLUX or HunyuanVideo/);
  });
});
