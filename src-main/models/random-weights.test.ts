import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32Array, float16ToFloat32Array } from '../../src-shared/core/half/index.ts';
import { RandomElements, spreadFor } from './random-weights.ts';

const count = 200_000;

function statistics(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('RandomElements', () => {
  const spread = { mean: 3, deviation: 0.5 };
  const bytes = (type: 'F32' | 'F16' | 'BF16', name = 'w', seed = 7): Uint8Array =>
    new RandomElements(seed, name, spread, type).next(count);

  it.each([
    ['F32', new Float32Array(bytes('F32').buffer)],
    ['F16', float16ToFloat32Array(new Uint16Array(bytes('F16').buffer))],
    ['BF16', bfloat16ToFloat32Array(new Uint16Array(bytes('BF16').buffer))],
  ])('has the spread that was asked for as %s', (_type, values) => {
    const { mean, deviation } = statistics(values);
    // Five standard errors of 200,000 draws, and bfloat16's rounding of 1/256 at 3.
    expect(Math.abs(mean - 3)).toBeLessThan(0.006);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.005);
  });

  it('is the same for the same seed and name, also in pieces, and another for others', () => {
    const elements = new RandomElements(7, 'w', spread, 'F32');
    const pieces = Buffer.concat([elements.next(1000), elements.next(count - 1000)]);
    expect(pieces.equals(bytes('F32'))).toBe(true);
    expect(pieces.equals(bytes('F32', 'v'))).toBe(false);
    expect(pieces.equals(bytes('F32', 'w', 8))).toBe(false);
  });

  it('does not repeat itself from row to row', () => {
    const values = new Float32Array(bytes('F32').buffer);
    const correlation = (lag: number): number => {
      let sum = 0;
      for (let i = 0; i < count - lag; i++) sum += (values[i] - 3) * (values[i + lag] - 3);
      return sum / (count - lag) / 0.25;
    };
    // Six standard errors.
    for (const lag of [1, 2, 64, 1024, 1536]) expect(Math.abs(correlation(lag))).toBeLessThan(0.014);
  });
});

describe('spreadFor', () => {
  it('knows norms, biases, tables and products by their names', () => {
    expect(spreadFor('blocks.0.norm2.weight', [64]).mean).toBe(1);
    expect(spreadFor('blocks.0.attn1.norm_q.weight', [64]).mean).toBe(1);
    expect(spreadFor('encoder.block.0.layer.0.layer_norm.weight', [64]).mean).toBe(1);
    expect(spreadFor('decoder.mid_block.resnets.0.norm1.gamma', [64, 1, 1, 1]).mean).toBe(1);
    expect(spreadFor('proj_out.bias', [64])).toEqual({ mean: 0, deviation: 0.02 });
    expect(spreadFor('proj_out.weight', [64, 256])).toEqual({ mean: 0, deviation: 1 / 16 });
    expect(spreadFor('encoder.conv_in.weight', [8, 3, 3, 3, 3])).toEqual({ mean: 0, deviation: 1 / 9 });
  });
});
