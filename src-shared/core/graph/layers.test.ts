import { describe, expect, it } from 'vitest';
import { createOrt } from '../../../src-main/ort/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  attention,
  geluTanh,
  GraphBuilder,
  layerNorm,
  reshape,
  rmsNorm,
  ropeInterleaved,
  silu,
  slice,
  split,
  transpose,
  unsqueeze,
  type Value,
} from './index.ts';

/** Fixed numbers that spread over ±`spread` without a pattern in any axis. */
function sample(length: number, phase: number, spread = 2): number[] {
  return Array.from({ length }, (_, i) => Math.fround(spread * Math.sin(phase + i * i * 0.7)));
}

/** Builds a graph of constants, runs it and returns its one output. */
async function evaluate(
  build: (g: GraphBuilder) => Value,
): Promise<{ data: Float32Array; dims: readonly number[] }> {
  const g = new GraphBuilder('layer');
  g.output('y', build(g), []);
  const session = await createOrt().openBytes(g.toModelGraph().encode(new Map()), { threads: 1 });
  const { y } = await session.run({});
  await session.release();
  if (y.type !== 'float32') throw new Error(`the layer gave ${y.type}`);
  return y;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const rowsOf = (values: readonly number[], width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));

describe('layers against their formulas in float64', () => {
  it('layerNorm', async () => {
    const [x, scale, bias] = [sample(5 * 8, 1), sample(8, 2), sample(8, 3)];
    const eps = 0.01;
    const expected = rowsOf(x, 8).flatMap((row) => {
      const mean = sum(row) / 8;
      const variance = sum(row.map((value) => (value - mean) ** 2)) / 8;
      return row.map((value, i) => ((value - mean) / Math.sqrt(variance + eps)) * scale[i] + bias[i]);
    });
    const actual = await evaluate((g) =>
      layerNorm(g, g.floats(x, [1, 5, 8]), eps, g.floats(scale), g.floats(bias)),
    );
    expectClose(actual.data, expected, { atol: 2e-6 });
    const unbiased = await evaluate((g) => layerNorm(g, g.floats(x, [1, 5, 8]), eps, g.floats(scale)));
    expectClose(
      unbiased.data,
      expected.map((value, i) => value - bias[i % 8]),
      { atol: 2e-6 },
    );
  });

  it('rmsNorm', async () => {
    const [x, scale] = [sample(5 * 8, 1), sample(8, 2)];
    const eps = 0.01;
    const expected = rowsOf(x, 8).flatMap((row) => {
      const root = Math.sqrt(sum(row.map((value) => value ** 2)) / 8 + eps);
      return row.map((value, i) => (value / root) * scale[i]);
    });
    const actual = await evaluate((g) => rmsNorm(g, g.floats(x, [1, 5, 8]), eps, g.floats(scale)));
    expectClose(actual.data, expected, { atol: 2e-6 });
  });

  it('silu', async () => {
    const x = sample(100, 1, 8);
    const actual = await evaluate((g) => silu(g, g.floats(x)));
    expectClose(
      actual.data,
      x.map((value) => value / (1 + Math.exp(-value))),
      { atol: 2e-6 },
    );
  });

  it('geluTanh: the tanh form, which is 5e-4 away from the erf form', async () => {
    const x = [...sample(200, 1, 5), 0, -40, 40];
    const bias = sample(x.length, 2, 0.1);
    const gelu = (value: number): number =>
      0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
    const plain = await evaluate((g) => geluTanh(g, g.floats(x, [1, x.length])));
    expectClose(plain.data, x.map(gelu), { atol: 2e-6 });
    const biased = await evaluate((g) => geluTanh(g, g.floats(x, [1, x.length]), g.floats(bias)));
    expectClose(
      biased.data,
      x.map((value, i) => gelu(value + bias[i])),
      { atol: 2e-6 },
    );
  });

  it('ropeInterleaved turns pairs (2i, 2i+1) within each head', async () => {
    const [tokens, heads, headDim] = [3, 2, 4];
    const x = sample(tokens * heads * headDim, 1);
    const angles = sample((tokens * headDim) / 2, 2, 3);
    const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
    const expected = x.map((value, i) => {
      const token = Math.floor(i / (heads * headDim));
      const angle = (token * headDim) / 2 + Math.floor((i % headDim) / 2);
      return i % 2 === 0
        ? value * cos[angle] - x[i + 1] * sin[angle]
        : value * cos[angle] + x[i - 1] * sin[angle];
    });
    const table = [tokens, headDim / 2];
    const actual = await evaluate((g) =>
      ropeInterleaved(
        g,
        g.floats(x, [1, tokens, heads * headDim]),
        g.floats(cos, table),
        g.floats(sin, table),
      ),
    );
    expectClose(actual.data, expected, { atol: 1e-6 });
  });

  const [queries, keys, heads, headDim] = [5, 7, 2, 4];
  const [q, k, v] = [sample(queries * 8, 1), sample(keys * 8, 2), sample(keys * 8, 3)];
  const bias = sample(heads * queries * keys, 4);

  /** softmax(q·kᵀ·scale + bias)·v, head by head. */
  function writtenOut(scale: number, biased: boolean): number[] {
    const out = new Array<number>(queries * heads * headDim).fill(0);
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < queries; i++) {
        const scores = Array.from({ length: keys }, (_, j) => {
          const parts = Array.from(
            { length: headDim },
            (_, d) => q[i * 8 + head * 4 + d] * k[j * 8 + head * 4 + d],
          );
          return scale * sum(parts) + (biased ? bias[(head * queries + i) * keys + j] : 0);
        });
        const total = sum(scores.map(Math.exp));
        for (let j = 0; j < keys; j++) {
          for (let d = 0; d < headDim; d++) {
            out[i * 8 + head * 4 + d] += (Math.exp(scores[j]) / total) * v[j * 8 + head * 4 + d];
          }
        }
      }
    }
    return out;
  }

  it('attention divides by √d unless told otherwise', async () => {
    const actual = await evaluate((g) =>
      attention(g, g.floats(q, [1, queries, 8]), g.floats(k, [1, keys, 8]), g.floats(v, [1, keys, 8]), {
        heads,
      }),
    );
    expectClose(actual.data, writtenOut(1 / Math.sqrt(headDim), false), { atol: 2e-6 });
  });

  it('attention with a scale and a bias for each head', async () => {
    const actual = await evaluate((g) =>
      attention(g, g.floats(q, [1, queries, 8]), g.floats(k, [1, keys, 8]), g.floats(v, [1, keys, 8]), {
        heads,
        scale: 1,
        bias: g.floats(bias, [1, heads, queries, keys]),
      }),
    );
    expectClose(actual.data, writtenOut(1, true), { atol: 4e-6 });
  });
});

describe('tensor operations', () => {
  const x = Array.from({ length: 12 }, (_, i) => i);

  it('slice takes bounds, open ends and steps', async () => {
    const take = (start: number, end?: number, step?: number): Promise<{ data: Float32Array }> =>
      evaluate((g) => slice(g, g.floats(x), 0, start, end, step));
    expect([...(await take(3, 5)).data]).toEqual([3, 4]);
    expect([...(await take(-2)).data]).toEqual([10, 11]);
    expect([...(await take(1, undefined, 4)).data]).toEqual([1, 5, 9]);
  });

  it('reshape, transpose, unsqueeze and split say what they do', async () => {
    const turned = await evaluate((g) => transpose(g, reshape(g, g.floats(x), [3, -1]), [1, 0]));
    expect(turned.dims).toEqual([4, 3]);
    expect([...turned.data.slice(0, 6)]).toEqual([0, 4, 8, 1, 5, 9]);
    const raised = await evaluate((g) => unsqueeze(g, g.floats(x), [0, 2]));
    expect(raised.dims).toEqual([1, 12, 1]);
    const piece = await evaluate((g) => split(g, g.floats(x), 0, [5, 7])[1]);
    expect([...piece.data]).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });
});
