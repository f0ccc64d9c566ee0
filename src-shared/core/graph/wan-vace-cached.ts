import type { GraphBuilder, Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { add, concat, div, mul, sub } from './tensor-ops.ts';
import type { WanVaceConfig } from './wan-vace-config.ts';
import { forwardPass } from './wan-vace-forward.ts';
import { selectionGraph } from './wan-vace-selection.ts';

/** How the tokens that partial steps look at are kept: in the type of the products, or in eight bits each. */
export type KeptForm = 'float' | 'int8';

/**
 * Graph `transformer-cached`, `transformer-cached-int8`: `transformer-selection` (see there) for partial steps whose other
 * tokens are not missing. One graph for both kinds of step, so that its weights are in memory once.
 *
 * A full step says which tokens it keeps: `keep` int64 [k]. Output `kept{i}` [B, k, D] is what block i makes their keys and
 * values of: LN(x), before the step's modulation; the main blocks first, then the VACE blocks. Half the size of keys and
 * values, and closer to what a later step would have (docs/cache-methods.md). Kept in eight bits there is also
 * `scales{i}` float32 [B, k, 1], the largest of each token over 127.
 *
 * A partial step runs on `tokens` and looks at more: the rows `rows` int64 [m] of what was kept, carried on in a straight
 * line over sigma: last + reach·(last − before), `reach` float32 [], `last{i}` and `before{i}` [B, k, D] with `lastScales{i}`
 * and `beforeScales{i}`. The rotary tables have a row for each of the tokens, then one for each of `rows`: [n + m, d/2].
 * Their queries, their feed-forward and their output are not computed.
 *
 * Either may be empty: `keep`, and with `rows` what was kept, [B, 0, D].
 */
export function buildWanVaceCached(
  config: WanVaceConfig,
  { precision, form }: { readonly precision: Precision; readonly form: KeptForm },
): ModelGraph {
  const name = form === 'int8' ? 'transformer-cached-int8' : 'transformer-cached';
  return selectionGraph(config, { precision, name }, (draft) => {
    const { g, width, productType } = draft;
    const keep = g.input('keep', 'int64', ['keep']);
    const rows = g.input('rows', 'int64', ['rows']);
    const reach = g.input('reach', 'float32', []);
    const type = form === 'int8' ? 'int8' : productType;
    const read = (which: 'last' | 'before', block: number): Value => {
      const all = g.input(`${which}${block}`, type, ['batch', 'kept', width]);
      const values = g.castTo(g.op('Gather', [all, rows], { axis: 1 }), 'float32');
      if (form === 'float') return values;
      const scales = g.input(`${which}Scales${block}`, 'float32', ['batch', 'kept', 1]);
      return mul(g, values, g.op('Gather', [scales, rows], { axis: 1 }));
    };
    const write = (normed: Value, block: number): void => {
      const rowsKept = g.op('Gather', [normed, keep], { axis: 1 });
      const dims = ['batch', 'keep', width] as const;
      if (form === 'float') return g.output(`kept${block}`, g.castTo(rowsKept, productType), dims);
      const { codes, scales } = inEightBits(g, rowsKept);
      g.output(`kept${block}`, codes, dims);
      g.output(`scales${block}`, scales, ['batch', 'keep', 1]);
    };
    forwardPass(draft, undefined, {
      ropeAxis: 'ropeTokens',
      lookAt(normed, block) {
        return g.scope(`cached.${block}`, () => {
          write(normed, block);
          const last = read('last', block);
          const ahead = add(g, last, mul(g, sub(g, last, read('before', block)), reach));
          return concat(g, [normed, ahead], 1);
        });
      },
    });
  });
}

/** Float32 [.., D] as whole numbers from −127 to 127 and what they are multiples of, a scale for each row. */
function inEightBits(g: GraphBuilder, x: Value): { readonly codes: Value; readonly scales: Value } {
  const largest = g.op('ReduceMax', [g.op('Abs', [x]), g.ints([-1])], { keepdims: 1 });
  // A row of zeros has any scale.
  const scales = g.op('Max', [mul(g, largest, g.scalar(1 / 127)), g.scalar(1e-12)]);
  return { codes: g.castTo(g.op('Round', [div(g, x, scales)]), 'int8'), scales };
}
