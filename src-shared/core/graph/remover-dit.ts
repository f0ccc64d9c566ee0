import type { Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { removerInChannels, type RemoverConfig } from './remover-config.ts';
import { concat, reshape } from './tensor-ops.ts';
import { blockModulation, transformerBlock } from './wan-vace-block.ts';
import { cellsPerToken } from './wan-vace-config.ts';
import { embedPatches, embedTime, modulatedNorm, openDraft, type DitDraft } from './wan-vace-draft.ts';
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
export function buildRemoverDit(config: RemoverConfig, { precision, taps }: RemoverOptions): ModelGraph {
  const wanted = new Set(taps);
  const draft = openDraft('transformer', config, precision, (g) => (name, value, dims) => {
    if (wanted.delete(name)) g.output(name, g.castTo(value, 'float32'), dims);
  });
  forwardPass(draft);
  if (wanted.size > 0) throw new Error(`no such tap: ${[...wanted].join(', ')}`);
  return draft.g.toModelGraph();
}

/** Graph `transformer-selection`; see `buildWanVaceSelection`. */
export function buildRemoverSelection(
  config: RemoverConfig,
  { precision }: Pick<RemoverOptions, 'precision'>,
): ModelGraph {
  const seen = new Map<string, Value>();
  const draft = openDraft('transformer-selection', config, precision, () => (name, value) => {
    seen.set(name, value);
  });
  forwardPass(draft);
  return selectionGraph(draft, seen, Math.floor(config.layers / 2));
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
  const { g, width, productType } = draft;
  const length = cellsPerToken(config) * config.outChannels;
  const tokens = g.input('tokens', productType, [1, 'tokens', length]);
  const timestep = g.input('timestep', 'float32', [1]);
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep));
  const nothing = g.op('Mul', [tokens, g.castTo(g.scalar(0), productType)]);
  const patches = joinChannels(draft, tokens, concat(g, [nothing, nothing], 2));
  const patchTokens = embedPatches(draft, 'patch_embedding', patches, removerInChannels(config));
  const modulatedInput = g.scope('blocks.0', () => {
    const [shift, scale] = blockModulation(draft, 'blocks.0', modulation);
    return modulatedNorm(draft, patchTokens, scale, shift);
  });
  g.output('temb', temb, [1, width]);
  g.output('timestepProj', modulation, [1, 6, width]);
  g.output('modulatedInput', modulatedInput, [1, 'tokens', width]);
  return g.toModelGraph();
}
