import { float32ToBfloat16Array, float32ToFloat16Array } from '../../src-shared/core/half/index.ts';

/** Element type on disk of generated weights. */
export type GeneratedType = 'F32' | 'F16' | 'BF16';

/** How a tensor's numbers are spread: around `mean` with standard deviation `deviation`. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * A spread with which signals keep their size through any depth: norms pass them on as they are, biases stay small,
 * products keep the variance of their inputs (1/√fan-in, LeCun's rule).
 */
export function spreadFor(name: string, shape: readonly number[]): Spread {
  if (/(^|\.)(gamma|[a-z_]*norm[a-z_0-9]*\.weight)$/.test(name)) return { mean: 1, deviation: 0.1 };
  if (name === 'latents_std') return { mean: 1, deviation: 0.1 };
  if (name.endsWith('.bias') && shape.length === 1) return { mean: 0, deviation: 0.02 };
  if (name.endsWith('scale_shift_table')) return { mean: 0, deviation: 0.3 };
  if (name === 'shared.weight') return { mean: 0, deviation: 1 };
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  // T5 scores are not divided by √d (64 there), so the query projection is made smaller instead.
  const extra = name.endsWith('SelfAttention.q.weight') ? 1 / 8 : 1;
  return { mean: 0, deviation: extra / Math.sqrt(fanIn) };
}

/** The sum of four bytes takes these many values, nearly normally distributed (Irwin-Hall). */
const sums = 4 * 255 + 1;
const meanOfSum = (4 * 255) / 2;
const deviationOfSum = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Every value that a number of this spread may take, as raw elements of `type`. */
function valueTable({ mean, deviation }: Spread, type: GeneratedType): Uint32Array | Uint16Array {
  const values = Float32Array.from(
    { length: sums },
    (_, sum) => mean + ((sum - meanOfSum) / deviationOfSum) * deviation,
  );
  if (type === 'F32') return new Uint32Array(values.buffer);
  return type === 'F16' ? float32ToFloat16Array(values) : float32ToBfloat16Array(values);
}

/** 32 bits from a seed and a name (FNV-1a), never 0, which xorshift cannot leave. */
function startState(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash === 0 ? 1 : hash;
}

/**
 * Endless random raw elements of one tensor, the same for the same seed and name: Marsaglia's xorshift32 (Journal of
 * Statistical Software 8(14), 2003), four bytes of it summed, looked up in a table. Some hundred MB a second.
 */
export class RandomElements {
  readonly #table: Uint32Array | Uint16Array;
  #state: number;

  constructor(seed: number, name: string, spread: Spread, type: GeneratedType) {
    this.#table = valueTable(spread, type);
    this.#state = startState(seed, name);
  }

  /** The next `count` elements, as bytes. */
  next(count: number): Uint8Array {
    const table = this.#table;
    const target = table instanceof Uint32Array ? new Uint32Array(count) : new Uint16Array(count);
    let s = this.#state;
    for (let i = 0; i < count; i++) {
      s ^= s << 13;
      s ^= s >>> 17;
      s ^= s << 5;
      target[i] = table[(s & 255) + ((s >>> 8) & 255) + ((s >>> 16) & 255) + (s >>> 24)];
    }
    this.#state = s;
    return new Uint8Array(target.buffer);
  }
}
