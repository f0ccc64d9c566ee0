import { z } from 'zod';
import { usageError } from '../core/errors/index.ts';
import {
  projectOf,
  projectVersion,
  type Clip,
  type Edit,
  type Project,
  type StoredResult,
} from './project.ts';

/** Where a file of media is, said twice, so that a project finds it when either of the two has moved. */
const mediaPlaceSchema = z.strictObject({
  /** Its path when the project was saved. */
  absolute: z.string().min(1),
  /** From the project's folder, with `/` on every system; null where no such way leads there. */
  relative: z.string().min(1).nullable(),
});
export type MediaPlace = z.infer<typeof mediaPlaceSchema>;

const projectFileSchema = projectOf(mediaPlaceSchema);
/** A project as its file holds it. */
export type ProjectFile = z.infer<typeof projectFileSchema>;

type Fields = Readonly<Record<string, unknown>>;

/** An array's elements or an object's fields, changed; anything else stays for the schema to refuse. */
function eachOf(value: unknown, change: (fields: Fields) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((one: unknown) => (isFields(one) ? change(one) : one));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const onlyAbsolute = (path: unknown): unknown => ({ absolute: path, relative: null });

const programNames = /^(?:Remove|Entfernen|Edit \d+|Bearbeitung \d+)$/;

/**
 * Takes a document of the version that is the key to the next one. What is wrong in it is left as it is: the schema of
 * the newest version names the field.
 */
const migrations: Readonly<Record<number, (document: Fields) => Fields>> = {
  // Version 1 knew media by their absolute path alone, and lost them when a folder was moved.
  1: (document) => ({
    ...document,
    clips: eachOf(document['clips'], (clip) => ({
      ...clip,
      path: onlyAbsolute(clip['path']),
      edits: eachOf(clip['edits'], (edit) => {
        const { result } = edit;
        return isFields(result)
          ? { ...edit, result: { ...result, path: onlyAbsolute(result['path']) } }
          : edit;
      }),
    })),
  }),
  // Version 2 ran every edit of a clip from its in to its out point.
  2: (document) => ({
    ...document,
    clips: eachOf(document['clips'], (clip) => ({
      ...clip,
      edits: eachOf(clip['edits'], (edit) =>
        clip['range'] === undefined ? edit : { ...edit, range: clip['range'] },
      ),
    })),
  }),
  // Version 3 kept the names that the program gave edits, in the language of that day, as if they were the editor's.
  3: (document) => ({
    ...document,
    clips: eachOf(document['clips'], (clip) => ({
      ...clip,
      edits: eachOf(clip['edits'], (edit) =>
        typeof edit['name'] === 'string' && programNames.test(edit['name']) ? { ...edit, name: '' } : edit,
      ),
    })),
  }),
};

function migrate(document: unknown, name: string): unknown {
  if (!isFields(document)) return document;
  const { version } = document;
  if (typeof version === 'number' && version > projectVersion) {
    throw usageError(
      'project-version',
      `${name} was saved by a newer HetCut (version ${version} of the project file; this one reads ${projectVersion}).`,
      'Update HetCut to open it. The file was left as it is.',
    );
  }
  let migrated = document;
  for (let from = version; typeof from === 'number' && Object.hasOwn(migrations, from); from++) {
    migrated = { ...migrations[from](migrated), version: from + 1 };
  }
  return migrated;
}

/**
 * Reads a project file's content, of this version or an older one.
 * @throws HetcutError `project-file` naming the first field that is wrong, or `project-version`
 */
export function parseProjectFile(document: unknown, name: string): ProjectFile {
  const parsed = projectFileSchema.safeParse(migrate(document, name));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.join('.') || 'the document';
  throw usageError('project-file', `${name}: ${field}: ${issue.message}.`, 'Correct the field.');
}

/** A project whose media are named in some other way. */
type Placed<Place> = Omit<Project, 'clips'> & {
  readonly clips: readonly (Omit<Clip, 'path' | 'edits'> & {
    readonly path: Place;
    readonly edits: readonly (Omit<Edit, 'result' | 'settings'> & {
      readonly settings: Omit<Edit['settings'], 'referencePath' | 'platePath'> & {
        readonly referencePath?: Place | undefined;
        readonly platePath?: Place | undefined;
      };
      readonly result?: (Omit<StoredResult, 'path'> & { readonly path: Place }) | undefined;
    })[];
  })[];
};

/** The project with each place of media said in another way. */
function withPlaces<From, To>(project: Placed<From>, change: (place: From) => To): Placed<To> {
  return {
    ...project,
    clips: project.clips.map(({ path, edits, ...clip }) => ({
      ...clip,
      path: change(path),
      edits: edits.map(({ settings: { referencePath, platePath, ...settings }, result, ...edit }) => ({
        ...edit,
        settings: {
          ...settings,
          ...(referencePath === undefined ? {} : { referencePath: change(referencePath) }),
          ...(platePath === undefined ? {} : { platePath: change(platePath) }),
        },
        ...(result === undefined ? {} : { result: { ...result, path: change(result.path) } }),
      })),
    })),
  };
}

/** `pathOf` decides where a file is now. */
export function toProject(file: ProjectFile, pathOf: (place: MediaPlace) => string): Project {
  return withPlaces(file, pathOf);
}

/** `placeOf`: of an absolute path. */
export function toProjectFile(project: Project, placeOf: (path: string) => MediaPlace): ProjectFile {
  return withPlaces(project, placeOf);
}
