import { GraphBuilder, type FloatType, type Value } from '../../src-shared/core/graph/index.ts';
import type { ExecutionProvider } from '../engine/network/session.ts';
import type { Ort } from './create-ort.ts';

/** Sizes of the products that are timed. */
interface ProductSizes {
  /** Rows of the left operand: few for what stays in the nearest cache, many for what keeps all units busy. */
  readonly rowCounts: readonly number[];
  readonly width: number;
  /** Work of one run, so long that starting it costs next to nothing in comparison. */
  readonly flopsPerRun: number;
}

const cpuSizes: ProductSizes = { rowCounts: [512, 2048], width: 512, flopsPerRun: 8e9 };
/** A card does 1e13 to 1e15 operations a second. */
const cardSizes: ProductSizes = { rowCounts: [4096, 8192], width: 4096, flopsPerRun: 2e13 };
const rounds = 5;

/** What a measurement found. */
export interface MatmulPeak {
  /** 10⁹ floating-point operations a second, one for each multiplication and each addition. */
  readonly gflopPerSec: number;
}

export interface MatmulPeakOptions {
  /** As in SessionOptions. */
  readonly threads?: number;
  /** Default: the CPU. */
  readonly provider?: ExecutionProvider;
  /** Of the operands; default: float32. */
  readonly type?: FloatType;
}

/**
 * The most that ONNX Runtime's MatMul reaches on a provider: chains of [rows, width]·[width, width] products with a
 * constant right operand, the best of five runs of each row count after one to warm up. Nothing large crosses to the
 * card or back: the operands are made in the graph.
 */
export async function matmulPeak(
  ort: Ort,
  { threads, provider = 'cpu', type = 'float32' }: MatmulPeakOptions = {},
): Promise<MatmulPeak> {
  const { rowCounts, width, flopsPerRun } = provider === 'cpu' ? cpuSizes : cardSizes;
  let gflopPerSec = 0;
  for (const rows of rowCounts) {
    const flopsPerProduct = 2 * rows * width * width;
    const products = Math.ceil(flopsPerRun / flopsPerProduct);
    const graph = productChain({ rows, width, products, type });
    const session = await ort.openBytes(graph, {
      providers: [provider],
      ...(threads === undefined ? {} : { threads }),
    });
    const feeds = { one: { type: 'float32', dims: [1], data: Float32Array.of(1) } } as const;
    await session.run(feeds);
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      await session.run(feeds);
      const sec = (performance.now() - start) / 1000;
      gflopPerSec = Math.max(gflopPerSec, (products * flopsPerProduct) / sec / 1e9);
    }
    await session.release();
  }
  return { gflopPerSec };
}

function productChain(input: {
  readonly rows: number;
  readonly width: number;
  readonly products: number;
  readonly type: FloatType;
}): Uint8Array {
  const { rows, width, products, type } = input;
  const g = new GraphBuilder('matmul-peak');
  const one = g.input('one', 'float32', [1]);
  const filled = (value: Value, shape: readonly number[]): Value =>
    g.op('Expand', [g.castTo(value, type), g.ints([...shape])]);
  let x = filled(one, [rows, width]);
  // Each product leaves an input of ones as it is: no overflow, no denormals. A constant is laid out for the CPU's products.
  const factor =
    width <= cpuSizes.width
      ? g.castTo(g.floats(new Array<number>(width * width).fill(1 / width), [width, width]), type)
      : filled(g.floats([1 / width], [1]), [width, width]);
  for (let i = 0; i < products; i++) x = g.op('MatMul', [x, factor]);
  g.output('most', g.castTo(g.op('ReduceMax', [x], { keepdims: 0 }), 'float32'), []);
  return g.toModelGraph().encode(new Map());
}
