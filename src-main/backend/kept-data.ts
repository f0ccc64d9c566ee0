import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptData } from '../../src-shared/ipc/index.ts';

/** What the program keeps in its home to be quicker, and could make again: each part's folder. */
const folders = {
  checkpoints: 'work',
  plates: 'plates',
  text: 'text',
} as const;

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  let bytes = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(path);
    // It may go in the meantime.
    else
      bytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}

/** Bytes of each part. */
export async function keptData(home: string): Promise<KeptData> {
  const sizes = Object.entries(folders).map(
    async ([part, folder]) => [part, await bytesBelow(join(home, folder))] as const,
  );
  return Object.fromEntries(await Promise.all(sizes)) as unknown as KeptData;
}

export async function clearKeptData(home: string): Promise<void> {
  for (const folder of Object.values(folders)) await rm(join(home, folder), { recursive: true, force: true });
}
