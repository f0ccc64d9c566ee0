import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreviewMedia } from '../media/index.ts';

/** About 1 MB a minute each. */
const keptFiles = 32;

/**
 * Sound of clips to be played, as files of `cache` in a home. A file is named by the state of its clip (`stamp`), and
 * is valid for as long as that is the clip's.
 */
export class SoundFiles {
  readonly #folder: string;
  readonly #media: PreviewMedia;
  readonly #signal: AbortSignal;
  /** The writing of a file, and whether there is sound; by stamp. */
  readonly #written = new Map<string, Promise<string | null>>();

  constructor(home: string, media: PreviewMedia, signal: AbortSignal) {
    this.#folder = join(home, 'cache');
    this.#media = media;
    this.#signal = signal;
  }

  /** The file with a clip's sound; null where it has none. */
  pathOf(clipPath: string, stamp: string): Promise<string | null> {
    const written = this.#written.get(stamp) ?? this.#write(clipPath, stamp);
    this.#written.set(stamp, written);
    written.catch(() => this.#written.delete(stamp));
    return written;
  }

  async #write(clipPath: string, stamp: string): Promise<string | null> {
    const name = `${createHash('sha256').update(stamp).digest('hex').slice(0, 32)}.m4a`;
    const path = join(this.#folder, name);
    const now = new Date();
    // Its time says when it was used last.
    const isThere = await utimes(path, now, now).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
    await mkdir(this.#folder, { recursive: true });
    if (!(await this.#media.writeAudio(clipPath, path, this.#signal))) return null;
    await this.#removeOld(path);
    return path;
  }

  async #removeOld(newest: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.m4a'));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return { path, mtimeMs: (await stat(path)).mtimeMs };
      }),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    for (const { path } of files.slice(keptFiles)) {
      if (path === newest) continue;
      await rm(path, { force: true });
      // A clip that is still open has its sound written again.
      this.#written.clear();
    }
  }
}
