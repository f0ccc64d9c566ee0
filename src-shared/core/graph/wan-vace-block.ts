import type { Value } from './graph-builder.ts';
import { attention, layerNorm, linear, linearGeluTanh, rmsNorm, ropeInterleaved } from './layers.ts';
import { add, mul, split } from './tensor-ops.ts';
import { modulate, modulatedNorm, tokenNorm, type DitDraft } from './wan-vace-draft.ts';

/** What every block reads. */
export interface BlockContext {
  /** timestep_proj, float32 [B, 6, D]. */
  readonly modulation: Value;
  /** Embedded text [B, L, D], in the type of the matrix products; absent: the blocks have no cross-attention. */
  readonly text?: Value;
  readonly ropeCos: Value;
  readonly ropeSin: Value;
}

export type AttentionKind = 'self' | 'cross';

export interface BlockHooks {
  /** Told of the block's intermediates [B, n, D] by the names of the taps, without `block{k}`. */
  readonly observe: (name: string, value: Value) => void;
  /**
   * Returns the output [B, n, D] of an attention module, in the type of the products. `compute` builds the module with
   * the norm before it, and may be called inside a branch; not calling it leaves the module out.
   */
  readonly attend: (kind: AttentionKind, compute: () => Value) => Value;
  /**
   * Told of the normed tokens [B, n, D] float32 before their modulation; returns those that self-attention takes its keys
   * and values from, [B, m, D] float32. Absent: the tokens themselves.
   */
  readonly lookAt?: (normed: Value) => Value;
}

/**
 * A block's table plus the time's modulation, cut into shift, scale and gate of self-attention, then those of
 * feed-forward; float32 [B, 1, D] each.
 */
export function blockModulation({ g, width }: DitDraft, name: string, modulation: Value): Value[] {
  const table = g.parameter(`${name}.scale_shift_table`, [1, 6, width]);
  return split(g, add(g, table, modulation), 1, [1, 1, 1, 1, 1, 1]);
}

/**
 * One transformer block on the float32 residual stream x [B, n, D]: modulated self-attention with a gate,
 * cross-attention to the text where there is one, modulated feed-forward with a gate.
 */
export function transformerBlock(
  draft: DitDraft,
  name: string,
  x: Value,
  context: BlockContext,
  { observe, attend, lookAt = (normed) => normed }: BlockHooks,
): Value {
  const { g, width } = draft;
  const modulation = blockModulation(draft, name, context.modulation);
  const [shift, scale, gate, ffnShift, ffnScale, ffnGate] = modulation;

  const selfOutput = g.scope('attn1', () =>
    attend('self', () => {
      const normed = tokenNorm(draft, x);
      const modulated = modulate(g, normed, scale, shift);
      observe('ModulatedInput', modulated);
      const lookedAt = lookAt(normed);
      const known = lookedAt === normed ? modulated : modulate(g, lookedAt, scale, shift);
      return selfAttention(draft, `${name}.attn1`, modulated, known, context, observe);
    }),
  );
  const fromTokens = g.castTo(selfOutput, 'float32');
  observe('SelfAttention', fromTokens);
  const attended = add(g, x, mul(g, fromTokens, gate));

  const { text } = context;
  const addText = (): Value => {
    if (text === undefined) return attended;
    const crossOutput = g.scope('attn2', () =>
      attend('cross', () => {
        const scale2 = g.parameter(`${name}.norm2.weight`, [width]);
        const bias2 = g.parameter(`${name}.norm2.bias`, [width]);
        const normed = layerNorm(g, attended, draft.config.eps, scale2, bias2);
        return crossAttention(draft, `${name}.attn2`, normed, text);
      }),
    );
    const fromText = g.castTo(crossOutput, 'float32');
    observe('CrossAttention', fromText);
    return add(g, attended, fromText);
  };
  const informed = addText();

  const ffnInput = modulatedNorm(draft, informed, ffnScale, ffnShift);
  const fed = g.scope('ffn', () => feedForward(draft, `${name}.ffn`, ffnInput));
  observe('FeedForward', fed);
  return add(g, informed, mul(g, fed, ffnGate));
}

/** Queries of x [B, n, D] to the keys and values of `known` [B, m, D]; n and m count the rotary tables from their first row. */
function selfAttention(
  draft: DitDraft,
  name: string,
  x: Value,
  known: Value,
  { ropeCos, ropeSin }: BlockContext,
  observe: BlockHooks['observe'],
): Value {
  const { g, width } = draft;
  const input = g.castTo(x, draft.productType);
  const source = known === x ? input : g.castTo(known, draft.productType);
  const query = ropeInterleaved(g, normedProjection(draft, input, name, 'q'), ropeCos, ropeSin);
  const key = ropeInterleaved(g, normedProjection(draft, source, name, 'k'), ropeCos, ropeSin);
  const value = linear(g, source, { name: `${name}.to_v`, inputs: width, outputs: width });
  observe('Query', query);
  observe('Key', key);
  observe('Value', value);
  const heads = attendHeads(draft, query, key, value);
  observe('AttentionHeads', heads);
  return linear(g, heads, { name: `${name}.to_out.0`, inputs: width, outputs: width });
}

/** Every token looks at the whole text: no mask, no rotary embedding. */
function crossAttention(draft: DitDraft, name: string, x: Value, text: Value): Value {
  const { g, width } = draft;
  const query = normedProjection(draft, g.castTo(x, draft.productType), name, 'q');
  const key = normedProjection(draft, text, name, 'k');
  const value = linear(g, text, { name: `${name}.to_v`, inputs: width, outputs: width });
  const heads = attendHeads(draft, query, key, value);
  return linear(g, heads, { name: `${name}.to_out.0`, inputs: width, outputs: width });
}

/** RMS norm across all heads of a query or key projection, float32. */
function normedProjection({ g, config, width }: DitDraft, x: Value, name: string, part: 'q' | 'k'): Value {
  const projected = linear(g, x, { name: `${name}.to_${part}`, inputs: width, outputs: width });
  const weight = g.parameter(`${name}.norm_${part}.weight`, [width]);
  return rmsNorm(g, g.castTo(projected, 'float32'), config.eps, weight);
}

function attendHeads({ g, config, productType }: DitDraft, query: Value, key: Value, value: Value): Value {
  const { heads } = config;
  return attention(g, g.castTo(query, productType), g.castTo(key, productType), value, { heads });
}

function feedForward({ g, config, width, productType }: DitDraft, name: string, x: Value): Value {
  const { ffnDim } = config;
  const hidden = linearGeluTanh(g, g.castTo(x, productType), {
    name: `${name}.net.0.proj`,
    inputs: width,
    outputs: ffnDim,
  });
  return g.castTo(linear(g, hidden, { name: `${name}.net.2`, inputs: ffnDim, outputs: width }), 'float32');
}
