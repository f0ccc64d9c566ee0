import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type {
  OpenedProject,
  ProjectBackup,
  RecentProject,
  SavedProject,
} from '../../src-shared/ipc/index.ts';
import {
  parseProjectFile,
  toProject,
  toProjectFile,
  type MediaPlace,
  type Project,
  type ProjectFile,
} from '../../src-shared/project/index.ts';
import { mostDocumentBytes, readSmallFile } from '../engine/small-file.ts';
import { writeFileAtomic } from '../jobs/atomic-write.ts';
import { ProjectBackups } from './project-backups.ts';
import { RecentProjects, type RecentEntry } from './recent-projects.ts';

export const projectEnding = '.hetcut';

export interface SaveOptions {
  /** Absent: `projects/<id>.hetcut` of the home. */
  readonly path?: string | undefined;
  /** Revision that the changes are based on; absent: whatever is there is replaced, and always becomes a backup. */
  readonly basedOn?: string | undefined;
}

/** The page of a program that has one only. */
const onlyPage = 'page';

/** Projects as JSON files, wherever they are. `page`: who opens, saves and closes; absent: the only page. */
export interface ProjectStore {
  /** Of projects that were given no other place. */
  readonly folder: string;
  /**
   * Reads a project; its newest good backup where the file is damaged.
   * Errors: file-not-found, not-a-file, project-file, project-version.
   */
  open(path: string, page?: string): Promise<OpenedProject>;
  /** Writes a project whole or not at all. Errors: project-conflict, project-unsaved. */
  save(project: Project, options?: SaveOptions, page?: string): Promise<SavedProject>;
  /** Keeps a document that is not saved as a backup of the project at `path`. Errors: disk-full, home-unwritable. */
  keepVersion(project: Project, path: string): Promise<void>;
  backups(path: string): Promise<readonly ProjectBackup[]>;
  /** Errors: backup-missing, and those of `open` and `save`. */
  restore(path: string, savedAt: number, page?: string): Promise<OpenedProject>;
  /** Newest first; a file that can be read and is no project is left out. */
  recent(page?: string): Promise<readonly RecentProject[]>;
  forget(path: string): Promise<void>;
  /** The page's project is no longer open; where it has none, those that were not closed are no longer offered. */
  close(page?: string): Promise<void>;
  /** The page is gone, and has not closed its project. */
  leave(page: string): void;
  /** The program ends as it should. */
  closeAll(): Promise<void>;
}

const revisionOf = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 32);

/** @throws HetcutError `project-file` or `project-version` */
function parse(content: Uint8Array | string, path: string): ProjectFile {
  let document: unknown;
  try {
    document = JSON.parse(content.toString());
  } catch (error) {
    throw usageError(
      'project-file',
      `${path} is not JSON: ${(error as Error).message}.`,
      'Open another file.',
    );
  }
  return parseProjectFile(document, path);
}

async function readContent(path: string): Promise<Buffer> {
  return readSmallFile(path, mostDocumentBytes).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof HetcutError) throw error;
    if (error.code === 'EISDIR') {
      throw usageError('not-a-file', `${path} is a folder, not a project.`, 'Name the file itself.');
    }
    throw usageError('file-not-found', `There is no project at ${path} that can be read.`, 'Check the path.');
  });
}

/** How `path` is named in a project of `folder`; both absolute. */
export function mediaPlace(path: string, folder: string): MediaPlace {
  const way = relative(folder, path);
  const steps = way.split(sep);
  const up = steps.filter((step) => step === '..').length;
  // What shares nothing with the project but the root will not be moved along with it.
  const depth = resolve(folder).split(sep).filter(Boolean).length;
  const shares = way !== '' && !isAbsolute(way) && up < Math.max(1, depth);
  return { absolute: path, relative: shares ? steps.join('/') : null };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The project with its media where they are now: next to it, as they were when it was saved, else where they were. */
async function withMediaFrom(file: ProjectFile, folder: string): Promise<Project> {
  const found = new Map<MediaPlace, string>();
  const places: MediaPlace[] = [];
  toProject(file, (place) => {
    places.push(place);
    return place.absolute;
  });
  for (const place of places) {
    const beside = place.relative === null ? undefined : resolve(folder, place.relative);
    if (beside !== undefined && (await isThere(beside))) found.set(place, beside);
  }
  return toProject(file, (place) => found.get(place) ?? place.absolute);
}

/**
 * Reads a project without opening it: nothing is noted, repaired or locked. Errors as of `ProjectStore.open`, and
 * project-file where the file is damaged.
 */
export async function readProject(path: string): Promise<Project> {
  return withMediaFrom(parse(await readContent(path), path), dirname(path));
}

const unsavedReasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the disk is full',
  EACCES: 'it cannot be written to',
  EPERM: 'it cannot be written to',
  EROFS: 'it cannot be written to',
  EEXIST: 'it cannot be written to',
  ENOENT: 'it is no longer there',
  ENOTDIR: 'it is no longer there',
};

/** A failure to write a project, in words. */
function unsavedError(path: string, error: unknown): unknown {
  const reason = unsavedReasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  return new HetcutError('project-unsaved', `The project was not saved in ${dirname(path)}: ${reason}.`, {
    hint: 'The window still has it, and the file is as it was saved last. Make room and save again, or save it elsewhere with Save as…',
    cause: error,
  });
}

export function openProjectStore(
  home: string,
  nowMs: () => number,
  onNote: (text: string) => void = () => undefined,
): ProjectStore {
  const folder = join(home, 'projects');
  const backups = new ProjectBackups(home);
  const list = new RecentProjects(home);
  let working: Promise<unknown> = Promise.resolve();

  /** One after the other: two saves of one project would take each other's partial file. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = working.then(work);
    working = done.catch(() => undefined);
    return done;
  }

  /** What only makes things easier must not keep a project from being opened or saved. */
  async function orNote(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => onNote((error as Error).message));
  }

  async function keepBackup(path: string, content: Uint8Array, always: boolean): Promise<void> {
    try {
      parse(content, path);
    } catch (error) {
      // A newer version's is whole; only this program cannot read it.
      if ((error as HetcutError).code === 'project-file') {
        return backups.keepDamaged(path, content, nowMs());
      }
    }
    await backups.keep(path, content, nowMs(), always);
  }

  /** Replaces what is at `path`, which must be an absolute path with links resolved. */
  async function replace(
    path: string,
    text: string,
    current: Buffer | undefined,
    always = false,
  ): Promise<SavedProject> {
    const content = Buffer.from(text);
    if (current?.equals(content) !== true) {
      if (current !== undefined) await orNote(keepBackup(path, current, always));
      try {
        await writeFileAtomic(path, content);
      } catch (error) {
        throw unsavedError(path, error);
      }
    }
    return { path, savedAt: nowMs(), revision: revisionOf(content) };
  }

  const asText = (project: Project, path: string): string => {
    const file = toProjectFile(project, (media) => mediaPlace(media, dirname(path)));
    return `${JSON.stringify(file, null, 2)}\n`;
  };

  async function write(
    project: Project,
    { path, basedOn }: SaveOptions,
    page: string,
  ): Promise<SavedProject> {
    const wanted = path ?? join(folder, `${project.id}${projectEnding}`);
    if (path === undefined) {
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw unsavedError(wanted, error);
      });
    }
    // A link stays one: what it leads to is replaced.
    const target = await realpath(wanted).catch(() => wanted);
    const current = await readFile(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw unsavedError(target, error);
    });
    const text = asText(project, target);
    const changed = current !== undefined && basedOn !== undefined && revisionOf(current) !== basedOn;
    // Two windows that did the same are no conflict.
    if (changed && current.toString() !== text) {
      throw usageError(
        'project-conflict',
        `${project.name} was changed in another window since it was opened here.`,
        'Keep this version or load the other; the one that goes stays as an earlier version.',
      );
    }
    const saved = await replace(target, text, current, basedOn === undefined);
    await orNote(list.remember({ path: saved.path, id: project.id, name: project.name }, page));
    return saved;
  }

  async function newestGood(path: string, reason: HetcutError): Promise<[ProjectFile, number]> {
    for (const time of await backups.times(path)) {
      try {
        return [parse(await backups.read(path, time), path), time];
      } catch {
        // An older one may be whole.
      }
    }
    throw reason;
  }

  async function read(path: string): Promise<OpenedProject> {
    const content = await readContent(path);
    const revision = revisionOf(content);
    try {
      return { project: await withMediaFrom(parse(content, path), dirname(path)), path, revision };
    } catch (error) {
      if (!(error instanceof HetcutError && error.code === 'project-file')) throw error;
      const [file, savedAt] = await newestGood(path, error);
      const project = await withMediaFrom(file, dirname(path));
      return { project, path, revision, damage: { message: error.message, savedAt } };
    }
  }

  async function open(path: string, page: string): Promise<OpenedProject> {
    const target = await realpath(path).catch(() => path);
    const opened = await read(target);
    const { id, name } = opened.project;
    await orNote(list.remember({ path: target, id, name }, page));
    return opened;
  }

  async function describe(
    { path, id, name }: RecentEntry,
    notClosed: readonly string[],
    openBeside: ReadonlySet<string>,
  ): Promise<RecentProject> {
    const found = await stat(path).catch(() => undefined);
    const entry = { path, id, name, savedAt: found?.mtimeMs ?? 0 };
    if (found === undefined) return { ...entry, missing: true };
    if (openBeside.has(path)) return { ...entry, openElsewhere: true };
    return notClosed.includes(path) ? { ...entry, interrupted: true } : entry;
  }

  /** Projects of the own folder that the list does not know: it may have been lost. */
  async function unlisted(known: ReadonlySet<string>): Promise<RecentEntry[]> {
    const names = await readdir(folder).catch(() => []);
    const paths = names.filter((name) => name.endsWith(projectEnding)).map((name) => join(folder, name));
    const found = await Promise.all(
      paths
        .filter((path) => !known.has(path))
        .map(async (path) => {
          try {
            const { id, name } = parse(await readFile(path), path);
            return [{ path, id, name }];
          } catch {
            return [];
          }
        }),
    );
    return found.flat();
  }

  return {
    folder,
    open: (path, page = onlyPage) => inTurn(() => open(path, page)),
    save: (project, options = {}, page = onlyPage) => inTurn(() => write(project, options, page)),
    keepVersion: (project, path) =>
      inTurn(async () => {
        const target = await realpath(path).catch(() => path);
        await backups.keep(target, Buffer.from(asText(project, target)), nowMs(), true);
      }),
    async backups(path) {
      const target = await realpath(path).catch(() => path);
      const found = await Promise.all(
        (await backups.times(target)).map(async (savedAt) => {
          try {
            const { clips } = parse(await backups.read(target, savedAt), target);
            const edits = clips.reduce((sum, clip) => sum + clip.edits.length, 0);
            return [{ savedAt, clips: clips.length, edits }];
          } catch {
            return [];
          }
        }),
      );
      return found.flat();
    },
    restore: (path, savedAt, page = onlyPage) =>
      inTurn(async () => {
        const target = await realpath(path).catch(() => path);
        const text = await backups.read(target, savedAt);
        parse(text, target);
        const current = await readFile(target).catch(() => undefined);
        await replace(target, text, current, true);
        return open(target, page);
      }),
    async recent(page = onlyPage) {
      const { open: notClosed, projects } = await list.read();
      const listed = [...projects, ...(await unlisted(new Set(projects.map(({ path }) => path))))];
      const found = await Promise.all(
        listed.map((entry) => describe(entry, notClosed, list.openBeside(page))),
      );
      return found.sort((a, b) => b.savedAt - a.savedAt);
    },
    forget: (path) => list.forget(path),
    close: (page = onlyPage) => list.close(page),
    leave: (page) => list.leave(page),
    closeAll: () => list.closeAll(),
  };
}
