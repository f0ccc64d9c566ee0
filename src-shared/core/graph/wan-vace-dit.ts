import type { ModelGraph, Precision } from './model-graph.ts';
import type { WanVaceConfig } from './wan-vace-config.ts';
import { tappedGraph } from './wan-vace-draft.ts';
import { forwardPass } from './wan-vace-forward.ts';

export interface WanVaceOptions {
  /**
   * fp16: matrix products and attention in float16; time embedder, modulation, norms, rotary embedding and the whole
   * residual stream in float32.
   */
  readonly precision: Precision;
  /**
   * Further outputs, by name, all float32: `timeSinusoid`, `temb` [B, D], `timestepProj` [B, 6, D], `textEmbedded`,
   * `patchTokens`, `controlTokens`, `vace{i}State`, `vace{i}Hint` (unscaled), `finalModulated`, and for main block k
   * `block{k}ModulatedInput`, `block{k}Query`, `block{k}Key`, `block{k}Value`, `block{k}AttentionHeads` (before its
   * output projection), `block{k}SelfAttention`, `block{k}CrossAttention`, `block{k}FeedForward`,
   * `block{k}BeforeHint`, `block{k}Output`. [B, n, D] where nothing else is said.
   */
  readonly taps?: readonly string[];
  /**
   * Adds the input timeSinusoid float32 [B, freq_dim], which takes the place of what is computed from the timestep: its
   * last digits depend on the library that rounds them, and what is behind it can then be compared by itself.
   */
  readonly sinusoidInput?: boolean;
}

/**
 * Graph `transformer`: Wan-VACE's diffusion transformer (diffusers' WanVACETransformer3DModel), for any number of
 * tokens n, any batch B and text length L.
 * Inputs: tokens [B, n, 4·in], control [B, n, 4·vace_in], ropeCos and ropeSin float32 [n, head_dim/2],
 * timestep float32 [B], text [B, L, text_dim], controlScale float32 [vace blocks]. Output: velocity [B, n, 4·out].
 * Tokens run frame, row, column; within a token row of the patch, column of the patch, channel.
 * tokens, control, text and velocity have the type of `precision`.
 *
 * Profiled on the CPU at n = 1792 (3×64, ffn 768, 6 + 3 blocks): attention takes 48 to 54 % of the time, products 38
 * to 41 %, adds of biases and residuals 3 to 4 %, gelu 2 %, all norms 2 to 3 %: what is left to fuse would not show.
 */
export function buildWanVaceDit(config: WanVaceConfig, options: WanVaceOptions): ModelGraph {
  return tappedGraph(config, options, (draft) => forwardPass(draft, undefined, options));
}
