import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { layoutParameters, type Precision } from '../../src-shared/core/graph/index.ts';
import { isBundled, type BundledId } from '../../src-shared/project/index.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { modelsFolder } from './home.ts';
import { importModel, type ImportCallbacks } from './import-model.ts';
import { readManifest } from './manifest.ts';
import { openModelFolder } from './model-store.ts';
import { planParts, weightFileName } from './part-plan.ts';
import { readSourceFolder } from './source-folder.ts';

/** Where the program carries its models. */
const bundled = fileURLToPath(new URL('../../models', import.meta.url));

/** Paths of all files below `folder`. Old runtimes lack `readdir`'s own recursion. */
async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(below)).flat();
}

/**
 * sha256 over all that an import depends on: names and contents of the JSON and safetensors files under `folder`, and
 * the graphs that this version of the program makes of them.
 */
async function hashImport(folder: string, precision: Precision): Promise<string> {
  const paths = (await filesUnder(folder)).filter((path) => /\.(json|safetensors)$/.test(path)).sort();
  const hash = createHash('sha256');
  for (const path of paths) {
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    hash.update(`${digest}  ${relative(folder, path).split(sep).join('/')}\n`);
  }
  for (const { name, graphs } of planParts(await readSourceFolder(folder), precision)) {
    const { placements } = layoutParameters(graphs, weightFileName(name));
    for (const graph of graphs) hash.update(graph.encode(placements));
  }
  return hash.digest('hex');
}

/** The hash of the bundled model that was imported; undefined where it is not there or of no use. */
async function importedHash(home: string, id: BundledId): Promise<string | undefined> {
  try {
    return (await readManifest(join(modelsFolder(home), id))).source.sha256;
  } catch (error) {
    if (error instanceof HetcutError) return undefined;
    throw error;
  }
}

/**
 * A model that comes with the program, imported on first use, and again when the program carries another one.
 * An import is valid as long as the source's files are byte for byte the ones it was made from, and the program
 * makes the same graphs of them.
 */
export async function ensureBundled(
  home: string,
  id: BundledId,
  callbacks: ImportCallbacks = {},
  sourceDir: string = join(bundled, id),
): Promise<ModelFolder> {
  const precision = 'fp32';
  const sourceSha256 = await hashImport(sourceDir, precision);
  if ((await importedHash(home, id)) === sourceSha256) {
    try {
      return await openModelFolder(home, id);
    } catch (error) {
      // Damaged: what the program carries makes it whole again.
      if (!(error instanceof HetcutError)) throw error;
    }
  }
  // Replacing only what was there before: processes that ask at the same time do not replace each other's import.
  const replace = existsSync(join(modelsFolder(home), id));
  const request = { sourceDir, id, precision, home, replace, sourceSha256 } as const;
  await importModel(request, callbacks).catch((error: unknown) => {
    // Another process was faster.
    if (!(error instanceof HetcutError && error.code === 'model-exists')) throw error;
  });
  return openModelFolder(home, id);
}

/** Opens the model of that id; a bundled one is imported first where needed. */
export function openModel(home: string, id: string, callbacks: ImportCallbacks = {}): Promise<ModelFolder> {
  return isBundled(id) ? ensureBundled(home, id, callbacks) : openModelFolder(home, id);
}
