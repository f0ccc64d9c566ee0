import {
  MetaspacePreTokenizer,
  PrecompiledNormalizer,
  SequenceNormalizer,
  SequencePreTokenizer,
  Tokenizer,
  type Normalizer,
  type PreTokenizer,
} from '@huggingface/tokenizers';
import { z } from 'zod';
import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import { readSmallFile } from '../small-file.ts';
import { PrecompiledCharsmap } from './precompiled-charsmap.ts';

/** Tokens that the text encoder was trained on: longer prompts are cut. */
const defaultMaxTokens = 512;

export interface PromptTokenizer {
  /** Ids that the tokenizer can give are below this. */
  readonly vocabularySize: number;
  /**
   * Token ids of a (cleaned) prompt, the end-of-text token last: at most `maxTokens`, and then the text is cut,
   * not its end token. No padding.
   */
  encode(text: string): number[];
}

/** What of tokenizer.json is read here; the library reads the rest. */
const tokenizerFile = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int().nonnegative(), content: z.string() })).default([]),
  pre_tokenizer: z.unknown(),
  model: z.looseObject({
    type: z.literal('Unigram', { error: 'only Unigram models are supported' }),
    unk_id: z.int().nonnegative(),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    byte_fallback: z.boolean().default(false),
  }),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

/**
 * Opens a Hugging Face `tokenizer.json` (a Unigram model, as T5 and UMT5 have). Returns the ids that the Python
 * library `tokenizers` returns. Throws HetcutError naming the file.
 */
export async function loadTokenizer(
  tokenizerJsonPath: string,
  options: { readonly maxTokens?: number } = {},
): Promise<PromptTokenizer> {
  const { maxTokens = defaultMaxTokens } = options;
  const { file, tokenizer } = await openFile(tokenizerJsonPath);
  const suffix = tokenizer.encode('', { add_special_tokens: true }).ids;
  if (suffix.length !== 1) {
    throw unusable(
      tokenizerJsonPath,
      `it adds ${suffix.length} special tokens to a text, not one at its end`,
    );
  }
  const idOf = idLookup(file, tokenizer);
  const lastId = file.added_tokens.reduce((last, { id }) => Math.max(last, id), file.model.vocab.length - 1);
  return {
    vocabularySize: lastId + 1,
    encode(text: string): number[] {
      const pieces = tokenizer.tokenize(text, { add_special_tokens: false });
      return [...pieces.flatMap(idOf).slice(0, maxTokens - suffix.length), ...suffix];
    },
  };
}

async function openFile(path: string): Promise<{ file: TokenizerFile; tokenizer: Tokenizer }> {
  let text: string;
  try {
    text = (await readSmallFile(path)).toString();
  } catch (cause) {
    if (cause instanceof HetcutError) throw cause;
    throw new HetcutError('tokenizer-unreadable', `${path}: cannot be read (${String(cause)}).`, {
      hint: 'Check that the model folder has a tokenizer.json, then import the model again.',
      cause,
    });
  }
  try {
    const json: unknown = JSON.parse(text);
    const file = tokenizerFile.parse(json);
    const vocab = file.model.vocab.map(([piece, score]) => [piece, scoreAsReference(score)] as const);
    const tokenizer = new Tokenizer({ ...file, model: { ...file.model, vocab } }, {});
    applyCharsmaps(tokenizer);
    if (!hasWholeTextMetaspace(file.pre_tokenizer)) splitAtMetaspace(tokenizer);
    return { file, tokenizer };
  } catch (cause) {
    const reason = reasonOf(cause);
    throw unusable(path, reason, cause);
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) return z.prettifyError(cause);
  const { message } = cause as Error;
  // What the library says of a part that is not there, or is none.
  return /undefined/.test(message) ? 'one of its parts is missing or of another kind' : message;
}

function unusable(path: string, reason: string, cause?: unknown): HetcutError {
  return new HetcutError('tokenizer-unusable', `${path}: no tokenizer that HetCut can use: ${reason}.`, {
    hint: 'Take the tokenizer.json that belongs to the model (its "fast" tokenizer) and import it again.',
    cause,
  });
}

// What follows makes good where @huggingface/tokenizers 0.2 departs from the Python library.

/**
 * The Python library reads a number as all its digits in one integer and then divides by a power of ten
 * (serde_json's fast path), which may miss the nearest double by its last bit. That bit decides between
 * segmentations of equal score, as of "---" into "--" and "-". The digits of the file are those of `String`.
 */
function scoreAsReference(score: number): number {
  const [mantissa, exponent = '0'] = String(score).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const power = Number(exponent) - fraction.length;
  const scale = Number(`1e${Math.abs(power)}`);
  const digits = Number(whole + fraction);
  return power < 0 ? digits / scale : digits * scale;
}

/** It approximates every character map by NFKC, which takes emoji and Indic joiners apart: use the file's own. */
function applyCharsmaps(tokenizer: Tokenizer): void {
  for (const normalizer of normalizersOf(tokenizer.normalizer)) {
    if (!(normalizer instanceof PrecompiledNormalizer)) continue;
    const { config } = normalizer;
    if (config.type !== 'Precompiled') continue;
    const charsmap = new PrecompiledCharsmap(Buffer.from(config.precompiled_charsmap, 'base64'));
    normalizer.normalize = (text) => charsmap.normalize(text);
  }
}

function normalizersOf(normalizer: Normalizer | null): Normalizer[] {
  if (normalizer instanceof SequenceNormalizer) return normalizer.normalizers.flatMap(normalizersOf);
  return normalizer === null ? [] : [normalizer];
}

/** It never splits at the word mark "▁", though the default is to split before each. */
function splitAtMetaspace(tokenizer: Tokenizer): void {
  for (const preTokenizer of preTokenizersOf(tokenizer.pre_tokenizer)) {
    if (!(preTokenizer instanceof MetaspacePreTokenizer)) continue;
    const whole = preTokenizer.pre_tokenize_text.bind(preTokenizer);
    const { replacement } = preTokenizer;
    preTokenizer.pre_tokenize_text = (text, options) =>
      whole(text, options).flatMap((piece) => {
        const [first, ...rest] = piece.split(replacement);
        const words = rest.map((word) => replacement + word);
        return first === '' ? words : [first, ...words];
      });
  }
}

function preTokenizersOf(preTokenizer: PreTokenizer | null): PreTokenizer[] {
  if (preTokenizer instanceof SequencePreTokenizer) return preTokenizer.tokenizers.flatMap(preTokenizersOf);
  return preTokenizer === null ? [] : [preTokenizer];
}

/** Whether the file asks for a Metaspace that does not split. */
function hasWholeTextMetaspace(preTokenizer: unknown): boolean {
  const parsed = z
    .object({ split: z.boolean().optional(), pretokenizers: z.array(z.unknown()).optional() })
    .safeParse(preTokenizer);
  if (!parsed.success) return false;
  return parsed.data.split === false || (parsed.data.pretokenizers ?? []).some(hasWholeTextMetaspace);
}

/** It has no byte fallback for Unigram models: an unknown piece becomes the tokens <0x00> … <0xFF> of its UTF-8. */
function idLookup(file: TokenizerFile, tokenizer: Tokenizer): (piece: string) => number[] {
  const byteIds = Array.from({ length: 256 }, (_, byte) =>
    tokenizer.token_to_id(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  const encoder = new TextEncoder();
  return (piece) => {
    const id = tokenizer.token_to_id(piece);
    if (id !== undefined) return [id];
    if (!file.model.byte_fallback) return [file.model.unk_id];
    const ids = [...encoder.encode(piece)].map((byte) => byteIds[byte]);
    return ids.every((byteId) => byteId !== undefined) ? ids : [file.model.unk_id];
  };
}
