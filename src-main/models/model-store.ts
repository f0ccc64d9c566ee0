import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fewSteps } from '../../src-shared/core/caches/index.ts';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { usualTokens } from '../../src-shared/core/control/index.ts';
import { modelFamilies, type ModelFamily } from '../../src-shared/core/families/index.ts';
import { parseSchedulerConfig, type SchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import type { GraphPaths, ModelFolder, ModelSettings } from '../engine/network/model-folder.ts';
import type { OnProgress } from '../engine/progress.ts';
import { hashFile } from '../storage/index.ts';
import { calibrationPath, readCalibration } from './calibration.ts';
import { modelsFolder } from './home.ts';
import { checkModelId } from './import-model.ts';
import {
  importAgain,
  manifestName,
  readManifest,
  type ManifestPart,
  type ModelManifest,
} from './manifest.ts';
import {
  graphFileName,
  textEncoderGraphName,
  transformerGraphNames,
  vaeGraphNames,
  type PartName,
} from './part-plan.ts';

/** A row of `model list`. */
export interface ModelSummary {
  readonly id: string;
  readonly path: string;
  /** Absent where the folder's manifest cannot be read. */
  readonly manifest?: ModelManifest;
  readonly bytes: number;
  /** What is wrong with the folder, as far as can be seen without reading the weights. */
  readonly problem?: string;
}

/** In a model's folder, what its last check found wrong: sizes alone do not tell. */
const failedCheckName = 'failed-check.txt';

async function folderOf(home: string, id: string): Promise<string> {
  checkModelId(id);
  const folder = join(modelsFolder(home), id);
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    const ids = (await modelIds(home)).join(', ') || 'none';
    throw usageError(
      'model-unknown',
      `There is no model ${id} in ${modelsFolder(home)}.`,
      `Imported models: ${ids}. Import one: hetcut model import DIR --id ID.`,
    );
  }
  return folder;
}

/** Ids of the folders under `models`, sorted; none where the home does not exist yet. */
async function modelIds(home: string): Promise<string[]> {
  try {
    const entries = await readdir(modelsFolder(home), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** All models of the home, also damaged ones. */
export async function listModels(home: string): Promise<ModelSummary[]> {
  const ids = await modelIds(home);
  return Promise.all(
    ids.map(async (id) => {
      const path = join(modelsFolder(home), id);
      try {
        const manifest = await readManifest(path);
        const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
        const problem = await checkFiles(path, manifest.parts).then(
          () => undefined,
          (error: HetcutError) => error.message,
        );
        return { id, path, manifest, bytes, ...(problem === undefined ? {} : { problem }) };
      } catch (error) {
        if (!(error instanceof HetcutError)) throw error;
        return { id, path, bytes: 0, problem: error.message };
      }
    }),
  );
}

/** Whether there are schedules for a model of the list that fit it; undefined where it has too few steps to leave any out. */
export async function isCalibrated({ path, manifest }: ModelSummary): Promise<boolean | undefined> {
  if (manifest === undefined || manifest.settings.recommendedSteps <= fewSteps) return undefined;
  const { calibration } = await readCalibration(path, fingerprintOf(manifest));
  return (calibration.schedules ?? manifest.settings.calibration?.schedules ?? []).length > 0;
}

/** Deletes a model. Throws HetcutError where there is none of that id. */
export async function removeModel(home: string, id: string): Promise<void> {
  const folder = await folderOf(home, id);
  // Renamed first: a half-deleted model is never in the list.
  const retired = join(modelsFolder(home), `.replaced-${id}-${process.pid}`);
  await rename(folder, retired);
  await rm(retired, { recursive: true, force: true });
}

function damagedFile(path: string, what: string): HetcutError {
  return new HetcutError('model-damaged', `${path}: ${what}.`, { hint: importAgain });
}

/** Every file is there in its full size, and the last check found nothing: what is known without reading gigabytes. */
async function checkFiles(folder: string, parts: readonly ManifestPart[]): Promise<void> {
  for (const { name, bytes } of parts.flatMap((part) => part.files)) {
    const path = join(folder, name);
    const size = await stat(path).then(
      (entry) => entry.size,
      () => undefined,
    );
    if (size === undefined) throw damagedFile(path, 'the file is missing');
    if (size !== bytes) throw damagedFile(path, `it has ${size} bytes, not ${bytes} as imported`);
  }
  const found = await readFile(join(folder, failedCheckName), 'utf8').catch(() => undefined);
  if (found !== undefined) throw new HetcutError('model-damaged', found, { hint: importAgain });
}

export interface VerifyResult {
  readonly id: string;
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/**
 * Reads every byte of a model again and compares it with the manifest.
 * Throws HetcutError `model-damaged` naming the files that differ; until a later check finds them whole again the model
 * counts as damaged.
 */
export async function verifyModel(
  home: string,
  id: string,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<VerifyResult> {
  const folder = await folderOf(home, id);
  const { parts } = await readManifest(folder);
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  const megabyte = 2 ** 20;
  let done = 0;
  const problems: string[] = [];
  for (const { name, sha256 } of parts.flatMap((part) => part.files)) {
    const path = join(folder, name);
    const onBytes = (bytes: number): void => {
      done += bytes;
      onProgress?.({
        stage: 'check',
        step: Math.round(done / megabyte),
        steps: Math.round(total / megabyte),
        unit: 'MB',
      });
    };
    const found = await hashFile(path, { signal, onBytes }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (found !== sha256)
      problems.push(found === undefined ? `${path}: missing` : `${path}: its bytes changed`);
  }
  const failedCheck = join(folder, failedCheckName);
  if (problems.length > 0) {
    const found = `${problems.join('; ')}.`;
    // Where it cannot be written down, it is still said.
    await writeFile(failedCheck, found).catch(() => undefined);
    throw new HetcutError('model-damaged', found, { hint: importAgain, details: { files: problems } });
  }
  await rm(failedCheck, { force: true });
  return { id, parts: parts.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) };
}

/** The files of a model that are written again whenever something of it changes; they need not be there. */
export function modelFiles(home: string, id: string): string[] {
  const folder = join(modelsFolder(home), id);
  return [join(folder, manifestName), calibrationPath(folder)];
}

/** Opens an imported model. Throws HetcutError where it is missing, damaged, or of another version. */
export async function openModelFolder(home: string, id: string): Promise<ModelFolder> {
  const path = await folderOf(home, id);
  const manifest = await readManifest(path);
  await checkFiles(path, manifest.parts);
  const { configs, parts, precision, textPrecision = precision, settings } = manifest;
  const family = modelFamilies.find(({ name }) => name === manifest.family)!;
  const part = (name: PartName | 'tokenizer'): ManifestPart | undefined =>
    parts.find((candidate) => candidate.name === name);
  const textEncoder =
    configs.textEncoder === undefined ? undefined : family.textEncoder?.(configs.textEncoder, 'text_encoder');
  const fingerprint = fingerprintOf(manifest);
  const measured = await readCalibration(path, fingerprint);
  return {
    id,
    path,
    family,
    precision,
    textPrecision,
    type: precision === 'fp16' ? 'float16' : 'float32',
    fingerprint,
    transformer: {
      graphs: graphPaths(path, part('transformer'), transformerGraphNames),
      spec: family.transformer(configs.transformer, 'transformer'),
    },
    vae: { graphs: graphPaths(path, part('vae'), vaeGraphNames), spec: family.vae(configs.vae, 'vae') },
    ...(textEncoder === undefined
      ? {}
      : { textEncoder: { graph: join(path, graphFileName(textEncoderGraphName)), spec: textEncoder } }),
    ...(part('tokenizer') === undefined ? {} : { tokenizer: join(path, 'tokenizer.json') }),
    weightBytes: {
      transformer: part('transformer')?.bytes ?? 0,
      vae: part('vae')?.bytes ?? 0,
      textEncoder: part('text-encoder')?.bytes ?? 0,
    },
    scheduler: forUsualWindow(parseSchedulerConfig(configs.scheduler, 'scheduler'), family, settings),
    settings: settings as ModelSettings,
    calibration: { ...settings.calibration, ...measured.calibration },
    ...(measured.problem === undefined ? {} : { calibrationProblem: measured.problem }),
  };
}

/**
 * A scheduler that shifts its noise levels by the number of tokens is told that of the model's longest window in its usual
 * size, so that every window of a job, and the estimate before it, has the same levels.
 */
function forUsualWindow(
  scheduler: SchedulerConfig,
  { geometry }: ModelFamily,
  settings: Pick<ModelSettings, 'workingPixels' | 'maxWindowFrames'>,
): SchedulerConfig {
  const tokenCount = usualTokens(settings, geometry);
  return { ...scheduler, create: (run) => scheduler.create({ tokenCount, ...run }) };
}

/** Paths of the graphs that the import of a part wrote, by what they are for. */
function graphPaths<Role extends string>(
  folder: string,
  part: ManifestPart | undefined,
  names: Readonly<Record<Role, string>>,
): GraphPaths<Role> {
  const written = new Set(part?.files.map(({ name }) => name));
  const roles = Object.entries<string>(names).map(([role, name]) => [role, graphFileName(name)] as const);
  return Object.fromEntries(
    roles.filter(([, file]) => written.has(file)).map(([role, file]) => [role, join(folder, file)]),
  ) as GraphPaths<Role>;
}

function fingerprintOf({ parts, configs, settings }: ModelManifest): string {
  const text = JSON.stringify([parts.map((part) => part.sha256), configs, settings]);
  return createHash('sha256').update(text).digest('hex');
}
