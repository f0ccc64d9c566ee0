import type { FloatType, RopeTables } from '../../src-shared/core/graph/index.ts';
import type { Session } from './session.ts';
import { floatsOf, floatTensor, stack } from './tensors.ts';

/** What stays the same over all steps of one window. */
export interface Conditions {
  /** Control tokens [n, 384], float32. */
  readonly control: Float32Array;
  readonly rope: RopeTables;
  /** Text embeddings, one [textTokens, textDim] per stream: [cond] or [cond, uncond]. */
  readonly texts: readonly Float32Array[];
  readonly textTokens: number;
  /** Weight of each VACE hint, [V]; 1 is as trained. */
  readonly controlScale: Float32Array;
}

/** Tokens in, velocity out. */
export interface Denoiser {
  /**
   * One network call at `timestep` (0…1000) on `tokens` [n, 64]: the velocity [n, 64] of every text stream,
   * in the order of `Conditions.texts`.
   */
  velocities(tokens: Float32Array, timestep: number): Promise<Float32Array[]>;
}

/** A denoiser over one session of the DiT graph. The streams run as one batch. */
export function createDenoiser(session: Session, type: FloatType, conditions: Conditions): Denoiser {
  const { control, rope, texts, textTokens, controlScale } = conditions;
  const batch = texts.length;
  const n = rope.tokens;
  const repeat = (data: Float32Array): Float32Array => stack(texts.map(() => data));
  const fixed = {
    control: floatTensor(repeat(control), [batch, n, control.length / n], type),
    ropeCos: floatTensor(rope.cos, [n, rope.columns], 'float32'),
    ropeSin: floatTensor(rope.sin, [n, rope.columns], 'float32'),
    text: floatTensor(stack(texts), [batch, textTokens, texts[0].length / textTokens], type),
    controlScale: floatTensor(controlScale, [controlScale.length], 'float32'),
  };
  return {
    async velocities(tokens, timestep) {
      const outputs = await session.run({
        ...fixed,
        tokens: floatTensor(repeat(tokens), [batch, n, tokens.length / n], type),
        timestep: floatTensor(new Float32Array(batch).fill(timestep), [batch], 'float32'),
      });
      const velocity = floatsOf(outputs['velocity']);
      return texts.map((_, stream) =>
        velocity.subarray(stream * tokens.length, (stream + 1) * tokens.length),
      );
    },
  };
}
