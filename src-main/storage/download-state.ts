import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isProcessAlive } from './process-alive.ts';
import type { Statement } from './server-statement.ts';

const schema = z.object({
  url: z.string(),
  processId: z.int(),
  expected: z.string().optional(),
  total: z.int().optional(),
  linkedBytes: z.int().optional(),
  validator: z.string().optional(),
  sha256: z.string().optional(),
});

/** What is known of a file of which a part is here. */
export type PartState = Statement;

interface Wanted {
  readonly url: string;
  readonly sha256?: string;
}

/**
 * What an earlier run has noted beside the part; undefined where there is none, or of another file.
 * Throws `download-running` where another process is at it.
 */
export async function readPartState(part: string, { url, sha256 }: Wanted): Promise<PartState | undefined> {
  const text = await readFile(`${part}.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return undefined;
  const { url: noted, processId, expected, ...statement } = parsed.data;
  if (processId !== process.pid && isProcessAlive(processId)) {
    throw new HetcutError('download-running', `${url} is being downloaded by another HetCut already.`, {
      hint: 'Wait for that one to end, or stop it.',
    });
  }
  if (noted !== url || expected !== sha256) return undefined;
  return Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== undefined));
}

export async function writePartState(part: string, wanted: Wanted, statement: Statement): Promise<void> {
  const { total, linkedBytes, validator, sha256 } = statement;
  const state = { total, linkedBytes, validator, sha256 };
  const text = JSON.stringify({ url: wanted.url, processId: process.pid, expected: wanted.sha256, ...state });
  await writeFile(`${part}.json`, text);
}
