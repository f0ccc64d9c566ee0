import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { SampleState } from '../engine/generate/sampling-loop.ts';
import { writeHomeFile } from './atomic-write.ts';

/** The first line of the file, as JSON; after it the state as V8 serializes it: floats, which no packing shrinks. */
interface Header {
  /** What the steps are of. */
  readonly of: string;
  readonly bytes: number;
  readonly sha256: string;
}

const newLine = 10;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Keeps a state in a file, whole or not at all, in place of the one before. Errors: disk-full, home-unwritable. */
export async function writeStepsFile(path: string, of: string, state: SampleState): Promise<void> {
  const body = serialize(state);
  const header: Header = { of, bytes: body.length, sha256: sha256(body) };
  await writeHomeFile(path, [Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/**
 * The state that was kept under the text `of`; null where there is no file. One that cannot be used is removed.
 * @throws HetcutError `steps-stale` where it was kept under another text, `steps-damaged` where it is not as written
 */
export async function readStepsFile(path: string, of: string): Promise<SampleState | null> {
  try {
    return stateIn(await readFile(path), path, of);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    await rm(path, { force: true });
    if (error instanceof HetcutError) throw error;
    throw new HetcutError('steps-damaged', `The saved steps in ${path} are damaged.`, {
      hint: 'The window starts again.',
      cause: error,
    });
  }
}

/** Throws HetcutError `steps-stale`, and anything where the file is not as written. */
function stateIn(file: Uint8Array, path: string, of: string): SampleState {
  const end = file.indexOf(newLine);
  const header = JSON.parse(Buffer.from(file.subarray(0, end)).toString('utf8')) as Header;
  const body = file.subarray(end + 1);
  if (body.length !== header.bytes || sha256(body) !== header.sha256) throw new Error('another checksum');
  if (header.of !== of) {
    throw new HetcutError('steps-stale', `The saved steps in ${path} belong to another job.`, {
      hint: 'The window starts again.',
    });
  }
  return deserialize(body) as SampleState;
}
