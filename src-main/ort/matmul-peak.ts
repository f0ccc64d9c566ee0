import { GraphBuilder } from '../../src-shared/core/graph/index.ts';
import type { Ort } from './create-ort.ts';

/** Rows of the left operand: few for what stays in the nearest cache, many for what keeps several threads busy. */
const rowCounts = [512, 2048];
const width = 512;
/** Work of one run, so long that starting it costs next to nothing in comparison. */
const flopsPerRun = 8e9;
const rounds = 5;

/** What a measurement found. */
export interface MatmulPeak {
  /** 10⁹ floating-point operations a second, one for each multiplication and each addition. */
  readonly gflopPerSec: number;
}

/**
 * The most that ONNX Runtime's float32 MatMul reaches on this machine's CPU: chains of [rows, 512]·[512, 512] products with a constant right operand, the best of five runs of each
 * row count after one to warm up. `threads`: as in SessionOptions.
 */
export async function matmulPeak(ort: Ort, threads?: number): Promise<MatmulPeak> {
  let gflopPerSec = 0;
  for (const rows of rowCounts) {
    const flopsPerProduct = 2 * rows * width * width;
    const products = Math.ceil(flopsPerRun / flopsPerProduct);
    const graph = productChain(rows, products);
    const session = await ort.openBytes(graph, threads === undefined ? {} : { threads });
    const feeds = {
      x: { type: 'float32', dims: [rows, width], data: new Float32Array(rows * width).fill(1) },
    } as const;
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

function productChain(rows: number, products: number): Uint8Array {
  const g = new GraphBuilder('matmul-peak');
  let x = g.input('x', 'float32', [rows, width]);
  // Each product leaves an input of ones as it is: no overflow, no denormals.
  const factor = g.floats(new Array<number>(width * width).fill(1 / width), [width, width]);
  for (let i = 0; i < products; i++) x = g.op('MatMul', [x, factor]);
  g.output('sum', g.op('ReduceSum', [x], { keepdims: 0 }), []);
  return g.toModelGraph().encode(new Map());
}
