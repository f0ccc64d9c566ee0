import type { Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { removerInChannels, type RemoverConfig } from './remover-config.ts';
import { concat, reshape } from './tensor-ops.ts';
import { transformerBlock } from './wan-vace-block.ts';
import { cellsPerToken } from './wan-vace-config.ts';
import { embedPatches, embedTime, openDraft, tappedGraph, type DitDraft } from './wan-vace-draft.ts';
import { driftGraph } from './wan-vace-drift.ts';
import { head } from './wan-vace-forward.ts';
import { selectionGraph } from './wan-vace-selection.ts';

export interface RemoverOptions {
  /** As for Wan-VACE: see `WanVaceOptions`. */
  readonly precision: Precision;
  /** Further outputs, by the names of `WanVaceOptions.taps`, as far as the network has them. */
  readonly taps?: readonly string[];
}

/** The channels of the sample and of the control side by side in each cell: [B, n, 4·in]. */
function joinChannels({ g, config }: DitDraft<RemoverConfig>, tokens: Value, control: Value): Value {
  const cells = cellsPerToken(config);
  const { outChannels } = config;
  const sample = reshape(g, tokens, [0, 0, cells, outChannels]);
  const known = reshape(g, control, [0, 0, cells, 2 * outChannels]);
  return reshape(g, concat(g, [sample, known], 3), [0, 0, cells * removerInChannels(config)]);
}

/**
 * The whole forward pass: a Wan transformer without text, of self-attention and feed-forward, which sees the control in
 * the channels of the sample (MiniMax-Remover, arXiv 2505.24873).
 * Inputs: tokens [B, n, 4·out], control [B, n, 8·out], ropeCos and ropeSin float32 [n, head_dim/2], timestep float32 [B].
 * Output: velocity [B, n, 4·out].
 */
function forwardPass(draft: DitDraft<RemoverConfig>): void {
  const { g, config, productType, width, observe } = draft;
  const length = cellsPerToken(config) * config.outChannels;
  const tokens = g.input('tokens', productType, ['batch', 'tokens', length]);
  const control = g.input('control', productType, ['batch', 'tokens', 2 * length]);
  const ropeCos = g.input('ropeCos', 'float32', ['tokens', config.headDim / 2]);
  const ropeSin = g.input('ropeSin', 'float32', ['tokens', config.headDim / 2]);
  const timestep = g.input('timestep', 'float32', ['batch']);
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep));
  const patches = joinChannels(draft, tokens, control);
  let stream = embedPatches(draft, 'patch_embedding', patches, removerInChannels(config));
  observe('patchTokens', stream, ['batch', 'tokens', width]);
  for (let k = 0; k < config.layers; k++) {
    stream = g.scope(`blocks.${k}`, () => {
      const tap = (name: string, value: Value): void =>
        observe(`block${k}${name}`, value, ['batch', 'tokens', width]);
      tap('Input', stream);
      const output = transformerBlock(
        draft,
        `blocks.${k}`,
        stream,
        { modulation, ropeCos, ropeSin },
        { observe: tap, attend: (_kind, compute) => compute() },
      );
      tap('Output', output);
      return output;
    });
  }
  const velocity = g.scope('head', () => head(draft, stream, temb));
  g.output('velocity', velocity, ['batch', 'tokens', length]);
}

/** Graph `transformer` of MiniMax-Remover, for any number of tokens n and any batch B. */
export function buildRemoverDit(config: RemoverConfig, options: RemoverOptions): ModelGraph {
  return tappedGraph(config, options, forwardPass);
}

/** Graph `transformer-selection`; see `buildWanVaceSelection`. */
export function buildRemoverSelection(
  config: RemoverConfig,
  { precision }: Pick<RemoverOptions, 'precision'>,
): ModelGraph {
  return selectionGraph(config, { precision }, forwardPass);
}

/**
 * Graph `transformer-drift`; see `buildWanVaceDrift`. The control is left at zero: it is the same at every step, and what
 * is measured is how far a step has moved from the one before.
 */
export function buildRemoverDrift(
  config: RemoverConfig,
  { precision }: Pick<RemoverOptions, 'precision'>,
): ModelGraph {
  const draft = openDraft('transformer-drift', config, precision);
  const { g, productType } = draft;
  return driftGraph(draft, config.outChannels, (_, tokens) => {
    const nothing = g.op('Mul', [tokens, g.castTo(g.scalar(0), productType)]);
    const patches = joinChannels(draft, tokens, concat(g, [nothing, nothing], 2));
    return embedPatches(draft, 'patch_embedding', patches, removerInChannels(config));
  });
}
