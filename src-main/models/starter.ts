import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ModelFolder } from '../engine/model-folder.ts';
import { modelsFolder } from './home.ts';
import { importModel, type ImportCallbacks } from './import-model.ts';
import { readManifest } from './manifest.ts';
import { openModelFolder } from './model-store.ts';

/** The id of the model that comes with HetCut. */
export const starterId = 'starter';

/** Where the program carries it. */
export const starterSource = fileURLToPath(new URL('../../models/starter', import.meta.url));

/** sha256 over names and contents of what an import reads: the JSON and safetensors files under `folder`. */
async function hashSource(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(json|safetensors)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const path of paths) {
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    hash.update(`${digest}  ${relative(folder, path).split(sep).join('/')}\n`);
  }
  return hash.digest('hex');
}

/** The source hash of the imported starter; undefined where it is not there or of no use. */
async function importedHash(home: string): Promise<string | undefined> {
  try {
    return (await readManifest(join(modelsFolder(home), starterId))).source.sha256;
  } catch (error) {
    if (error instanceof HetcutError) return undefined;
    throw error;
  }
}

/**
 * The starter model, imported on first use, and again when the program carries another one.
 * The import is valid as long as the source's files are byte for byte the ones it was made from.
 */
export async function ensureStarter(
  home: string,
  callbacks: ImportCallbacks = {},
  sourceDir: string = starterSource,
): Promise<ModelFolder> {
  const sourceSha256 = await hashSource(sourceDir);
  if ((await importedHash(home)) === sourceSha256) {
    try {
      return await openModelFolder(home, starterId);
    } catch (error) {
      // Damaged: what the program carries makes it whole again.
      if (!(error instanceof HetcutError)) throw error;
    }
  }
  const request = { sourceDir, id: starterId, precision: 'fp32', home, replace: true, sourceSha256 } as const;
  await importModel(request, callbacks);
  return openModelFolder(home, starterId);
}

/** Opens the model of that id; the starter is imported first where needed. */
export function openModel(home: string, id: string, callbacks: ImportCallbacks = {}): Promise<ModelFolder> {
  return id === starterId ? ensureStarter(home, callbacks) : openModelFolder(home, id);
}
