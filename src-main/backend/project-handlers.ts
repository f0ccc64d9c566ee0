import { usageError } from '../../src-shared/core/errors/index.ts';
import type { Project } from '../../src-shared/project/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

function pathsOf(project: Project): string[] {
  return project.clips.flatMap(({ path, edits }) => [
    path,
    ...edits.flatMap(({ result }) => (result === undefined ? [] : [result.path])),
  ]);
}

export function projectHandlers({
  paths,
  projects,
}: BackendParts): HandlersOf<'project.open' | 'project.save'> {
  return {
    async 'project.open'({ path }) {
      const project = await projects.open(await paths.require(path));
      pathsOf(project).forEach(paths.allow);
      return project;
    },
    async 'project.save'({ project }) {
      // Opening a project allows what it names: so none may be saved that names something else.
      for (const path of pathsOf(project)) {
        await paths.require(path).catch(() => {
          throw usageError(
            'path-refused',
            `The project names ${path}, which was not opened.`,
            'Open the clip first.',
          );
        });
      }
      return projects.save(project);
    },
  };
}
