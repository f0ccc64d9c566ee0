import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** The platform's usual place for an application's data. */
function usualPlace(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const user = homedir();
  if (platform === 'win32')
    return join(environment['LOCALAPPDATA'] || join(user, 'AppData', 'Local'), 'HetCut');
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'HetCut');
  return join(environment['XDG_DATA_HOME'] || join(user, '.local', 'share'), 'hetcut');
}

/**
 * HETCUT_HOME, the folder of models, settings, queue and checkpoints, as an absolute path.
 * Without the variable: `~/.local/share/hetcut` (or under XDG_DATA_HOME), `~/Library/Application Support/HetCut`,
 * `%LOCALAPPDATA%\HetCut`.
 */
export function resolveHome(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  return resolve(environment['HETCUT_HOME'] || usualPlace(environment, platform));
}

/** Where the imported models are, one folder each, named by their id. */
export function modelsFolder(home: string): string {
  return join(home, 'models');
}

/** Makes `folder` (inside `home`) if it is not there. Throws HetcutError `home-unwritable`. */
export async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new HetcutError('home-unwritable', `${folder}: cannot be created (${String(cause)}).`, {
      hint: 'Set HETCUT_HOME to a folder that you may write to.',
      cause,
    });
  }
}
