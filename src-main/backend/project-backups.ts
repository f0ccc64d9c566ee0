import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';

/** Saves follow each other within seconds: no two backups are made within this time. */
const intervalMs = 60_000;
/** These many of the newest are kept, however close they are. */
const keptNewest = 5;
/** Of those before, the last of each hour, until there are so many in all. */
const keptInAll = 20;
const hourMs = 3_600_000;

/** Which of the backups, by their times (newest first), are of no more use. */
export function superfluousBackups(times: readonly number[]): readonly number[] {
  const hourOf = (time: number): number => Math.floor(time / hourMs);
  const kept = times.filter((time, place) => place < keptNewest || hourOf(time) !== hourOf(times[place - 1]));
  const keptTimes = new Set(kept.slice(0, keptInAll));
  return times.filter((time) => !keptTimes.has(time));
}

/**
 * Earlier contents of project files, in `backups/<hash of the path>/<time>.hetcut` of a home: an editor's own folders
 * stay as they are, and a project on a disk that failed has its backups on another.
 */
export class ProjectBackups {
  readonly #root: string;

  constructor(home: string) {
    this.#root = join(home, 'backups');
  }

  #folderOf(path: string): string {
    return join(this.#root, createHash('sha256').update(path).digest('hex').slice(0, 32));
  }

  /** Times of the backups of the project at `path`, in milliseconds since 1970, newest first. */
  async times(path: string): Promise<readonly number[]> {
    const names = await readdir(this.#folderOf(path)).catch(() => []);
    return names
      .flatMap((name) => /^(\d+)\.hetcut$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  /** Throws `backup-missing`. */
  async read(path: string, time: number): Promise<string> {
    return readFile(join(this.#folderOf(path), `${time}.hetcut`), 'utf8').catch(() => {
      throw usageError('backup-missing', 'This earlier version is no longer there.', 'Choose another.');
    });
  }

  /** Keeps `content`, which is about to be replaced. `always`: also within a minute of the last. */
  async keep(path: string, content: Uint8Array, nowMs: number, always = false): Promise<void> {
    const times = await this.times(path);
    const [newest = -Infinity] = times;
    if (!always && nowMs - newest < intervalMs) return;
    await mkdir(this.#folderOf(path), { recursive: true });
    // Two within a millisecond would be one.
    const time = Math.max(nowMs, newest + 1);
    await writeHomeFile(join(this.#folderOf(path), `${time}.hetcut`), content);
    for (const old of superfluousBackups([time, ...times])) {
      await rm(join(this.#folderOf(path), `${old}.hetcut`), { force: true });
    }
  }

  /** Sets aside what is no project any more, for whoever can make something of it. It is never removed. */
  async keepDamaged(path: string, content: Uint8Array, nowMs: number): Promise<void> {
    await mkdir(this.#folderOf(path), { recursive: true });
    await writeHomeFile(join(this.#folderOf(path), `${nowMs}.damaged`), content);
  }
}
