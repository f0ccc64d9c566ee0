import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { modelFamilies, type ModelFamily } from '../../src-shared/core/families/index.ts';
import { readSmallFile } from '../engine/small-file.ts';
import { requireOwnFiles } from './own-files.ts';
import { settingsSchemaOf, type SourceSettings } from './settings.ts';
import type { SingleFile } from './single-file.ts';

/** A model as published: a folder in the diffusers layout, its small files read. */
export interface SourceFolder {
  readonly path: string;
  readonly family: ModelFamily;
  readonly settings: SourceSettings;
  readonly transformer: SourcePart;
  readonly vae: SourcePart;
  /** Absent where the family has none or model_index.json says null. */
  readonly textEncoder?: SourcePart;
  readonly scheduler: SourcePart;
  /** Path of tokenizer.json; absent where the family reads no text or model_index.json says null. */
  readonly tokenizerPath?: string;
}

/** A part's folder and configuration file. */
export interface SourcePart {
  readonly folder: string;
  /** Path of the configuration file, for messages. */
  readonly configPath: string;
  readonly config: unknown;
  /** Its weights where they are one file under other names; absent: the folder's safetensors files. */
  readonly file?: SingleFile;
}

const component = z.tuple([z.string().nullable(), z.string().nullable()]);
const modelIndexSchema = z.looseObject({
  /** Of Wan 2.2: a second expert for the low noise, and where it takes over. */
  transformer_2: component.nullish(),
  boundary_ratio: z.number().nullish(),
  _class_name: z.string(),
  transformer: component,
  vae: component,
  scheduler: component,
  text_encoder: component.optional(),
  tokenizer: component.optional(),
});

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readSmallFile(path)).toString();
  } catch (cause) {
    if (cause instanceof HetcutError) throw cause;
    throw usageError(
      'source-file-missing',
      `${path}: cannot be read (${String(cause)}).`,
      'Give a folder in the diffusers layout: model_index.json, transformer/, vae/, text_encoder/, tokenizer/, scheduler/.',
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HetcutError('config-invalid', `${path}: not JSON (${String(cause)}).`, {
      hint: 'The file is damaged or incomplete: copy or download it again.',
      cause,
    });
  }
}

/** Reads one part's configuration: `folder/config.json`, or another file name. */
export async function readSourcePart(folder: string, configName = 'config.json'): Promise<SourcePart> {
  const configPath = join(folder, configName);
  return { folder, configPath, config: await readJson(configPath) };
}

function invalid(path: string, error: z.ZodError): HetcutError {
  const [issue] = error.issues;
  const field = issue.path.join('.');
  return new HetcutError(
    'config-invalid',
    `${path}: ${field === '' ? '' : `"${field}": `}${issue.message}.`,
    {
      hint: 'Compare the file with the one published with the model.',
      cause: error,
    },
  );
}

async function readSettings(folder: string, family: ModelFamily): Promise<SourceSettings> {
  const path = join(folder, 'hetcut.json');
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  const parsed = settingsSchemaOf(family).safeParse(isThere ? await readJson(path) : {});
  if (!parsed.success) throw invalid(path, parsed.error);
  return parsed.data;
}

type ModelIndex = z.infer<typeof modelIndexSchema>;

/** model_index.json; undefined where there is none: some models are published without. */
async function readIndex(folder: string): Promise<ModelIndex | undefined> {
  const path = join(folder, 'model_index.json');
  if (!(await isFile(path))) return undefined;
  const index = modelIndexSchema.safeParse(await readJson(path));
  if (!index.success) throw invalid(path, index.error);
  return index.data;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Throws `two-experts` for a model of two transformers: one of them alone would give wrong pictures. */
async function refuseTwoExperts(path: string, index: ModelIndex | undefined): Promise<void> {
  const second = join(path, 'transformer_2');
  const field =
    (index?.transformer_2?.[1] ?? null) !== null
      ? 'model_index.json: "transformer_2"'
      : (index?.boundary_ratio ?? null) !== null
        ? 'model_index.json: "boundary_ratio"'
        : (await isFile(join(second, 'config.json')))
          ? 'transformer_2/config.json'
          : undefined;
  if (field === undefined) return;
  throw new HetcutError(
    'two-experts',
    `${path}: ${field}: the model has two transformers, one for high and one for low noise (Wan 2.2), which HetCut does not run.`,
    { hint: 'Use a model with one transformer: Wan2.1-VACE.' },
  );
}

/** The family that recognises the folder, and its transformer. Throws `source-file-missing`, `pipeline-unknown`. */
async function recognise(
  folder: string,
  index: ModelIndex | undefined,
): Promise<{ family: ModelFamily; transformer: SourcePart }> {
  const partFolder = join(folder, 'transformer');
  // Of a folder without either file the first is missed: it is what most models have.
  if (index === undefined && !(await isFile(join(partFolder, 'config.json')))) {
    await readJson(join(folder, 'model_index.json'));
  }
  const transformer = await readSourcePart(partFolder);
  const { config } = transformer;
  const source = {
    transformer: config,
    ...(index === undefined ? {} : { pipelineClass: index._class_name }),
  };
  const family = modelFamilies.find((candidate) => candidate.recognises(source));
  if (family !== undefined) return { family, transformer };
  const found =
    index === undefined
      ? `${folder}: no model_index.json, and nothing in transformer/config.json is`
      : `${folder}: model_index.json: "_class_name": "${index._class_name}" is not`;
  throw new HetcutError('pipeline-unknown', `${found} supported.`, {
    hint: `Supported: ${modelFamilies.map(({ recognisedBy }) => recognisedBy).join(', ')}.`,
  });
}

/**
 * Reads a folder's model_index.json, configuration files and, if there is one, hetcut.json.
 * Throws HetcutError naming the file and field for what is missing or malformed, and for a model of no known family.
 */
export async function readSourceFolder(path: string): Promise<SourceFolder> {
  await requireOwnFiles(path);
  const index = await readIndex(path);
  await refuseTwoExperts(path, index);
  const { family, transformer } = await recognise(path, index);
  const readsText = family.textEncoder !== undefined;
  const has = (entry: readonly (string | null)[] | undefined): boolean =>
    readsText && (entry?.[1] ?? null) !== null;
  return {
    path,
    family,
    settings: await readSettings(path, family),
    transformer,
    vae: await readSourcePart(join(path, 'vae')),
    ...(has(index?.text_encoder) ? { textEncoder: await readSourcePart(join(path, 'text_encoder')) } : {}),
    scheduler: await readSourcePart(join(path, 'scheduler'), 'scheduler_config.json'),
    ...(has(index?.tokenizer) ? { tokenizerPath: join(path, 'tokenizer', 'tokenizer.json') } : {}),
  };
}
