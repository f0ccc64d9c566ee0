import { join } from 'node:path';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { parseUmt5Config, relativeBucket } from '../../src-shared/core/graph/index.ts';
import type { Session } from '../engine/network/session.ts';
import { encodeText } from '../engine/text/text-encoder.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';

/** Token ids of the rows of [B, S] where the mask is 1. */
async function validIds(store: TensorStore, suffix: string): Promise<number[][]> {
  const [batch, length] = store.shape(`input_ids${suffix}`);
  const ids = await store.int32(`input_ids${suffix}`);
  const mask = await store.int32(`attention_mask${suffix}`);
  return Array.from({ length: batch }, (_, b) =>
    [...ids.subarray(b * length, (b + 1) * length)].filter((_, i) => mask[b * length + i] === 1),
  );
}

/** Hidden states at padded positions mean nothing: both sides are compared on the valid rows. */
async function compareHidden(
  session: Session,
  store: TensorStore,
  { name, suffix }: { name: string; suffix: string },
  tolerance: number,
  results: Comparisons,
): Promise<void> {
  const rows = await validIds(store, suffix);
  const [, length, width] = store.shape(name);
  const golden = await store.float32(name);
  const actual: number[] = [];
  const expected: number[] = [];
  for (const [b, ids] of rows.entries()) {
    actual.push(...(await encodeText(session, ids, ids.length)));
    expected.push(...golden.subarray(b * length * width, (b * length + ids.length) * width));
  }
  results.check(name, actual, expected, tolerance);
}

/** Wan's convention: valid rows, then zeros up to the full length. */
async function comparePromptEmbeds(
  session: Session,
  store: TensorStore,
  name: string,
  tolerance: number,
  results: Comparisons,
): Promise<void> {
  const suffix = name.slice('wan_prompt_embeds'.length);
  const [, length] = store.shape(name);
  const actual: number[] = [];
  for (const ids of await validIds(store, suffix)) actual.push(...(await encodeText(session, ids, length)));
  results.check(name, actual, await store.float32(name), tolerance);
}

async function compareBuckets(
  store: TensorStore,
  config: unknown,
  path: string,
  results: Comparisons,
): Promise<void> {
  if (!store.has('relative_bucket')) return;
  const sizes = parseUmt5Config(config, path);
  const positions = await store.int32('relative_position');
  const buckets = Array.from(positions, (position) => relativeBucket(position, sizes));
  results.check('relative_bucket', buckets, await store.int32('relative_bucket'), 0);
}

/** The tensors that the weights in `text_encoder<suffix>` gave. */
function outputsOf(names: ReadonlySet<string>, encoder: string): { hidden: string[]; prompts: string[] } {
  const variant = encoder.slice('text_encoder'.length);
  const all = [...names].sort();
  if (variant !== '') {
    return { hidden: all.filter((name) => name === `last_hidden_state_from${variant}_weights`), prompts: [] };
  }
  return {
    hidden: all.filter((name) => /^last_hidden_state(_\d+)?$/.test(name)),
    prompts: all.filter((name) => /^wan_prompt_embeds(_\d+)?$/.test(name)),
  };
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const tolerance = context.tolerances.text;
  const store = await openCase(folder);
  try {
    for (const [encoder, className] of folder.classes) {
      if (className !== 'UMT5EncoderModel') continue;
      const { hidden, prompts } = outputsOf(folder.tensors, encoder);
      const part = await context.importPart(wanVace, 'text-encoder', join(folder.path, encoder));
      if (encoder === 'text_encoder') await compareBuckets(store, part.config, part.configPath, results);
      const session = await part.open('text-encoder');
      try {
        for (const name of hidden) {
          const suffix = /^last_hidden_state(_\d+)$/.exec(name)?.[1] ?? '';
          await compareHidden(session, store, { name, suffix }, tolerance, results);
        }
        for (const name of prompts) await comparePromptEmbeds(session, store, name, tolerance, results);
      } finally {
        await session.release();
      }
    }
  } finally {
    await store.close();
  }
}

/** UMT5's encoder, from weights in one or several precisions on disk. */
export const umt5Kind: GoldenKind = {
  matches: ({ classes, files, tensors }) =>
    classes.get('text_encoder') === 'UMT5EncoderModel' &&
    !files.has('model_index.json') &&
    tensors.has('input_ids'),
  run,
};
