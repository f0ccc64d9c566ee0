import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { constantsName, readConstants, segmenterGraphs } from '../engine/segment/segmenter-folder.ts';
import { requirePlainData } from './external-data.ts';
import { requireOwnFiles } from './own-files.ts';
import { checkModelId } from './import-model.ts';
import { ensureFolder } from './home.ts';

/** A row of the list of imported segmenters. */
export interface SegmenterSummary {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** What is wrong with it, as far as can be seen without opening its graphs. */
  readonly problem?: string;
}

/** Where imported segmenters are, one folder each. */
function segmentersFolder(home: string): string {
  return join(home, 'segmenters');
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );

/** The published exports have their graphs beside the constants, or in a folder `onnx`. */
async function graphFolder(dir: string): Promise<string> {
  const nested = join(dir, 'onnx');
  for (const graph of segmenterGraphs) if (await isFile(join(nested, `${graph}.onnx`))) return nested;
  return dir;
}

/** Whether a folder is meant to be a segmenter: it has a graph of one, or its constants. */
export async function isSegmenterFolder(dir: string): Promise<boolean> {
  const graphs = await graphFolder(dir);
  if (graphs !== dir) return true;
  if (await isFile(join(dir, 'model_index.json'))) return false;
  for (const name of [constantsName, ...segmenterGraphs.map((graph) => `${graph}.onnx`)])
    if (await isFile(join(dir, name))) return true;
  return false;
}

/** The files of a segmenter. Throws `segmenter-missing`, which names the graph that is not there. */
async function filesOf(dir: string): Promise<readonly (readonly [name: string, path: string])[]> {
  const graphs = await graphFolder(dir);
  const needed = segmenterGraphs.map((graph) => `${graph}.onnx`);
  const missing: string[] = [];
  for (const name of needed) if (!(await isFile(join(graphs, name)))) missing.push(name);
  if (!(await isFile(join(dir, constantsName)))) missing.push(constantsName);
  if (missing.length > 0) {
    throw usageError(
      'segmenter-missing',
      `${dir} has no ${missing.join(', ')}: a segmenter is ${[...needed, constantsName].join(', ')}.`,
      'Get the whole folder of a SAM 2.1 or EdgeTAM video export; docs/segmenters.md names them.',
    );
  }
  // Weights that are beside their graphs.
  const beside: string[] = [];
  for (const name of await readdir(graphs)) {
    if (/\.onnx[._]data$/.test(name) && (await isFile(join(graphs, name)))) beside.push(name);
  }
  return [
    ...[...needed, ...beside].map((name) => [name, join(graphs, name)] as const),
    [constantsName, join(dir, constantsName)],
  ];
}

/**
 * Takes a segmenter's folder into the home, as a whole or not at all. `check` opens what was copied.
 * Throws `model-id`, `model-exists`, `model-link`, `segmenter-missing`, `segmenter-constants`, `segmenter-graph`, and what
 * `check` throws.
 */
export async function importSegmenter(
  {
    home,
    dir,
    id,
    replace,
  }: { readonly home: string; readonly dir: string; readonly id: string; readonly replace: boolean },
  check: (folder: string) => Promise<void>,
): Promise<SegmenterSummary> {
  checkModelId(id);
  await requireOwnFiles(dir);
  const files = await filesOf(dir);
  await readConstants(dir);
  for (const [name, path] of files) if (name.endsWith('.onnx')) await requirePlainData(path);
  const folder = segmentersFolder(home);
  await ensureFolder(folder);
  const target = join(folder, id);
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (exists && !replace) {
    throw usageError('model-exists', `There is a segmenter ${id} already.`, 'Choose another --id, or --replace.');
  }
  const staging = join(folder, `.importing-${id}-${process.pid}`);
  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
    for (const [name, path] of files) await copyFile(path, join(staging, name));
    await check(staging);
    if (exists) await retire(folder, id);
    await rename(staging, target);
  } catch (cause) {
    await rm(staging, { recursive: true, force: true });
    if (cause instanceof HetcutError) throw cause;
    throw new HetcutError('home-unwritable', `${folder}: the segmenter cannot be copied (${String(cause)}).`, {
      hint: 'Make room, or set HETCUT_HOME to a folder that you may write to.',
      cause,
    });
  }
  return summaryOf(folder, id);
}

async function summaryOf(folder: string, id: string): Promise<SegmenterSummary> {
  const path = join(folder, id);
  let bytes = 0;
  for (const name of await readdir(path)) bytes += (await stat(join(path, name))).size;
  try {
    await filesOf(path);
    await readConstants(path);
    return { id, path, bytes };
  } catch (error) {
    return { id, path, bytes, problem: (error as Error).message };
  }
}

/** All segmenters of the home, also damaged ones, by id. */
export async function listSegmenters(home: string): Promise<SegmenterSummary[]> {
  const folder = segmentersFolder(home);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  return Promise.all(ids.sort().map((id) => summaryOf(folder, id)));
}

/** The folder of a segmenter. Throws `segmenter-unknown`. */
export async function segmenterPath(home: string, id: string): Promise<string> {
  const all = await listSegmenters(home);
  const found = all.find((one) => one.id === id);
  if (found !== undefined) return found.path;
  const ids = all.map((one) => one.id).join(', ') || 'none';
  throw usageError(
    'segmenter-unknown',
    `There is no segmenter ${id}.`,
    `Imported segmenters: ${ids}. Import one: hetcut model import DIR --id ID.`,
  );
}

/** Renamed first: a half-deleted segmenter is never in the list. */
async function retire(folder: string, id: string): Promise<void> {
  const retired = join(folder, `.replaced-${id}-${process.pid}`);
  await rename(join(folder, id), retired);
  await rm(retired, { recursive: true, force: true });
}

/** Deletes a segmenter; false where there is none of that id. */
export async function removeSegmenter(home: string, id: string): Promise<boolean> {
  const found = (await listSegmenters(home)).find((one) => one.id === id);
  if (found === undefined) return false;
  await retire(segmentersFolder(home), id);
  return true;
}
