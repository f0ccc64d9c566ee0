import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from './atomic-write.ts';

/** Texts that are kept, of all models: 32 tokens of 4096 numbers are half a megabyte. */
const keptTexts = 200;

/** Text embeddings of a model, so that each text is encoded once: `text/<hash>.f32` of a home, rows as float32. */
export interface EmbeddingStore {
  /** Rows of `rowLength` numbers; undefined where the text is not known, or its file is of no use. */
  read(text: string, rowLength: number): Promise<Float32Array | undefined>;
  /** Where it cannot be written, the text is encoded again next time. */
  write(text: string, rows: Float32Array): Promise<void>;
}

/** `fingerprint`: of the model with its settings. */
export function openEmbeddingStore(home: string, fingerprint: string): EmbeddingStore {
  const folder = join(home, 'text');
  const pathOf = (text: string): string => {
    const hash = createHash('sha256').update(`${fingerprint}\n${text}`).digest('hex');
    return join(folder, `${hash.slice(0, 40)}.f32`);
  };
  return {
    async read(text, rowLength) {
      const path = pathOf(text);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes === undefined || bytes.length === 0 || bytes.length % (4 * rowLength) !== 0) return undefined;
      const rows = new Float32Array(new Uint8Array(bytes).buffer);
      if (!rows.every(Number.isFinite)) return undefined;
      // Those used last are kept longest.
      await utimes(path, new Date(), new Date()).catch(() => undefined);
      return rows;
    },
    async write(text, rows) {
      try {
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(pathOf(text), new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
        await removeOld(folder);
      } catch {
        // The text will be encoded again: nothing is lost but time.
      }
    },
  };
}

async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.f32'));
  if (names.length <= keptTexts) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const usedMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { path, usedMs };
    }),
  );
  files.sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of files.slice(keptTexts)) await rm(path, { force: true });
}
