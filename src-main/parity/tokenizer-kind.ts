import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cleanPrompt } from '../engine/text/clean-prompt.ts';
import { loadTokenizer } from '../engine/text/tokenizer.ts';
import type { Comparisons } from './comparison.ts';
import type { GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';

const rowsSchema = z
  .array(z.looseObject({ text: z.string(), cleaned: z.string(), ids: z.array(z.int()) }))
  .min(1);

async function run(folder: GoldenFolder, _context: ParityContext, results: Comparisons): Promise<void> {
  const rows = rowsSchema.parse(JSON.parse(await readFile(join(folder.path, 'case.json'), 'utf8')));
  const tokenizer = await loadTokenizer(join(folder.path, 'tokenizer.json'));
  const isCleaned = rows.map(({ text, cleaned }) => cleanPrompt(text) === cleaned);
  results.countFailures('cleaned', isCleaned);
  // From the text as typed: cleaning and tokenizer together, as a prompt goes.
  const isEqual = rows.map(({ text, ids }) => tokenizer.encode(cleanPrompt(text)).join() === ids.join());
  results.countFailures('ids', isEqual);
}

/** Prompt cleaning and token ids, which are right or wrong: the difference is the number of wrong rows. */
export const tokenizerKind: GoldenKind = {
  matches: ({ files }) => files.has('case.json') && files.has('tokenizer.json'),
  run,
};
