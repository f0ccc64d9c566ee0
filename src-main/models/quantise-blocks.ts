import { quantisedBlock, type QuantisedBits } from '../../src-shared/core/graph/index.ts';

/** Weights by blocks as `MatMulNBits` takes them: value = (q − 2^(bits − 1)) · scale of its block. */
export interface QuantisedBlocks {
  /** One byte a weight in 8 bits; two weights a byte in 4, the earlier in the low half. */
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
}

/**
 * Scales that are tried for 4 bits, over the one by which the largest weight is met exactly: a smaller one meets the many
 * better and cuts the largest off.
 */
const tried4 = [1, 0.95, 0.9, 0.85, 0.8, 0.75];

/** Quantises consecutive blocks of weights, each to the scale with the smallest squared error of those tried. */
export function quantiseBlocks(weights: Float32Array, bits: QuantisedBits): QuantisedBlocks {
  const length = quantisedBlock[bits];
  const blocks = weights.length / length;
  const codes = new Uint8Array((weights.length * bits) / 8);
  const scales = new Float32Array(blocks);
  const [lowest, highest] = bits === 8 ? [-128, 127] : [-8, 7];
  const rounded = (weight: number, scale: number): number =>
    Math.min(highest, Math.max(lowest, Math.round(weight / scale)));
  for (let block = 0; block < blocks; block++) {
    const start = block * length;
    let extreme = 0;
    for (let i = start; i < start + length; i++) {
      if (Math.abs(weights[i]) > Math.abs(extreme)) extreme = weights[i];
    }
    if (extreme === 0) {
      codes.fill(bits === 8 ? 128 : 0x88, (start * bits) / 8, ((start + length) * bits) / 8);
      continue;
    }
    // The range reaches one further below zero: of 4 bits the largest weight takes that end, whatever its sign.
    let scale = bits === 8 ? Math.abs(extreme) / highest : extreme / lowest;
    if (bits === 4) {
      let least = Infinity;
      const exact = scale;
      for (const share of tried4) {
        let error = 0;
        for (let i = start; i < start + length; i++) {
          const off = weights[i] - exact * share * rounded(weights[i], exact * share);
          error += off * off;
        }
        if (error < least) [least, scale] = [error, exact * share];
      }
    }
    // Divided by what will be multiplied with: the stored scale has 24 bits.
    scale = Math.fround(scale);
    scales[block] = scale;
    for (let i = 0; i < length; i++) {
      const code = rounded(weights[start + i], scale) - lowest;
      if (bits === 8) codes[start + i] = code;
      else codes[(start + i) >> 1] |= code << (4 * (i & 1));
    }
  }
  return { codes, scales };
}
