import type { KeptForm } from '../caches/index.ts';
import type { DitCall } from '../flops/index.ts';
import type { FloatType } from '../graph/index.ts';
import { keptCount } from '../tokens/index.ts';
import { allTokens, type TokenCounts } from './planned-step.ts';

/** What a partial step that looks at the kept context costs, of a full one. `keep`: share of the context that it computes. */
export function partialCost(
  spec: { flops(call: DitCall): number },
  counts: TokenCounts,
  keep: number,
  textTokens: number,
): number {
  const { generative, margin, context } = counts;
  const computed = keptCount(context, keep);
  const call = { textTokens, batch: 1 };
  return (
    spec.flops({ ...call, tokens: generative + margin + computed, cached: context - computed }) /
    spec.flops({ ...call, tokens: allTokens(counts) })
  );
}

const bytesOf: Readonly<Record<FloatType, number>> = { float32: 4, float16: 2 };

/** Of the last two full steps, in the machine's memory. `type`: of the products. */
export function keptContextBytes(
  { blocks, width }: { readonly blocks: number; readonly width: number },
  { context, streams }: { readonly context: number; readonly streams: number },
  form: KeptForm,
  type: FloatType,
): number {
  const token = form === 'int8' ? width + bytesOf.float32 : width * bytesOf[type];
  return 2 * blocks * streams * context * token;
}
