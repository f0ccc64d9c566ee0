import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cancelledError, HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { ParameterLayout, Precision, TextPrecision } from '../../src-shared/core/graph/index.ts';
import { parseSchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import { isBundled } from '../../src-shared/project/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import { readSmallFile } from '../engine/small-file.ts';
import { availableBytes, requireDiskSpace, toUserError } from '../storage/index.ts';
import { ensureFolder, modelsFolder } from './home.ts';
import { describePart, preparePart, writePart, type PreparedPart } from './import-part.ts';
import { requireFreeFamily } from './licence.ts';
import { manifestFormat, manifestName, type ManifestPart, type ModelManifest } from './manifest.ts';
import { openLoras, type LoraRequest } from './lora.ts';
import { planParts, usualTextPrecision } from './part-plan.ts';
import type { SourceSettings } from './settings.ts';
import { findComfyFiles, readSourceFiles, type SourceFiles } from './source-files.ts';
import { readSourceFolder, type SourceFolder } from './source-folder.ts';
import { openStaging } from './staging.ts';
import { writeHashed } from './weight-writer.ts';

export interface ImportRequest {
  /** A model in the diffusers layout, or the models folder of ComfyUI; unused where `files` are given. */
  readonly sourceDir: string;
  readonly files?: SourceFiles;
  /** Merged into the transformer's weights, in their order. */
  readonly loras?: readonly LoraRequest[];
  /** In place of the source's own, such as a few-step LoRA asks for. */
  readonly settings?: Partial<Pick<SourceSettings, 'recommendedSteps' | 'guidanceScale'>>;
  /** Name of the model in HetCut. */
  readonly id: string;
  readonly precision: Precision;
  /** Of the text encoder; absent: `usualTextPrecision`. */
  readonly textPrecision?: TextPrecision;
  /** Of the VAE; absent: `precision`. */
  readonly vaePrecision?: Precision;
  readonly home: string;
  /** What the makers of the family's models allow was read and is accepted. */
  readonly acceptLicence?: boolean;
  /** Put it in the place of a model of that id. */
  readonly replace?: boolean;
  /** Hash of all that the import depends on, to be kept in the manifest; of a bundled model alone. */
  readonly sourceSha256?: string;
}

export interface ImportCallbacks {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** Bytes that may still be written under a folder; default: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

export interface ImportResult {
  readonly path: string;
  readonly manifest: ModelManifest;
  /** What is odd but no error: tensors that nothing uses, a text encoder without a tokenizer. */
  readonly warnings: readonly string[];
}

const megabyte = 2 ** 20;

const diskHint =
  'Free some space, import with --precision fp16, or set HETCUT_HOME to a folder with room that you may write to.';

/** An id is a folder name on every system. */
export function checkModelId(id: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id) || id.endsWith('.')) {
    throw usageError(
      'model-id',
      `"${id}" is no model id.`,
      'Use up to 64 lower-case letters, digits, dots, hyphens and underscores, beginning with a letter or digit.',
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Tensors that nothing reads are worth a remark: the folder may hold another model than its config says. */
function unusedWarnings(parts: readonly PreparedPart[]): string[] {
  return parts
    .filter(({ check }) => check.unused.length > 0)
    .map(({ check, store }) => {
      const shown = check.unused.slice(0, 3).join(', ');
      const more = check.unused.length > 3 ? ', …' : '';
      return `${store.location}: tensors that nothing uses (${check.unused.length}): ${shown}${more}.`;
    });
}

/** Single files where they are named or the folder is one of ComfyUI's, else a folder in the diffusers layout. */
async function readSource({ sourceDir, files, settings }: ImportRequest): Promise<SourceFolder> {
  const found = files ?? (await findComfyFiles(sourceDir));
  const source = await (found === undefined ? readSourceFolder(sourceDir) : readSourceFiles(found));
  return { ...source, settings: { ...source.settings, ...settings } };
}

async function prepareParts(
  source: SourceFolder,
  { precision, textPrecision, vaePrecision, loras = [] }: ImportRequest,
): Promise<PreparedPart[]> {
  const parts: PreparedPart[] = [];
  try {
    const layout = source.family.singleFiles?.transformer;
    if (loras.length > 0 && layout === undefined) {
      throw usageError(
        'lora-family',
        `LoRAs cannot be merged into ${source.family.name} models.`,
        'Leave --lora out.',
      );
    }
    for (const plan of planParts(source, precision, textPrecision, vaePrecision)) {
      const open =
        plan.name === 'transformer' && loras.length > 0 && layout !== undefined
          ? ({ parameters }: ParameterLayout) => openLoras(loras, layout, parameters)
          : undefined;
      parts.push(await preparePart(plan, open));
    }
    return parts;
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

async function closeParts(parts: readonly PreparedPart[]): Promise<void> {
  await Promise.all(parts.map(({ store }) => store.close()));
  await Promise.all(parts.map(({ loras }) => loras?.close() ?? Promise.resolve()));
}

interface SmallFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** tokenizer.json, with tokenizer_config.json where the source has it; none where it has no tokenizer. */
async function readTokenizer({ tokenizerPath }: SourceFolder): Promise<SmallFile[]> {
  if (tokenizerPath === undefined) return [];
  const configPath = join(dirname(tokenizerPath), 'tokenizer_config.json');
  const files: SmallFile[] = [];
  for (const path of [tokenizerPath, ...((await exists(configPath)) ? [configPath] : [])]) {
    try {
      const bytes = await readSmallFile(path);
      JSON.parse(new TextDecoder().decode(bytes));
      files.push({ name: basename(path), bytes });
    } catch (cause) {
      if (cause instanceof HetcutError) throw cause;
      throw new HetcutError('tokenizer-invalid', `${path}: cannot be read as JSON (${String(cause)}).`, {
        hint: 'Get tokenizer.json (the "fast" tokenizer) of the model; spiece.model alone is not read.',
        cause,
      });
    }
  }
  return files;
}

async function writeTokenizer(files: readonly SmallFile[], folder: string): Promise<ManifestPart[]> {
  if (files.length === 0) return [];
  const start = performance.now();
  const written: ManifestPart['files'] = [];
  for (const { name, bytes } of files) {
    written.push({ name, ...(await writeHashed(join(folder, name), bytes)) });
  }
  return [describePart('tokenizer', written, start)];
}

/** The source's settings made whole. Throws HetcutError where they ask for what the model does not have. */
function resolveSettings(source: SourceFolder): { settings: ModelManifest['settings']; warnings: string[] } {
  const lacks =
    source.textEncoder === undefined
      ? 'text encoder'
      : source.tokenizerPath === undefined
        ? 'tokenizer'
        : undefined;
  const followsPrompt = source.settings.followsPrompt ?? lacks === undefined;
  if (followsPrompt && lacks !== undefined) {
    throw new HetcutError(
      'config-invalid',
      `${source.path}: hetcut.json: "followsPrompt" is true, but the model has no ${lacks}.`,
      { hint: 'Set it to false, or complete the model.' },
    );
  }
  return {
    settings: { ...source.settings, followsPrompt },
    warnings: lacks === 'tokenizer' ? [`${source.path}: no tokenizer: prompts will have no effect.`] : [],
  };
}

/**
 * Imports a model: builds its graphs from the configuration files, checks every weight, streams the weights into
 * one file per part, and moves the finished folder into place. Whatever happens on the way, `models/<id>` is
 * either the whole new model or what it was before.
 * Throws HetcutError: a file, field, tensor or shape that is wrong, an id that is taken, a full disk.
 */
export async function importModel(
  request: ImportRequest,
  callbacks: ImportCallbacks = {},
): Promise<ImportResult> {
  const { home, id, precision, textPrecision = usualTextPrecision(precision), replace = false } = request;
  checkModelId(id);
  if (isBundled(id) && request.sourceSha256 === undefined) {
    throw usageError('model-id-taken', `${id} is a model that comes with HetCut.`, 'Choose another --id.');
  }
  const source = await readSource(request);
  if (request.acceptLicence !== true) requireFreeFamily(source.path, source.family);
  parseSchedulerConfig(source.scheduler.config, source.scheduler.configPath);
  const { settings, warnings } = resolveSettings(source);
  const tokenizer = await readTokenizer(source);
  const parts = await prepareParts(source, request);
  try {
    await ensureFolder(modelsFolder(home));
    if (!replace && (await exists(join(modelsFolder(home), id)))) {
      throw usageError(
        'model-exists',
        `There is a model ${id} already.`,
        'Choose another --id, or give --replace.',
      );
    }
    const bytes = parts.reduce((sum, part) => sum + part.layout.fileBytes, 0);
    await requireDiskSpace(home, bytes, callbacks.freeBytes ?? availableBytes, diskHint);
    const staging = await openStaging(home, id);
    try {
      const written = await writeParts(parts, staging.path, callbacks);
      written.push(...(await writeTokenizer(tokenizer, staging.path)));
      const manifest: ModelManifest = {
        format: manifestFormat,
        id,
        family: source.family.name,
        precision,
        ...(source.textEncoder === undefined ? {} : { textPrecision }),
        source: describeSource(request),
        parts: written,
        configs: configsOf(source),
        settings,
      };
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      await writeHashed(join(staging.path, manifestName), new TextEncoder().encode(text));
      const path = await staging.commit(replace);
      const ofLoras = parts.flatMap((part) => part.loras?.warnings ?? []);
      return { path, manifest, warnings: [...unusedWarnings(parts), ...ofLoras, ...warnings] };
    } catch (error) {
      await staging.discard();
      throw toUserError(error, home, diskHint);
    }
  } finally {
    await closeParts(parts);
  }
}

function describeSource({
  sourceDir,
  files,
  sourceSha256,
  loras = [],
}: ImportRequest): ModelManifest['source'] {
  return {
    path: resolve(files?.transformer ?? sourceDir),
    ...(loras.length === 0
      ? {}
      : { loras: loras.map(({ path, strength }) => `${resolve(path)}:${strength}`) }),
    ...(sourceSha256 === undefined ? {} : { sha256: sourceSha256 }),
  };
}

function configsOf({ transformer, vae, textEncoder, scheduler }: SourceFolder): ModelManifest['configs'] {
  return {
    transformer: transformer.config,
    vae: vae.config,
    ...(textEncoder === undefined ? {} : { textEncoder: textEncoder.config }),
    scheduler: scheduler.config,
  };
}

async function writeParts(
  parts: readonly PreparedPart[],
  folder: string,
  { onProgress, signal }: ImportCallbacks,
): Promise<ManifestPart[]> {
  const total = parts.reduce((sum, part) => sum + part.layout.fileBytes, 0);
  const start = performance.now();
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    const elapsedSec = (performance.now() - start) / 1000;
    onProgress?.({
      stage: 'import',
      // Rounded up, so that the last report is of all, also of a model of less than a megabyte.
      step: Math.ceil(done / megabyte),
      steps: Math.ceil(total / megabyte),
      unit: 'MB',
      etaSec: (elapsedSec * (total - done)) / done,
    });
  };
  const written: ManifestPart[] = [];
  for (const part of parts) {
    if (signal?.aborted) throw cancelledError();
    written.push(await writePart(part, folder, { onBytes, ...(signal === undefined ? {} : { signal }) }));
  }
  return written;
}
