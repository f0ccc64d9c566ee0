import type { Value } from './graph-builder.ts';
import { linear } from './layers.ts';
import { add, mul, slice, split, unsqueeze } from './tensor-ops.ts';
import {
  transformerBlock,
  type AttentionKind,
  type BlockContext,
  type BlockHooks,
} from './wan-vace-block.ts';
import { cellsPerToken, type WanVaceConfig } from './wan-vace-config.ts';
import {
  embedPatches,
  embedText,
  embedTime,
  modulatedNorm,
  project,
  type DitDraft,
} from './wan-vace-draft.ts';

/**
 * How the attention modules of the blocks come about; see `BlockHooks.attend`.
 * `block`: the main blocks first, then the VACE blocks.
 */
export type AttendModule = (kind: AttentionKind, block: number, compute: () => Value) => Value;

/** What `forwardPass` does otherwise than the plain graph. */
export interface ForwardOptions {
  readonly sinusoidInput?: boolean;
  /** See `BlockHooks.lookAt`; `block`: as for `AttendModule`. */
  readonly lookAt?: (normed: Value, block: number) => Value;
  /** Name of the axis of the rotary tables; absent: that of the tokens. */
  readonly ropeAxis?: string;
}

/**
 * The whole forward pass of Wan-VACE's transformer, with its inputs and the output `velocity` as `buildWanVaceDit`
 * describes them.
 */
export function forwardPass(
  draft: DitDraft<WanVaceConfig>,
  attend: AttendModule = (_kind, _block, compute) => compute(),
  { sinusoidInput = false, lookAt, ropeAxis = 'tokens' }: ForwardOptions = {},
): void {
  const { g, config, productType, width, observe } = draft;
  const cells = cellsPerToken(config);
  const tokens = g.input('tokens', productType, ['batch', 'tokens', cells * config.inChannels]);
  const control = g.input('control', productType, ['batch', 'tokens', cells * config.controlChannels]);
  const ropeCos = g.input('ropeCos', 'float32', [ropeAxis, config.headDim / 2]);
  const ropeSin = g.input('ropeSin', 'float32', [ropeAxis, config.headDim / 2]);
  const timestep = g.input('timestep', 'float32', ['batch']);
  const text = g.input('text', productType, ['batch', 'textTokens', config.textDim]);
  const controlScale = g.input('controlScale', 'float32', [config.vaceLayers.length]);

  const sinusoid = sinusoidInput ? g.input('timeSinusoid', 'float32', ['batch', config.freqDim]) : undefined;
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep, sinusoid));
  const context: BlockContext = {
    modulation,
    text: g.scope('text', () => embedText(draft, text)),
    ropeCos,
    ropeSin,
  };
  const patchTokens = embedPatches(draft, 'patch_embedding', tokens, config.inChannels);
  const controlTokens = embedPatches(draft, 'vace_patch_embedding', control, config.controlChannels);
  observe('patchTokens', patchTokens, ['batch', 'tokens', width]);
  observe('controlTokens', controlTokens, ['batch', 'tokens', width]);

  const hooks = (block: number): Pick<BlockHooks, 'attend' | 'lookAt'> => ({
    attend: (kind, compute) => attend(kind, block, compute),
    ...(lookAt !== undefined && { lookAt: (normed: Value) => lookAt(normed, block) }),
  });
  const hints = vaceBlocks(draft, controlTokens, patchTokens, context, hooks);
  const stream = mainBlocks(draft, patchTokens, hints, controlScale, context, hooks);
  const velocity = g.scope('head', () => head(draft, stream, temb));
  g.output('velocity', velocity, ['batch', 'tokens', cells * config.outChannels]);
}

type HooksOf = (block: number) => Pick<BlockHooks, 'attend' | 'lookAt'>;

/** Runs the control branch to its end; returns the unscaled hints, one for each VACE block. */
function vaceBlocks(
  draft: DitDraft<WanVaceConfig>,
  controlTokens: Value,
  patchTokens: Value,
  context: BlockContext,
  hooks: HooksOf,
): Value[] {
  const { g, config, width, observe } = draft;
  let state = controlTokens;
  return config.vaceLayers.map((_, i) =>
    g.scope(`vace_blocks.${i}`, () => {
      if (i === 0) state = add(g, project(draft, state, 'vace_blocks.0.proj_in'), patchTokens);
      state = transformerBlock(draft, `vace_blocks.${i}`, state, context, {
        observe: () => undefined,
        ...hooks(config.layers + i),
      });
      observe(`vace${i}State`, state, ['batch', 'tokens', width]);
      // In the type of the products, and cast where it is used: all hints wait for the main blocks together.
      const hint = linear(g, g.castTo(state, draft.productType), {
        name: `vace_blocks.${i}.proj_out`,
        inputs: width,
        outputs: width,
      });
      observe(`vace${i}Hint`, hint, ['batch', 'tokens', width]);
      return hint;
    }),
  );
}

function mainBlocks(
  draft: DitDraft<WanVaceConfig>,
  patchTokens: Value,
  hints: readonly Value[],
  controlScale: Value,
  context: BlockContext,
  hooks: HooksOf,
): Value {
  const { g, config, width } = draft;
  let stream = patchTokens;
  for (let k = 0; k < config.layers; k++) {
    const observe = (name: string, value: Value): void =>
      draft.observe(`block${k}${name}`, value, ['batch', 'tokens', width]);
    stream = g.scope(`blocks.${k}`, () => {
      let output = transformerBlock(draft, `blocks.${k}`, stream, context, {
        observe,
        ...hooks(k),
      });
      observe('BeforeHint', output);
      const i = config.vaceLayers.indexOf(k);
      if (i >= 0)
        output = add(g, output, mul(g, g.castTo(hints[i], 'float32'), slice(g, controlScale, 0, i, i + 1)));
      observe('Output', output);
      return output;
    });
  }
  return stream;
}

/**
 * The velocity of each token [B, n, 4·out], of the stream [B, n, D] and temb [B, D]. The last modulation adds the table to
 * temb, not to the projected modulation of the blocks.
 */
export function head(draft: DitDraft, stream: Value, temb: Value): Value {
  const { g, config, width, productType, observe } = draft;
  const table = g.parameter('scale_shift_table', [1, 2, width]);
  const [shift, scale] = split(g, add(g, table, unsqueeze(g, temb, [1])), 1, [1, 1]);
  const modulated = modulatedNorm(draft, stream, scale, shift);
  observe('finalModulated', modulated, ['batch', 'tokens', width]);
  return linear(g, g.castTo(modulated, productType), {
    name: 'proj_out',
    inputs: width,
    outputs: cellsPerToken(config) * config.outChannels,
  });
}
