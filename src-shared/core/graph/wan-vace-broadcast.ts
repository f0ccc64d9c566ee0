import type { Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { concat, unsqueeze } from './tensor-ops.ts';
import type { AttentionKind } from './wan-vace-block.ts';
import type { WanVaceConfig } from './wan-vace-config.ts';
import { openDraft, type DitDraft } from './wan-vace-draft.ts';
import { forwardPass } from './wan-vace-forward.ts';

/**
 * Graph `transformer-broadcast`: `transformer` (see `buildWanVaceDit`) whose attention outputs can be taken from an
 * earlier call, as Pyramid Attention Broadcast does (arXiv:2408.12588).
 * Further inputs: computeSelf and computeCross bool [], selfBefore and crossBefore [blocks, B, n, D]; further outputs
 * selfAfter and crossAfter [blocks, B, n, D]: what each self- and cross-attention returns after its output projection,
 * before the gate; the main blocks first, then the VACE blocks. All have the type of `precision`.
 * Where a kind is computed, its `Before` is not read and may have any number of tokens, none too; where it is not, its
 * modules do not run, nor what feeds them alone, and `After` repeats `Before`.
 */
export function buildWanVaceBroadcast(
  config: WanVaceConfig,
  { precision }: { readonly precision: Precision },
): ModelGraph {
  const draft = openDraft('transformer-broadcast', config, precision);
  const { g } = draft;
  const modules = { self: openModules(draft, 'self'), cross: openModules(draft, 'cross') };
  forwardPass(draft, (kind, block, compute) => {
    const { isComputed, before, after } = modules[kind];
    const [output] = g.branch(
      isComputed,
      () => [compute()],
      () => [g.op('Gather', [before, g.ints([block], [])], { axis: 0 })],
    );
    after[block] = output;
    return output;
  });
  for (const kind of ['self', 'cross'] as const) {
    const rows = modules[kind].after.map((output) => unsqueeze(g, output, [0]));
    g.output(`${kind}After`, concat(g, rows, 0), [rows.length, 'batch', 'tokens', draft.width]);
  }
  return g.toModelGraph();
}

/** The attention modules of one kind: the inputs that steer them, and the outputs by block, filled in later. */
interface Modules {
  readonly isComputed: Value;
  readonly before: Value;
  readonly after: Value[];
}

function openModules(
  { g, config, width, productType }: DitDraft<WanVaceConfig>,
  kind: AttentionKind,
): Modules {
  const blocks = config.layers + config.vaceLayers.length;
  const isComputed = g.input(kind === 'self' ? 'computeSelf' : 'computeCross', 'bool', []);
  // An axis of its own: this input may have another length than the tokens of the call.
  const before = g.input(`${kind}Before`, productType, [blocks, 'batch', `${kind}BeforeTokens`, width]);
  return { isComputed, before, after: new Array<Value>(blocks) };
}
