import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** Configurations, lists of shards, tokenizers: the largest that are published have 20 MB. */
const mostConfigBytes = 64 * 2 ** 20;
/** Projects and masks, which hold a mask for each tracked frame. */
export const mostDocumentBytes = 512 * 2 ** 20;

/**
 * A file that is read whole, and is refused before any of it is where it is larger than such files are. Pipes are not waited
 * for. Throws HetcutError `file-too-large`, an Error where it is no file, and what the system throws.
 */
export async function readSmallFile(path: string, mostBytes = mostConfigBytes): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const entry = await handle.stat();
    if (entry.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    if (!entry.isFile()) throw new Error('it is no file');
    if (entry.size > mostBytes) {
      const [size, most] = [entry.size, mostBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`);
      throw new HetcutError(
        'file-too-large',
        `${path} has ${size}; a file of its kind has ${most} at most.`,
        {
          hint: 'It is another file than its name says, or damaged: get it again.',
        },
      );
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
