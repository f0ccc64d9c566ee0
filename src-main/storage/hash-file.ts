import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cancelledError } from '../../src-shared/core/errors/index.ts';

interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of each part that was read. */
  readonly onBytes?: (bytes: number) => void;
}

/** SHA-256 over a file, open for more. Throws `cancelled`, and what reading throws. */
export async function hashOf(path: string, { signal, onBytes }: HashOptions = {}): Promise<Hash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) {
    if (signal?.aborted === true) throw cancelledError();
    hash.update(chunk as Buffer);
    onBytes?.((chunk as Buffer).length);
  }
  return hash;
}

/** Hexadecimal SHA-256 of a file. Throws as `hashOf` does. */
export async function hashFile(path: string, options?: HashOptions): Promise<string> {
  return (await hashOf(path, options)).digest('hex');
}
