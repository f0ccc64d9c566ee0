import type { FloatType, TextPrecision } from '../graph/index.ts';
import { modelWidth, type WanVaceConfig } from '../graph/index.ts';

/** What ONNX Runtime's arena takes of what is live at once: it grows in powers of two, on the CPU and on a card. */
export const cpuArenaFactor = 2;
export const cardArenaFactor = 2;
/**
 * The same in sessions without an arena (`SessionOptions.lean`). Measured at the released VAE's width, 33×480×832 decoded in
 * tiles of 272×256: 0.9.
 */
export const leanFactor = 1;

/** What the driver, cuBLAS and cuDNN take of a card's memory before anything is computed. */
export const cardContextBytes = 0.5e9;

/**
 * What weights take of the machine's memory, over their file: the CPU provider keeps a copy in the order of its products,
 * and has no products in float16 (those weights are kept as float32, beside the file).
 */
export const cpuWeightFactor: Readonly<Record<TextPrecision, number>> = {
  fp32: 2,
  fp16: 3,
  int8: 2,
  int4: 2,
};

/** What a stage takes, in bytes: of the machine's memory where the CPU computes it, or of a graphics card's. */
export interface StageMemory {
  readonly ramBytes: number;
  /** Beside it the program itself stays in the machine's memory. 0: the stage runs on the CPU in any case. */
  readonly vramBytes: number;
}

/** Bytes of the files of a model's parts. */
export interface WeightBytes {
  readonly transformer: number;
  readonly vae: number;
  readonly textEncoder: number;
}

/** Weights up to here are little beside what is computed with them: opening them again would cost more than they take. */
const smallWeightBytes = 1e9;

/** Whether the parts of a model stay open for the whole job; else each is closed before the next opens. */
export function keepsPartsOpen({ transformer, vae }: Pick<WeightBytes, 'transformer' | 'vae'>): boolean {
  return transformer + vae <= smallWeightBytes;
}

const bytesOf: Readonly<Record<FloatType, number>> = { float32: 4, float16: 2 };

/**
 * An estimate of what is live at once in one call, in bytes beyond the weights: the hints, which all wait for the main
 * blocks, and either the float32 streams of an attention module (stream, normed, queries, keys, values, attended, control)
 * or a feed-forward's. `type`: of the products.
 */
export function callLiveBytes(
  config: Pick<WanVaceConfig, 'heads' | 'headDim' | 'ffnDim' | 'vaceLayers'>,
  call: { readonly tokens: number; readonly streams: number },
  type: FloatType,
): number {
  const width = modelWidth(config);
  const products = bytesOf[type];
  const attention = 8 * bytesOf.float32 * width;
  const feedForward = 3 * bytesOf.float32 * width + 2 * products * config.ffnDim;
  const hints = config.vaceLayers.length * products * width;
  return (hints + Math.max(attention, feedForward)) * call.tokens * call.streams;
}
