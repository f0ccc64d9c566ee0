import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isProcessAlive } from '../storage/index.ts';
import { ensureFolder, modelsFolder } from './home.ts';

/** `.importing-<id>-<process id>`: a folder under construction; the leading dot keeps it out of the list. */
const stagingPattern = /^\.(?:importing|replaced)-.*-(\d+)$/;

/** Removes what killed imports left behind. Folders of processes that still run are left alone. */
async function sweep(models: string): Promise<void> {
  for (const name of await readdir(models)) {
    const processId = stagingPattern.exec(name)?.[1];
    if (processId !== undefined && !isProcessAlive(Number(processId))) {
      await rm(join(models, name), { recursive: true, force: true });
    }
  }
}

/** Waits until the folder's entries are on the disk, where the system can (Windows cannot open folders). */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A folder in the making, that becomes `models/<id>` at once or not at all. */
export interface Staging {
  readonly path: string;
  /** Moves it into place. With `replace` an existing model goes; without, it must not exist. */
  commit(replace: boolean): Promise<string>;
  discard(): Promise<void>;
}

/** Makes the staging folder of `id`. Throws HetcutError where the home cannot be written or is in use. */
export async function openStaging(home: string, id: string): Promise<Staging> {
  const models = modelsFolder(home);
  await ensureFolder(models);
  await sweep(models);
  const path = join(models, `.importing-${id}-${process.pid}`);
  try {
    await mkdir(path);
  } catch (cause) {
    const busy = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new HetcutError(
      busy ? 'import-running' : 'home-unwritable',
      busy ? `Model ${id} is being imported already.` : `${path}: cannot be created (${String(cause)}).`,
      { hint: busy ? 'Wait for it to end.' : 'Set HETCUT_HOME to a folder that you may write to.', cause },
    );
  }
  return {
    path,
    discard: () => rm(path, { recursive: true, force: true }),
    async commit(replace) {
      const target = join(models, id);
      const retired = join(models, `.replaced-${id}-${process.pid}`);
      await syncFolder(path);
      if (replace) {
        await rename(target, retired).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        });
      }
      await rename(path, target).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
        throw new HetcutError('model-exists', `Model ${id} was imported by another process meanwhile.`, {
          hint: 'Use that one, or give --replace.',
          cause,
        });
      });
      await syncFolder(models);
      await rm(retired, { recursive: true, force: true });
      return target;
    },
  };
}
