import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { modelSettingsSchema, type SourceSettings } from './settings.ts';

/** A model as published: a folder in the diffusers layout, its small files read. */
export interface SourceFolder {
  readonly path: string;
  /** `_class_name` of model_index.json. */
  readonly pipelineClass: string;
  readonly settings: SourceSettings;
  readonly transformer: SourcePart;
  readonly vae: SourcePart;
  /** Absent where model_index.json says null. */
  readonly textEncoder?: SourcePart;
  readonly scheduler: SourcePart;
  /** Path of tokenizer.json; absent where model_index.json says null. */
  readonly tokenizerPath?: string;
}

/** A part's folder and configuration file. */
export interface SourcePart {
  readonly folder: string;
  /** Path of the configuration file, for messages. */
  readonly configPath: string;
  readonly config: unknown;
}

const component = z.tuple([z.string().nullable(), z.string().nullable()]);
const modelIndexSchema = z.looseObject({
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
    text = await readFile(path, 'utf8');
  } catch (cause) {
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

async function readSettings(folder: string): Promise<SourceSettings> {
  const path = join(folder, 'hetcut.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const parsed = modelSettingsSchema.safeParse(text === undefined ? {} : await readJson(path));
  if (!parsed.success) throw invalid(path, parsed.error);
  return parsed.data;
}

/**
 * Reads a folder's model_index.json, configuration files and, if there is one, hetcut.json.
 * Throws HetcutError naming the file and field for what is missing or malformed.
 */
export async function readSourceFolder(path: string): Promise<SourceFolder> {
  const indexPath = join(path, 'model_index.json');
  const index = modelIndexSchema.safeParse(await readJson(indexPath));
  if (!index.success) throw invalid(indexPath, index.error);
  const { _class_name: pipelineClass, text_encoder: textEncoder, tokenizer } = index.data;
  const isThere = (entry: readonly (string | null)[] | undefined): boolean => (entry?.[1] ?? null) !== null;
  return {
    path,
    pipelineClass,
    settings: await readSettings(path),
    transformer: await readSourcePart(join(path, 'transformer')),
    vae: await readSourcePart(join(path, 'vae')),
    ...(isThere(textEncoder) ? { textEncoder: await readSourcePart(join(path, 'text_encoder')) } : {}),
    scheduler: await readSourcePart(join(path, 'scheduler'), 'scheduler_config.json'),
    ...(isThere(tokenizer) ? { tokenizerPath: join(path, 'tokenizer', 'tokenizer.json') } : {}),
  };
}
