import type { CachedTokens } from '../../../src-shared/core/caches/index.ts';
import type { TransformerSpec } from '../../../src-shared/core/families/index.ts';
import type { FloatType } from '../../../src-shared/core/graph/index.ts';
import type { TransformerGraph } from './model-folder.ts';
import type { TensorMap, TensorValue } from './session.ts';
import { indexTensor } from './tensors.ts';

/** A call, as far as keeping goes. */
export interface KeepingCall {
  /** Tokens that it keeps. */
  readonly keep?: Int32Array | undefined;
  /** Tokens that it looks at as they were kept. */
  readonly cached?: CachedTokens | undefined;
}

/** What the graphs `cached` and `cachedInt8` kept of the last two calls that kept something, for calls of one batch. */
export interface KeptTokens {
  /** Inputs of the graph for a call. */
  feeds(call: KeepingCall, batch: number): TensorMap;
  /** Outputs that the call is asked for. */
  outputNames(call: KeepingCall): string[];
  /** Takes what the call kept. */
  take(call: KeepingCall, outputs: TensorMap): void;
}

/** What one call kept. */
interface Kept {
  readonly tokens: Int32Array;
  readonly outputs: TensorMap;
}

/** undefined for graphs that keep nothing. */
export function createKeptTokens(
  { blocks, width }: TransformerSpec,
  type: FloatType,
  graph: TransformerGraph,
): KeptTokens | undefined {
  if (graph !== 'cached' && graph !== 'cachedInt8') return undefined;
  const parts = graph === 'cached' ? (['kept'] as const) : (['kept', 'scales'] as const);
  const inputOf = { kept: '', scales: 'Scales' } as const;
  const eachBlock = Array.from({ length: blocks }, (_, block) => block);
  /** Newest last, at most two. */
  const calls: Kept[] = [];

  const nothing = (part: 'kept' | 'scales', batch: number): TensorValue => {
    if (part === 'scales') return { type: 'float32', dims: [batch, 0, 1], data: new Float32Array(0) };
    const dims = [batch, 0, width];
    if (graph === 'cachedInt8') return { type: 'int8', dims, data: new Int8Array(0) };
    return type === 'float16'
      ? { type, dims, data: new Uint16Array(0) }
      : { type, dims, data: new Float32Array(0) };
  };

  return {
    feeds({ keep, cached }, batch) {
      const last = calls.at(-1);
      if (cached !== undefined && last === undefined) {
        throw new Error('kept tokens are looked at before any were kept');
      }
      const feeds: Record<string, TensorValue> = {
        keep: indexTensor(keep),
        rows: indexTensor(cached === undefined ? undefined : rowsOf(cached.tokens, last!.tokens)),
        reach: { type: 'float32', dims: [], data: Float32Array.of(cached?.reach ?? 0) },
      };
      for (const block of eachBlock) {
        for (const part of parts) {
          const empty = cached === undefined ? nothing(part, batch) : undefined;
          feeds[`last${inputOf[part]}${block}`] = empty ?? last!.outputs[`${part}${block}`];
          feeds[`before${inputOf[part]}${block}`] = empty ?? calls[0].outputs[`${part}${block}`];
        }
      }
      return feeds;
    },
    outputNames: ({ keep }) =>
      keep === undefined ? [] : eachBlock.flatMap((block) => parts.map((part) => `${part}${block}`)),
    take({ keep }, outputs) {
      if (keep === undefined) return;
      calls.push({ tokens: keep, outputs });
      if (calls.length > 2) calls.shift();
    },
  };
}

/** The places of `tokens` among those that were kept, both ascending. */
function rowsOf(tokens: Int32Array, kept: Int32Array): Int32Array {
  const rows = new Int32Array(tokens.length);
  let row = 0;
  tokens.forEach((token, i) => {
    while (row < kept.length && kept[row] < token) row++;
    if (kept[row] !== token) throw new Error(`token ${token} was not kept`);
    rows[i] = row;
  });
  return rows;
}
