import type { Session } from '../network/session.ts';
import { floatsOf } from '../network/tensors.ts';

/** Rows of a text encoder for at most `maxTokens` of the tokens `ids`, float32 [tokens, d_model]. */
export async function encodeTokens(
  session: Session,
  ids: readonly number[],
  maxTokens: number,
): Promise<Float32Array> {
  const valid = ids.slice(0, maxTokens);
  const { embeddings } = await session.run({
    inputIds: { type: 'int64', dims: [1, valid.length], data: BigInt64Array.from(valid, BigInt) },
  });
  return floatsOf(embeddings);
}

/**
 * Text embeddings as Wan takes them: the encoder runs on the valid tokens alone (the same rows as with
 * padding and a mask, without its cost); the rows up to `maxTokens` are zeros, and take part in
 * cross-attention. Returns float32 [maxTokens, d_model].
 */
export async function encodeText(
  session: Session,
  ids: readonly number[],
  maxTokens: number,
): Promise<Float32Array> {
  const rows = await encodeTokens(session, ids, maxTokens);
  const padded = new Float32Array((rows.length / Math.min(ids.length, maxTokens)) * maxTokens);
  padded.set(rows);
  return padded;
}
