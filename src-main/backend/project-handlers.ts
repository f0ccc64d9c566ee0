import { extname } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import type { OpenedProject } from '../../src-shared/ipc/index.ts';
import type { Project } from '../../src-shared/project/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { projectEnding } from './project-store.ts';

type ProjectRequest =
  | 'project.open'
  | 'project.save'
  | 'project.keepVersion'
  | 'project.close'
  | 'project.forget'
  | 'project.backups'
  | 'project.restore';

function pathsOf(project: Project): string[] {
  return project.clips.flatMap(({ path, edits }) => [
    path,
    ...edits.flatMap(({ result }) => (result === undefined ? [] : [result.path])),
    ...edits.flatMap(({ settings: { referencePath, platePath } }) =>
      [referencePath, platePath].filter((named) => named !== undefined),
    ),
  ]);
}

export function projectHandlers({ paths, projects }: BackendParts): HandlersOf<ProjectRequest> {
  const shown = (opened: OpenedProject): OpenedProject => {
    paths.allow(opened.path);
    pathsOf(opened.project).forEach(paths.allow);
    return opened;
  };
  /** Opening a project allows what it names: so none may be kept that names something else. */
  async function requireNamed(project: Project): Promise<void> {
    for (const named of pathsOf(project)) {
      await paths.require(named).catch(() => {
        throw usageError(
          'path-refused',
          `The project names ${named}, which was not opened.`,
          'Open the clip first.',
        );
      });
    }
  }
  return {
    'project.open': async ({ path }, page) => shown(await projects.open(await paths.require(path), page)),
    async 'project.save'({ project, path, basedOn }, page) {
      await requireNamed(project);
      if (path === undefined) return projects.save(project, { basedOn }, page);
      // What was allowed may be a clip: it must not be written over.
      if (extname(path).toLowerCase() !== projectEnding) {
        throw usageError(
          'project-ending',
          `${path} does not end in ${projectEnding}, as projects do.`,
          `Add ${projectEnding} to the name.`,
        );
      }
      return projects.save(project, { path: await paths.require(path), basedOn }, page);
    },
    async 'project.keepVersion'({ project, path }) {
      await requireNamed(project);
      await projects.keepVersion(project, await paths.require(path));
      return null;
    },
    async 'project.close'(_input, page) {
      await projects.close(page);
      return null;
    },
    async 'project.forget'({ path }) {
      await projects.forget(path);
      return null;
    },
    'project.backups': async ({ path }) => projects.backups(await paths.require(path)),
    'project.restore': async ({ path, savedAt }, page) =>
      shown(await projects.restore(await paths.require(path), savedAt, page)),
  };
}
