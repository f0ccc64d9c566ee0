import { requireFinite } from '../engine/network/finite.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { cleanPrompt } from '../engine/text/clean-prompt.ts';
import { encodeTokens } from '../engine/text/text-encoder.ts';
import { loadTokenizer } from '../engine/text/tokenizer.ts';
import { openEmbeddingStore, type EmbeddingStore } from '../jobs/embedding-store.ts';

/** What of the prompts was encoded before, and the texts that were not, each once. */
async function recall(
  store: EmbeddingStore,
  { settings, transformer }: ModelFolder,
  prompts: readonly string[],
): Promise<{ known: Map<string, Float32Array>; unknown: string[] }> {
  const { textDim } = transformer.spec;
  const texts = [...new Set(prompts.map(cleanPrompt))];
  const known = new Map<string, Float32Array>();
  for (const text of texts) {
    const rows = await store.read(text, textDim);
    if (rows !== undefined && rows.length <= settings.textTokens * textDim) known.set(text, rows);
  }
  return { known, unknown: texts.filter((text) => !known.has(text)) };
}

/** How many texts `encodePrompts` would have to encode. */
export async function countUnknownTexts(
  home: string,
  model: ModelFolder,
  prompts: readonly string[],
): Promise<number> {
  if (model.textEncoder === undefined || model.tokenizer === undefined) return 0;
  return (await recall(openEmbeddingStore(home, model.fingerprint), model, prompts)).unknown.length;
}

/**
 * Embeddings of the prompts, [textTokens, textDim] float32 each; zeros without an encoder. Texts that were encoded before
 * are read from the home; for the others the encoder is loaded, on the CPU, and released.
 */
export async function encodePrompts(
  home: string,
  sessions: SessionFactory,
  model: ModelFolder,
  prompts: readonly string[],
): Promise<Float32Array[]> {
  const { textTokens, vocabulary } = model.settings;
  const { textDim } = model.transformer.spec;
  const length = textTokens * textDim;
  const { textEncoder, tokenizer: tokenizerPath } = model;
  if (textEncoder === undefined || tokenizerPath === undefined) {
    return prompts.map(() => new Float32Array(length));
  }
  const store = openEmbeddingStore(home, model.fingerprint);
  const { known, unknown } = await recall(store, model, prompts);
  if (unknown.length > 0) {
    const maxTokens = Math.min(textTokens, vocabulary?.mostTokens ?? textTokens);
    const tokenizer = await loadTokenizer(tokenizerPath, { maxTokens });
    const ids = unknown.map((text) => tokenizer.encode(text));
    // What it is run for once is not worth the room that its weights would take on a card.
    const session = await sessions.open(textEncoder.graph, { providers: ['cpu'], lean: true });
    try {
      for (const [i, text] of unknown.entries()) {
        const rows = requireFinite(await encodeTokens(session, ids[i], textTokens), 'the text encoder');
        known.set(text, rows);
        await store.write(text, rows);
      }
    } finally {
      await session.release();
    }
  }
  return prompts.map((prompt) => {
    // The rows up to the last are zeros, and take part in cross-attention.
    const padded = new Float32Array(length);
    padded.set(known.get(cleanPrompt(prompt))!);
    return padded;
  });
}
