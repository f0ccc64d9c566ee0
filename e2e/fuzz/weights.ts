import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { modelFamilies } from '../../src-shared/core/families/index.ts';
import { openLoras } from '../../src-main/models/lora.ts';
import {
  openSafetensors,
  openTensors,
  openWeights,
  type TensorStore,
} from '../../src-main/models/safetensors.ts';
import { openSingleFile } from '../../src-main/models/single-file.ts';
import { readSourceFiles } from '../../src-main/models/source-files.ts';
import { planPart, planParts } from '../../src-main/models/part-plan.ts';
import { layoutParameters } from '../../src-shared/core/graph/index.ts';
import { encodeGguf } from '../../src-main/models/testing/gguf-bytes.ts';
import {
  encodeRaw,
  encodeSafetensors,
  float32Bytes,
} from '../../src-main/models/testing/safetensors-bytes.ts';
import { root } from '../hetcut.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { mutatedJson, mutatedJsonText } from './mutate-json.ts';
import { require, subject, writeAll, type Subject } from './subject.ts';

const golden = join(root, 'e2e/fixtures/golden');
const singleFiles = join(golden, 'J_single_files');

/** Reads every tensor of a store that was opened; those that cannot be read as numbers are refused as they should be. */
async function readAll(opening: Promise<TensorStore>, fileBytes: number): Promise<void> {
  const store = await opening;
  try {
    for (const { name, shape, byteLength, offset } of store.tensors.values()) {
      const whole = [byteLength, offset, ...shape].every(
        (value) => Number.isSafeInteger(value) && value >= 0,
      );
      require(whole, `tensor ${name}: [${shape.join()}], ${byteLength} bytes at ${offset}`);
      // Blocks become eight times as large at most.
      require(byteLength <= 8 * fileBytes, `tensor ${name}: ${byteLength} bytes of a file of ${fileBytes}`);
      await store.readBytes(store.get(name));
    }
    for (const name of store.tensors.keys()) await store.float32(name);
  } finally {
    await store.close();
  }
}

const small = encodeSafetensors({
  'blocks.0.weight': float32Bytes([2, 3], [1, 2, 3, 4, 5, 6]),
  'blocks.0.bias': float32Bytes([3], [1, 2, 3]),
  half: { type: 'F16', shape: [2], bytes: new Uint8Array(4) },
  brain: { type: 'BF16', shape: [1, 2], bytes: new Uint8Array(4) },
  eight: { type: 'F8_E4M3', shape: [4], bytes: new Uint8Array(4) },
  ids: { type: 'I64', shape: [], bytes: new Uint8Array(8) },
  none: { type: 'F32', shape: [0, 5], bytes: new Uint8Array(0) },
});

interface Header {
  readonly header: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array;
}

function takeApart(file: Uint8Array): Header {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  return { header: JSON.parse(text) as Header['header'], data: file.subarray(8 + length) };
}

const safetensors = subject('safetensors', 12, async (place) => {
  const path = join(place, 'model.safetensors');
  const { header, data } = takeApart(small);
  const arbitrary = fc.oneof(
    mutatedJsonText([header]).map((text) => Buffer.from(encodeRaw(text, data))),
    mutatedBytes([small]),
  );
  return {
    arbitrary,
    async read(bytes: Buffer) {
      await writeFile(path, bytes);
      await readAll(openSafetensors(path), bytes.length);
    },
  };
});

const number = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, 1, -1));
const tensors = fc.dictionary(
  fc
    .string({ unit: 'binary', minLength: 1 })
    .filter((name) => name !== '__metadata__' && !/\p{Surrogate}/u.test(name)),
  fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return fc.array(number, { minLength: count, maxLength: count }).map((values) => ({ shape, values }));
  }),
  { noNullPrototype: true },
);

const roundTrip = subject('safetensors-round-trip', 2, async (place) => {
  const path = join(place, 'model.safetensors');
  return {
    arbitrary: tensors,
    async read(all: Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>) {
      const entries = Object.entries(all).map(
        ([name, { shape, values }]) => [name, float32Bytes(shape, values)] as const,
      );
      const written: Record<string, ReturnType<typeof float32Bytes>> = {};
      for (const [name, value] of entries) Object.defineProperty(written, name, { value, enumerable: true });
      await writeFile(path, encodeSafetensors(written));
      const store = await openSafetensors(path);
      for (const [name, { shape, values }] of Object.entries(all)) {
        const read = await store.float32(name);
        require(store.shape(name).join() === shape.join(), `the shape of ${name}`);
        require(values.every((value, i) => Object.is(read[i], Math.fround(value))), `the values of ${name}`);
      }
      require(store.tensors.size === Object.keys(all).length, 'the number of tensors');
      await store.close();
    },
  };
});

const gguf = subject('gguf', 8, async (place) => {
  const path = join(place, 'model.gguf');
  const seeds = [2, 3].map((version) =>
    encodeGguf(
      [
        { name: 'blocks.0.ffn.0.weight', shape: [2, 32], type: 8, bytes: new Uint8Array(68) },
        { name: 'patch_embedding.weight', shape: [2, 2, 1, 2, 2], type: 0, bytes: new Uint8Array(64) },
        { name: 'bias', shape: [4], type: 1, bytes: new Uint8Array(8) },
      ],
      version,
    ),
  );
  return {
    arbitrary: mutatedBytes(seeds),
    async read(bytes: Buffer) {
      await writeFile(path, bytes);
      await readAll(openTensors(path), bytes.length);
    },
  };
});

const shards = subject('shard-index', 4, async (place) => {
  const folder = join(place, 'transformer');
  const index = {
    metadata: { total_size: 24 },
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  };
  await writeAll(folder, {
    'model-00001-of-00002.safetensors': encodeSafetensors({ a: float32Bytes([3], [1, 2, 3]) }),
    'model-00002-of-00002.safetensors': encodeSafetensors({ b: float32Bytes([3], [1, 2, 3]) }),
    '../outside.safetensors': encodeSafetensors({ a: float32Bytes([3], [1, 2, 3]) }),
  });
  const names = [
    '..',
    '.',
    '',
    '../outside.safetensors',
    'x\0',
    'model-00001-of-00002.safetensors/',
    'con',
    'NUL.safetensors',
    'a:b',
  ];
  const outside = fc
    .constantFrom(...names)
    .map((name) => JSON.stringify({ ...index, weight_map: { ...index.weight_map, a: name } }));
  return {
    arbitrary: fc.oneof(
      { weight: 4, arbitrary: mutatedJsonText([index]) },
      { weight: 1, arbitrary: outside },
    ),
    async read(text: string) {
      await writeFile(join(folder, 'model.safetensors.index.json'), text);
      const store = await openWeights(folder);
      for (const file of store.files) require(file.startsWith(`${folder}/model-`), `it opened ${file}`);
      await store.close();
    },
  };
});

/** The names and shapes of a file, to be changed. */
async function shapesIn(path: string): Promise<Record<string, readonly number[]>> {
  const store = await openTensors(path);
  await store.close();
  return Object.fromEntries([...store.tensors].map(([name, { shape }]) => [name, shape]));
}

/** What a header of these shapes says, its tensors without data: only the sizes count before anything is read. */
function emptyFile(shapes: Readonly<Record<string, unknown>> | null): Uint8Array {
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes ?? {})) {
    Object.defineProperty(header, name, {
      value: { dtype: 'F32', shape, data_offsets: [0, 0] },
      enumerable: true,
    });
  }
  return encodeRaw(header, new Uint8Array(0));
}

const wanFile = join(singleFiles, 'diffusion_models/wan_vace_bf16.safetensors');
const vaeFile = join(singleFiles, 'vae/wan_vae.safetensors');
const textFile = join(singleFiles, 'text_encoders/umt5_bf16.safetensors');
const ltxTransformer: Record<string, readonly number[]> = {
  'patchify_proj.weight': [128, 128],
  'patchify_context_proj.weight': [128, 384],
  'caption_projection.linear_1.weight': [128, 64],
  'proj_out.weight': [128, 128],
  'transformer_blocks.0.attn1.to_q.weight': [128, 128],
  'transformer_blocks.1.attn1.to_q.weight': [128, 128],
  'transformer_context_blocks.0.before_proj.weight': [128, 128],
  'transformer_context_blocks.0.after_proj.weight': [128, 128],
};

const names = fc.constantFrom(
  'blocks.4294967296.x',
  'vace_blocks.99999999999999999999.y',
  'vace_blocks.1.z',
  'transformer_blocks.5000000000.a',
  'encoder.block.1e9.b',
);
const withMore = (one: unknown, name: string | null): Record<string, unknown> => ({
  ...(one as Record<string, unknown>),
  ...(name === null ? {} : { [name]: [1] }),
});

/** Sizes that come from the names and shapes of single files, to the graphs. */
const layouts = subject('single-file-layouts', 10, async () => {
  const seeds = [await shapesIn(wanFile), await shapesIn(vaeFile), await shapesIn(textFile), ltxTransformer];
  return {
    arbitrary: fc
      .tuple(mutatedJson(seeds), fc.option(names, { freq: 3 }))
      .map(([shapes, name]) => withMore(shapes, name)),
    read(shapes: Record<string, unknown>) {
      const valid = Object.entries(shapes).filter(
        (entry): entry is [string, number[]] =>
          Array.isArray(entry[1]) && entry[1].every((size) => Number.isSafeInteger(size) && size >= 0),
      );
      const map = new Map(valid);
      for (const family of modelFamilies) {
        const { transformer, vae, textEncoder } = family.singleFiles ?? {};
        const parts = [
          ['transformer', transformer, undefined],
          ['vae', vae, undefined],
          ['text-encoder', textEncoder, 'int8'],
        ] as const;
        for (const [part, single, quantised] of parts) {
          if (single?.recognises(map) !== true) continue;
          const config = { folder: '', configPath: 'file', config: single.config(map, 'file') };
          planPart(family, part, config, 'fp16', quantised);
        }
      }
    },
  };
});

/** Whole files of ComfyUI, through everything that is done before weights are written. */
const singles = subject('single-files', 4, async (place) => {
  const path = join(place, 'transformer.safetensors');
  const seed = await shapesIn(wanFile);
  const scaled = await readFile(join(singleFiles, 'diffusion_models/wan_vace_fp8_e4m3fn_scaled.safetensors'));
  const files = { transformer: path, vae: vaeFile, textEncoder: textFile };
  const arbitrary = fc.oneof(
    mutatedJson([seed]).map((shapes) => Buffer.from(emptyFile(shapes as Record<string, unknown>))),
    mutatedBytes([scaled]),
  );
  return {
    arbitrary,
    async read(bytes: Buffer) {
      await writeFile(path, bytes);
      const source = await readSourceFiles(files);
      planParts(source, 'fp16');
      const store = await openSingleFile(source.transformer.file!);
      await store.close();
    },
  };
});

const loras = subject('loras', 8, async (place) => {
  const path = join(place, 'lora.safetensors');
  const source = await readSourceFiles({ transformer: wanFile, vae: vaeFile });
  const plan = planPart(source.family, 'transformer', source.transformer, 'fp32');
  const { parameters } = layoutParameters(plan.graphs, 'weights');
  const layout = source.family.singleFiles!.transformer;
  const seeds = await Promise.all(
    ['kohya', 'peft', 'diff'].map(async (name) =>
      takeApart(await readFile(join(singleFiles, 'loras', `${name}.safetensors`))),
    ),
  );
  // A few modules of each, with their data.
  const pieces = seeds.map(({ header, data }) => {
    const some = Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .slice(0, 9);
    let end = 0;
    const parts: Uint8Array[] = [];
    const entries = some.map(([name, entry]) => {
      const { data_offsets: range, ...rest } = entry as { data_offsets: [number, number] };
      const bytes = data.subarray(...range);
      parts.push(bytes);
      return [name, { ...rest, data_offsets: [end, (end += bytes.length)] }] as const;
    });
    return { header: Object.fromEntries(entries), data: Buffer.concat(parts) };
  });
  const headers = pieces.map(({ header }, index) => ({ index, header }));
  const arbitrary = fc.oneof(
    fc
      .nat({ max: pieces.length - 1 })
      .chain((at) =>
        mutatedJsonText([headers[at].header]).map((text) => Buffer.from(encodeRaw(text, pieces[at].data))),
      ),
    mutatedBytes(pieces.map(({ header, data }) => encodeRaw(header, data))),
    // Sizes that only the file itself names: other ranks, rows, empty matrices.
    mutatedJson(
      pieces.map(({ header }) =>
        Object.fromEntries(
          Object.entries(header).map(([name, entry]) => [name, (entry as { shape?: unknown }).shape]),
        ),
      ),
    ).map((shapes) => {
      const all: Record<string, ReturnType<typeof float32Bytes>> = {};
      for (const [name, shape] of Object.entries((shapes ?? {}) as Record<string, unknown>)) {
        const sizes = Array.isArray(shape)
          ? shape.filter((size): size is number => Number.isInteger(size) && size >= 0 && size < 1000)
          : [];
        const count = sizes.reduce((product, size) => product * size, 1);
        if (count < 200_000) all[name] = float32Bytes(sizes, new Array<number>(count).fill(0.5));
      }
      return Buffer.from(encodeSafetensors(all));
    }),
  );
  return {
    arbitrary,
    async read(bytes: Buffer) {
      await writeFile(path, bytes);
      const set = await openLoras([{ path, strength: 0.7 }], layout, parameters);
      try {
        for (const { source: name, sourceShape } of parameters) {
          const change = set.changeOf(name);
          if (change === undefined) continue;
          const values = new Float32Array(sourceShape.reduce((product, size) => product * size, 1));
          await change(values);
        }
      } finally {
        await set.close();
      }
    },
  };
});

export const weightSubjects: readonly Subject[] = [
  safetensors,
  roundTrip,
  gguf,
  shards,
  layouts,
  singles,
  loras,
];
