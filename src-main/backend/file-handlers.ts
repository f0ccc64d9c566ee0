import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { isStillPicture } from '../../src-shared/core/picture/index.ts';
import type { FileKind, FolderListing } from '../../src-shared/ipc/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { isInside, oddPath } from './path-rule.ts';
import { smallPicture } from './small-picture.ts';
import { projectEnding } from './project-store.ts';

const clipEndings = new Set(
  '.mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .mts .m2ts .mxf .wmv .flv .ogv .3gp .gif'.split(' '),
);
const exportEndings = new Set(['.mp4', '.m4v', '.mov', '.mkv']);

const isClip = (name: string): boolean => clipEndings.has(extname(name).toLowerCase());
const isProject = (name: string): boolean => extname(name).toLowerCase() === projectEnding;

/** Which files of a folder are shown; folders always are. */
const shown: Readonly<Record<FileKind, (name: string) => boolean>> = {
  clip: isClip,
  project: isProject,
  saveProject: isProject,
  // A model is a folder.
  model: () => false,
  picture: isStillPicture,
  matte: (name) => isStillPicture(name) || isClip(name) || extname(name).toLowerCase() === '.json',
  matteFolder: () => false,
  exportFolder: (name) => exportEndings.has(extname(name).toLowerCase()),
  plate: (name) => isStillPicture(name) || isClip(name),
  // Whether it is one, it says itself when it is chosen.
  program: () => true,
  gpuPackage: (name) => /\.(?:whl|nupkg|zip|tgz|tar\.gz)$/i.test(name),
  export: (name) => exportEndings.has(extname(name).toLowerCase()),
};

/** What a panel shows of a picture, at twice its pixels for fine screens. */
const smallSize = { width: 320, height: 160 };

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

async function listFolder(root: string, folder: string, kind: FileKind): Promise<FolderListing> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'is not there' : 'cannot be read';
    throw usageError('folder-unreadable', `The folder ${folder} ${reason}.`, 'Choose another folder.');
  });
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => {
        const path = join(folder, name);
        // A link to nothing, or to where one may not look, is left out.
        const entry = await stat(path).catch(() => undefined);
        if (entry === undefined || !(await isInside(path, root))) return [];
        if (entry.isDirectory()) return [{ name, path, isFolder: true }];
        return entry.isFile() && shown[kind](name) ? [{ name, path, isFolder: false }] : [];
      }),
  );
  const entries = found
    .flat()
    .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || inOrder(a.name, b.name));
  const parent = dirname(folder);
  const up = folder !== root && (await isInside(parent, root)) ? parent : null;
  return { folder, parent: up, entries };
}

export function fileHandlers({
  dialogs,
  browseFolder,
  paths,
  media,
}: BackendParts): HandlersOf<'files.choose' | 'files.list' | 'files.show' | 'files.picture'> {
  return {
    async 'files.picture'({ path }) {
      const picture = await media.readPicture(await paths.require(path));
      const small = smallPicture(picture, smallSize);
      const { width, height } = picture;
      return { width, height, small: { ...small, rgb: Buffer.from(small.rgb).toString('base64') } };
    },
    async 'files.choose'({ kind, suggestedName }) {
      if (dialogs === undefined) {
        throw usageError('no-dialogs', 'There are no dialogs in the browser.', 'Use the list of files.');
      }
      const path = await dialogs.choose(kind, suggestedName);
      if (path !== null) paths.allow(path);
      return path;
    },
    async 'files.list'({ folder, kind }) {
      if (browseFolder === undefined) {
        throw usageError('no-file-list', 'The desktop program lists no files.', 'Use the dialogs.');
      }
      const root = resolve(browseFolder);
      const wanted = resolve(folder ?? root);
      if (oddPath(wanted, process.platform) !== undefined || !(await isInside(wanted, root))) {
        throw usageError('path-refused', `${wanted} is outside of ${root}.`, 'Start with another --folder.');
      }
      return listFolder(root, wanted, kind);
    },
    async 'files.show'({ path }) {
      const allowed = await paths.require(path);
      if (dialogs === undefined) {
        throw usageError('no-dialogs', `The browser cannot show ${allowed}.`, 'Open the folder yourself.');
      }
      dialogs.showInFolder(allowed);
      return null;
    },
  };
}
