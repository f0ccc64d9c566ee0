import { dirname, extname, join } from 'node:path';
import { dialog, shell, type BrowserWindow, type FileFilter } from 'electron';
import type { Dialogs } from '../backend/backend.ts';
import type { SettingsStore } from './settings-store.ts';

type Kind = Parameters<Dialogs['choose']>[0];

const projectFilter = { name: 'HetCut project', extensions: ['hetcut'] };

const titles: Readonly<Record<Kind, string>> = {
  clip: 'Open clip',
  project: 'Open project',
  saveProject: 'Save project as',
  model: 'Choose the folder of a model',
  export: 'Export',
  picture: 'Choose picture',
  plate: 'Choose clean plate',
  gpuPackage: 'Choose a package with the CUDA provider',
};
const video = ['mp4', 'mov', 'mkv', 'webm', 'm4v', 'avi', 'mxf', 'ts', 'mts', 'mpg'];
const picture = ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'tif', 'tiff'];
const filters: Readonly<Record<Kind, FileFilter[]>> = {
  clip: [
    { name: 'Video', extensions: video },
    { name: 'All files', extensions: ['*'] },
  ],
  project: [projectFilter],
  saveProject: [projectFilter],
  model: [],
  picture: [{ name: 'Picture', extensions: picture }],
  plate: [{ name: 'Picture or video', extensions: [...picture, ...video] }],
  gpuPackage: [{ name: 'Wheel, NuGet package or archive', extensions: ['whl', 'nupkg', 'zip', 'tgz', 'gz'] }],
  export: [
    { name: 'MP4', extensions: ['mp4'] },
    { name: 'Matroska', extensions: ['mkv'] },
    { name: 'QuickTime', extensions: ['mov'] },
  ],
};

/** The one filter that fits the name: a dialog may add the first filter's ending to whatever is typed. */
function filtersFor(kind: Kind, suggestedName = ''): FileFilter[] {
  if (kind !== 'export') return filters[kind];
  const ending = extname(suggestedName).slice(1).toLowerCase();
  const fitting = filters.export.filter(({ extensions }) => extensions.includes(ending));
  return fitting.length > 0 ? fitting : [{ name: 'Folder of pictures', extensions: ['*'] }];
}

/** The system's own dialogs, on the window; each kind opens in the folder where it was last used. */
export function nativeDialogs(window: () => BrowserWindow | undefined, settings: SettingsStore): Dialogs {
  async function ask(kind: Kind, suggestedName?: string): Promise<string | undefined> {
    const parent = window();
    if (parent === undefined) return undefined;
    const folder = settings.get('folders')?.[kind];
    const defaultPath = folder === undefined ? suggestedName : join(folder, suggestedName ?? '');
    const options = {
      title: titles[kind],
      filters: filtersFor(kind, suggestedName),
      ...(defaultPath === undefined ? {} : { defaultPath }),
    };
    if (kind === 'export' || kind === 'saveProject') {
      const path = (await dialog.showSaveDialog(parent, options)).filePath || undefined;
      // Not every system's dialog adds the ending.
      const bare = kind === 'saveProject' && path !== undefined && extname(path).toLowerCase() !== '.hetcut';
      if (bare) return `${path}.hetcut`;
      return path === undefined || extname(path) !== '' ? path : `${path}${extname(suggestedName ?? '')}`;
    }
    const properties: 'openDirectory'[] | 'openFile'[] = kind === 'model' ? ['openDirectory'] : ['openFile'];
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
