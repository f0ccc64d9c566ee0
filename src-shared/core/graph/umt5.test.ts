import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src-main/engine/text/text-encoder.ts';
import { openGraph, type OpenGraph } from '../../../src-main/host/testing/open-graph.ts';
import { RandomElements, spreadFor } from '../../../src-main/models/random-weights.ts';
import { openSafetensors, type TensorStore } from '../../../src-main/models/safetensors.ts';
import { writeShards } from '../../../src-main/models/safetensors-writer.ts';
import { expectClose } from '../testing/index.ts';
import {
  buildUmt5Encoder,
  layoutParameters,
  parseUmt5Config,
  relativeBucket,
  umt5Aliases,
  type ModelGraph,
  type Precision,
  type TextPrecision,
  type Umt5Config,
} from './index.ts';

const folder = 'e2e/fixtures/golden/C_umt5';
const readJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

async function withEncoder(
  part: string,
  precision: Precision,
  use: (graph: OpenGraph, reference: TensorStore) => Promise<void>,
): Promise<void> {
  const config = parseUmt5Config(await readJson(`${folder}/${part}/config.json`), part);
  const graph = await openGraph(buildUmt5Encoder(config, { precision }), `${folder}/${part}`, umt5Aliases);
  const reference = await openSafetensors(`${folder}/case.safetensors`);
  expect(graph.unused).toEqual([]);
  await use(graph, reference);
  await reference.close();
  await graph.close();
}

/** Compares the rows of the valid tokens of both prompts, each run alone without padding. */
async function comparePrompts(
  graph: OpenGraph,
  reference: TensorStore,
  name: string,
  atol: number,
): Promise<void> {
  const [ids, mask] = [await reference.int32('input_ids'), await reference.int32('attention_mask')];
  const [prompts, length] = reference.shape('input_ids');
  const expected = await reference.float32(name);
  const width = expected.length / prompts / length;
  for (let prompt = 0; prompt < prompts; prompt++) {
    const start = prompt * length;
    const valid = mask.slice(start, start + length).reduce((sum, value) => sum + value, 0);
    const actual = await encodeText(graph.session, [...ids.slice(start, start + valid)], valid);
    expectClose(actual, expected.slice(start * width, (start + valid) * width), { atol });
  }
}

describe('buildUmt5Encoder against the reference', () => {
  it('returns its embeddings in fp32', () =>
    withEncoder('text_encoder', 'fp32', async (graph, reference) => {
      await comparePrompts(graph, reference, 'last_hidden_state', 5e-6);
    }));

  it('reads weights stored as bf16', () =>
    withEncoder('text_encoder_bf16', 'fp32', async (graph, reference) => {
      await comparePrompts(graph, reference, 'last_hidden_state_from_bf16_weights', 5e-6);
    }));

  it('returns the 512 rows of the Wan convention: zeros after the valid tokens', () =>
    withEncoder('text_encoder', 'fp32', async (graph, reference) => {
      const mask = await reference.int32('attention_mask_512');
      const valid = mask.reduce((sum, value) => sum + value, 0);
      const ids = [...(await reference.int32('input_ids_512'))].slice(0, valid);
      const actual = await encodeText(graph.session, ids, 512);
      expectClose(actual, await reference.float32('wan_prompt_embeds_512'), { atol: 5e-6 });
    }));

  // Weights rounded to 11 bits are off by up to 2⁻¹² of themselves, as are the operands of each product; measured
  // 3.5e-3 with float32 weights and 1e-3 with bf16 ones, which float16 holds exactly. A missing position bias or a
  // scaled score moves the rows by more than 0.1.
  it('returns its embeddings in fp16 within the noise of float16 products', async () => {
    await withEncoder('text_encoder', 'fp16', async (graph, reference) => {
      await comparePrompts(graph, reference, 'last_hidden_state', 8e-3);
    });
    await withEncoder('text_encoder_bf16', 'fp16', async (graph, reference) => {
      await comparePrompts(graph, reference, 'last_hidden_state_from_bf16_weights', 3e-3);
    });
  });
});

describe('buildUmt5Encoder in few bits', () => {
  /** Cosine between two encodings, over all their numbers. */
  const cosine = (a: Float32Array, b: Float32Array): number => {
    const dot = (x: Float32Array, y: Float32Array): number =>
      x.reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const encodings = async (
    config: Umt5Config,
    weights: string,
    ids: readonly number[],
  ): Promise<Record<TextPrecision, Float32Array>> => {
    const found: Partial<Record<TextPrecision, Float32Array>> = {};
    for (const precision of ['fp32', 'fp16', 'int8', 'int4'] as const) {
      const graph = await openGraph(buildUmt5Encoder(config, { precision }), weights, umt5Aliases);
      found[precision] = await encodeText(graph.session, ids, ids.length);
      await graph.close();
    }
    return found as Record<TextPrecision, Float32Array>;
  };

  it('says what fp32 says: the golden encoder', async () => {
    const config = parseUmt5Config(await readJson(`${folder}/text_encoder/config.json`), 'text_encoder');
    const reference = await openSafetensors(`${folder}/case.safetensors`);
    const mask = await reference.int32('attention_mask');
    const ids = [...(await reference.int32('input_ids'))].filter((_, i) => mask[i] === 1);
    await reference.close();
    const { fp32, int8, int4 } = await encodings(config, `${folder}/text_encoder`, ids);
    expect(cosine(fp32, int8)).toBeGreaterThan(0.999);
    expect(cosine(fp32, int4)).toBeGreaterThan(0.99);
    // And not because the weights are the same.
    expect(cosine(fp32, int4)).toBeLessThan(0.99999);
  });

  it('says what fp32 says: a wide encoder of random weights', async () => {
    const config: Umt5Config = {
      vocabulary: 500,
      layers: 2,
      width: 256,
      heads: 4,
      headDim: 64,
      ffnDim: 640,
      buckets: 32,
      maxDistance: 128,
      eps: 1e-6,
      sharesBias: false,
    };
    const weights = await mkdtemp(join(tmpdir(), 'hetcut-umt5-'));
    try {
      const { parameters } = buildUmt5Encoder(config, { precision: 'fp32' });
      await writeShards(
        weights,
        parameters.map(({ source: name, sourceShape: shape }) => {
          const count = shape.reduce((product, size) => product * size, 1);
          return {
            name,
            type: 'F32' as const,
            shape,
            byteLength: 4 * count,
            chunks: () => [new RandomElements(3, name, spreadFor(name, shape), 'F32').next(count)],
          };
        }),
        { stem: 'model', maximumBytes: 1e9 },
      );
      const ids = Array.from({ length: 40 }, (_, i) => (i * 37) % 500);
      const { fp32, int8, int4 } = await encodings(config, weights, ids);
      expect(cosine(fp32, int8)).toBeGreaterThan(0.999);
      expect(cosine(fp32, int4)).toBeGreaterThan(0.99);
    } finally {
      await rm(weights, { recursive: true });
    }
  });

  it('takes about half of what fp16 takes, with no products of fewer than 8 bits where activations are large', () => {
    const xxl: Umt5Config = {
      vocabulary: 256384,
      layers: 24,
      width: 4096,
      heads: 64,
      headDim: 64,
      ffnDim: 10240,
      buckets: 32,
      maxDistance: 128,
      eps: 1e-6,
      sharesBias: false,
    };
    const sizeOf = (precision: TextPrecision): number =>
      layoutParameters([buildUmt5Encoder(xxl, { precision })], 'w').fileBytes / 1e9;
    expect(sizeOf('fp16')).toBeCloseTo(13.4, 1);
    expect(sizeOf('int8')).toBeLessThan(7.4);
    expect(sizeOf('int4')).toBeLessThan(6.2);
    const { parameters } = buildUmt5Encoder(xxl, { precision: 'int4' });
    const codes = parameters.filter(({ name }) => name.endsWith('.codes'));
    expect(codes).toHaveLength(24 * 7);
    for (const { name, transform } of codes)
      expect(transform).toBe(/\.(o|wo)\./.test(name) ? 'codes8' : 'codes4');
  });
});

describe('relativeBucket', () => {
  it('equals the reference from −511 to 511', async () => {
    const reference = await openSafetensors(`${folder}/case.safetensors`);
    const positions = await reference.int32('relative_position');
    const buckets = positions.map((position) => relativeBucket(position, { buckets: 32, maxDistance: 128 }));
    expect([...buckets]).toEqual([...(await reference.int32('relative_bucket'))]);
    await reference.close();
  });
});

describe('buildUmt5Encoder', () => {
  const xxl = {
    vocabulary: 256384,
    layers: 24,
    width: 4096,
    heads: 64,
    headDim: 64,
    ffnDim: 10240,
    buckets: 32,
    maxDistance: 128,
    eps: 1e-6,
    sharesBias: false,
  };

  it('has the 5.68 billion weights of UMT5-xxl, and keeps the overflowing projection in float32', () => {
    const { parameters } = buildUmt5Encoder(xxl, { precision: 'fp16' });
    const count = parameters.reduce(
      (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
      0,
    );
    expect(count).toBe(5_680_910_336);
    const singles = parameters.filter(({ type }) => type === 'float32').map(({ name }) => name);
    expect(singles.every((name) => /norm\.weight|DenseReluDense\.wo\.weight/.test(name))).toBe(true);
    expect(singles).toHaveLength(24 * 3 + 1);
  });
});

describe('T5', () => {
  it('is UMT5 whose layers share the first one’s table of position biases', async () => {
    const config = parseUmt5Config(await readJson(`${folder}/text_encoder/config.json`), 'text_encoder');
    const table = 'layer.0.SelfAttention.relative_attention_bias.weight';
    const t5 = buildUmt5Encoder({ ...config, sharesBias: true }, { precision: 'fp32' });
    const first = `encoder.block.0.${table}`;
    expect(t5.parameters.map(({ source }) => source).filter((name) => name.endsWith(table))).toEqual([first]);
    const umt5 = buildUmt5Encoder(config, { precision: 'fp32' });
    const firstForAll = {
      ...umt5,
      parameters: umt5.parameters.map((one) =>
        one.source.endsWith(table) ? { ...one, source: first } : one,
      ),
    };
    const rowsOf = async (graph: ModelGraph): Promise<Float32Array> => {
      const opened = await openGraph(graph, `${folder}/text_encoder`, umt5Aliases);
      const ids = [5, 9, 17, 33, 8, 1];
      const rows = await encodeText(opened.session, ids, ids.length);
      await opened.close();
      return rows;
    };
    const shared = await rowsOf(t5);
    expectClose(shared, await rowsOf(firstForAll), { atol: 1e-6 });
    const own = await rowsOf(umt5);
    expect(shared.some((value, i) => Math.abs(value - own[i]) > 1e-3)).toBe(true);
  });

  it('has a configuration of its own', async () => {
    const good = await readJson(`${folder}/text_encoder/config.json`);
    const t5 = { ...good, model_type: 't5' };
    expect(parseUmt5Config(t5, 'text_encoder', 't5').sharesBias).toBe(true);
    expect(() => parseUmt5Config(good, 'text_encoder', 't5')).toThrow(
      /"model_type": "umt5" is not supported/,
    );
  });
});

describe('parseUmt5Config', () => {
  it.each([
    [{ model_type: 't5' }, /"model_type": "t5" is not supported/],
    [{ feed_forward_proj: 'relu' }, /"feed_forward_proj"/],
    [{ dense_act_fn: 'gelu' }, /"dense_act_fn"/],
    [{ d_model: -1 }, /"d_model"/],
    [{ num_heads: undefined }, /"num_heads" must be .* nothing/],
    [{ relative_attention_num_buckets: 30 }, /"relative_attention_num_buckets" is 30/],
    [{ relative_attention_max_distance: 8 }, /"relative_attention_max_distance" is 8/],
  ])('refuses %j, naming file, field and value', async (change, message) => {
    const good = await readJson(`${folder}/text_encoder/config.json`);
    const parse = (): unknown => parseUmt5Config({ ...good, ...change }, 'text_encoder/config.json');
    expect(parse).toThrow(message);
    expect(parse).toThrow(/text_encoder\/config\.json/);
  });
});
