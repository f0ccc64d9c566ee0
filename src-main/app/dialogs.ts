import { dirname, extname, join } from 'node:path';
import { dialog, shell, type BrowserWindow, type FileFilter } from 'electron';
import type { Dialogs } from '../backend/backend.ts';
import type { NativeTexts } from './native-texts.ts';
import type { SettingsStore } from './settings-store.ts';

type Kind = Parameters<Dialogs['choose']>[0];

/** Endings of video files: what a dialog shows, and what the program is started with as a clip. */
export const video = ['mp4', 'mov', 'mkv', 'webm', 'm4v', 'avi', 'mxf', 'ts', 'mts', 'mpg'];
const picture = ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'tif', 'tiff'];
const exports = [
  { name: 'MP4', extensions: ['mp4'] },
  { name: 'Matroska', extensions: ['mkv'] },
  { name: 'QuickTime', extensions: ['mov'] },
];

/** Of an export the one filter that fits the name: a dialog may add the first filter's ending to whatever is typed. */
function filtersFor(kind: Kind, { filters: texts }: NativeTexts, suggestedName = ''): FileFilter[] {
  const project = { name: texts.project, extensions: ['hetcut'] };
  const ending = extname(suggestedName).slice(1).toLowerCase();
  const fitting = exports.filter(({ extensions }) => extensions.includes(ending));
  const filters: Readonly<Record<Kind, FileFilter[]>> = {
    clip: [
      { name: texts.video, extensions: video },
      { name: texts.all, extensions: ['*'] },
    ],
    project: [project],
    saveProject: [project],
    model: [],
    picture: [{ name: texts.picture, extensions: picture }],
    matte: [{ name: texts.matte, extensions: ['png', 'json', ...video] }],
    matteFolder: [],
    exportFolder: [],
    plate: [{ name: texts.pictureOrVideo, extensions: [...picture, ...video] }],
    program: [],
    gpuPackage: [{ name: texts.gpuPackage, extensions: ['whl', 'nupkg', 'zip', 'tgz', 'gz'] }],
    export: fitting.length > 0 ? fitting : [{ name: texts.pictureFolder, extensions: ['*'] }],
  };
  return filters[kind];
}

/** The system's own dialogs, on the window; each kind opens in the folder where it was last used. */
export function nativeDialogs(
  window: () => BrowserWindow | undefined,
  settings: SettingsStore,
  texts: () => NativeTexts,
): Dialogs {
  async function ask(kind: Kind, suggestedName?: string): Promise<string | undefined> {
    const parent = window();
    if (parent === undefined) return undefined;
    const folder = settings.get('folders')?.[kind];
    const defaultPath = folder === undefined ? suggestedName : join(folder, suggestedName ?? '');
    const options = {
      title: texts().dialogs[kind],
      filters: filtersFor(kind, texts(), suggestedName),
      ...(defaultPath === undefined ? {} : { defaultPath }),
    };
    if (kind === 'export' || kind === 'saveProject') {
      const path = (await dialog.showSaveDialog(parent, options)).filePath || undefined;
      // Not every system's dialog adds the ending.
      const bare = kind === 'saveProject' && path !== undefined && extname(path).toLowerCase() !== '.hetcut';
      if (bare) return `${path}.hetcut`;
      return path === undefined || extname(path) !== '' ? path : `${path}${extname(suggestedName ?? '')}`;
    }
    const properties: ('openDirectory' | 'openFile' | 'createDirectory')[] =
      kind === 'model' || kind === 'matteFolder'
        ? ['openDirectory']
        : kind === 'exportFolder'
          ? ['openDirectory', 'createDirectory']
          : ['openFile'];
    const { filePaths } = await dialog.showOpenDialog(parent, { ...options, properties });
    return filePaths[0];
  }
  return {
    async choose(kind, suggestedName) {
      const path = await ask(kind, suggestedName);
      if (path === undefined) return null;
      settings.set('folders', { ...settings.get('folders'), [kind]: dirname(path) });
      return path;
    },
    showInFolder: (path) => shell.showItemInFolder(path),
  };
}
