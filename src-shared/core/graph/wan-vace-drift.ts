import type { Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { blockModulation } from './wan-vace-block.ts';
import { cellsPerToken, type WanBlockConfig, type WanVaceConfig } from './wan-vace-config.ts';
import { embedPatches, embedTime, modulatedNorm, openDraft, type DitDraft } from './wan-vace-draft.ts';

/**
 * Graph `transformer-drift`: the features by which caches judge how far a step has moved from the one before, without
 * a block of the network.
 * Inputs: tokens [1, m, 4·in] in the type of `precision` (any selection of a clip's tokens: none looks at another),
 * timestep float32 [1]. Outputs, float32: temb [1, D], timestepProj [1, 6, D], and modulatedInput [1, m, D], the
 * input of the first main block's self-attention: LN(patch tokens)·(1 + scale) + shift.
 */
export function buildWanVaceDrift(
  config: WanVaceConfig,
  { precision }: { readonly precision: Precision },
): ModelGraph {
  return driftGraph(openDraft('transformer-drift', config, precision), config.inChannels, (draft, tokens) =>
    embedPatches(draft, 'patch_embedding', tokens, config.inChannels),
  );
}

/** The same for any of Wan's transformers. `embed`: of tokens of `channels` channels a cell, their patches embedded. */
export function driftGraph<Config extends WanBlockConfig>(
  draft: DitDraft<Config>,
  channels: number,
  embed: (draft: DitDraft<Config>, tokens: Value) => Value,
): ModelGraph {
  const { g, config, width } = draft;
  const tokens = g.input('tokens', draft.productType, [1, 'tokens', cellsPerToken(config) * channels]);
  const timestep = g.input('timestep', 'float32', [1]);
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep));
  const patchTokens = embed(draft, tokens);
  const modulatedInput = g.scope('blocks.0', () => {
    const [shift, scale] = blockModulation(draft, 'blocks.0', modulation);
    return modulatedNorm(draft, patchTokens, scale, shift);
  });
  g.output('temb', temb, [1, width]);
  g.output('timestepProj', modulation, [1, 6, width]);
  g.output('modulatedInput', modulatedInput, [1, 'tokens', width]);
  return g.toModelGraph();
}
