import { mkdir, readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { usageError } from '../../src-shared/core/errors/index.ts';
import type { RecentProject } from '../../src-shared/ipc/index.ts';
import { parseProject, type Project } from '../../src-shared/project/index.ts';
import { writeHomeFile } from '../jobs/whole-file.ts';

const ending = '.hetcut.json';
/** Numbered from 1, the newest. */
const keptBackups = 5;
/** A backup is made of the file that a save replaces, but no two within this time: a save is every few seconds. */
const backupIntervalMs = 60_000;
/** Recent projects that are listed. */
const listedProjects = 30;

const titleSchema = z.object({ id: z.string(), name: z.string() });

/** Projects as JSON files `projects/<id>.hetcut.json` of a home, with backups beside them. */
export interface ProjectStore {
  readonly folder: string;
  /** Reads a project, from wherever it lies. Errors: file-not-found, project-file, project-version. */
  open(path: string): Promise<Project>;
  /** Writes a project whole or not at all. Errors: disk-full, home-unwritable. */
  save(project: Project): Promise<{ readonly path: string; readonly savedAt: number }>;
  /** Newest first; a file that cannot be read is left out. */
  recent(): Promise<readonly RecentProject[]>;
}

async function rotateBackups(path: string, nowMs: number): Promise<void> {
  const backup = (number: number): string => `${path}.${number}`;
  const newest = await stat(backup(1)).catch(() => undefined);
  if (newest !== undefined && nowMs - newest.mtimeMs < backupIntervalMs) return;
  const content = await readFile(path).catch(() => undefined);
  if (content === undefined) return;
  for (let number = keptBackups - 1; number >= 1; number--) {
    // Fewer than five are there at first.
    await rename(backup(number), backup(number + 1)).catch(() => undefined);
  }
  await writeHomeFile(backup(1), content);
  await utimes(backup(1), new Date(nowMs), new Date(nowMs));
}

async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR') {
      throw usageError('not-a-file', `${path} is a folder, not a project.`, 'Name the file itself.');
    }
    throw usageError('file-not-found', `There is no project at ${path} that can be read.`, 'Check the path.');
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      'project-file',
      `${path} is not JSON: ${(error as Error).message}.`,
      'Open a backup: the same name with .1 to .5 at its end.',
    );
  }
}

export function openProjectStore(home: string, nowMs: () => number): ProjectStore {
  const folder = join(home, 'projects');
  let saving: Promise<unknown> = Promise.resolve();

  async function write(project: Project): Promise<{ path: string; savedAt: number }> {
    const path = join(folder, `${project.id}${ending}`);
    await mkdir(folder, { recursive: true });
    const savedAt = nowMs();
    await rotateBackups(path, savedAt);
    await writeHomeFile(path, `${JSON.stringify(project, null, 2)}\n`);
    return { path, savedAt };
  }

  async function describe(path: string): Promise<RecentProject | undefined> {
    try {
      const { mtimeMs } = await stat(path);
      const { id, name } = titleSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      return { id, path, name, savedAt: mtimeMs };
    } catch {
      return undefined;
    }
  }

  return {
    folder,
    open: async (path) => parseProject(await readDocument(path), path),
    save(project) {
      // One after the other: two saves of one project would take each other's partial file.
      const saved = saving.then(() => write(project));
      saving = saved.catch(() => undefined);
      return saved;
    },
    async recent() {
      const names = await readdir(folder).catch(() => []);
      const paths = names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
      const projects = await Promise.all(paths.map(describe));
      return projects
        .filter((project) => project !== undefined)
        .sort((a, b) => b.savedAt - a.savedAt)
        .slice(0, listedProjects);
    },
  };
}
