import type { Precision } from '../../../src-shared/core/graph/index.ts';
import { createOrt, type Ort } from '../../ort/index.ts';

/** How a model is imported where nobody says otherwise: for a graphics card in half precision, which the CPU does not compute in. */
export async function usualPrecision(ort: Pick<Ort, 'describeRuntime'> = createOrt()): Promise<Precision> {
  return (await ort.describeRuntime()).provider === 'cpu' ? 'fp32' : 'fp16';
}
