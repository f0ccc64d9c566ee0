import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { modelFamilies, type ModelFamily } from '../../src-shared/core/families/index.ts';
import { readSmallFile } from '../engine/small-file.ts';
import { settingsSchemaOf } from './settings.ts';

/**
 * Raise when a change of the graph builders or of this file makes folders imported before unusable: they are
 * then imported again.
 */
export const manifestFormat = 3;

export const manifestName = 'hetcut-model.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

const partSchema = z.object({
  name: z.string(),
  files: z.array(z.object({ name: fileName, bytes: z.int().nonnegative(), sha256 })).min(1),
  /** Sum over the files. */
  bytes: z.int().nonnegative(),
  /** What the import of the part took. */
  seconds: z.number().nonnegative(),
  /** Of the part's file list, see `partSha256`. */
  sha256,
});

/** What hetcut-model.json says: the last file that an import writes. */
const manifestSchemaOf = (family: ModelFamily) =>
  z.object({
    format: z.literal(manifestFormat),
    id: z.string(),
    family: z.literal(family.name),
    precision: z.enum(['fp32', 'fp16']),
    /** Only where there is a text encoder. */
    textPrecision: z.enum(['fp32', 'fp16', 'int8', 'int4']).exactOptional(),
    source: z.object({
      path: z.string(),
      /** Merged into the weights: path and strength of each. */
      loras: z.array(z.string()).optional(),
      /** Of all that the import depends on; only where the importer was told it. */
      sha256: sha256.optional(),
    }),
    parts: z.array(partSchema),
    /** The source's configuration files as they were. */
    configs: z.object({
      transformer: z.unknown(),
      vae: z.unknown(),
      textEncoder: z.unknown().optional(),
      scheduler: z.unknown(),
    }),
    settings: settingsSchemaOf(family).required({ followsPrompt: true }),
  });

export type ModelManifest = z.infer<ReturnType<typeof manifestSchemaOf>>;
export type ManifestPart = z.infer<typeof partSchema>;

/** sha256 over the lines `<sha256>  <name>\n` of the files, in their order (what `sha256sum` prints). */
export function partSha256(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  const lines = files.map((file) => `${file.sha256}  ${file.name}\n`).join('');
  return createHash('sha256').update(lines).digest('hex');
}

/** The family of that name; the first one where there is none, whose manifests the unknown name does not fit. */
function familyNamed(name: unknown): ModelFamily {
  return modelFamilies.find((family) => family.name === name) ?? modelFamilies[0];
}

/** What to do about a model that is of no use. */
export const importAgain =
  'Remove the model and import it again: `hetcut model import` does both with --replace.';

/** Reads and checks a model folder's manifest. Throws HetcutError `model-damaged` or `model-outdated`. */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, manifestName);
  let json: unknown;
  try {
    json = JSON.parse((await readSmallFile(path)).toString());
  } catch (cause) {
    throw new HetcutError('model-damaged', `${path}: cannot be read (${String(cause)}).`, {
      hint: importAgain,
      cause,
    });
  }
  const { format, family: name } = (json ?? {}) as { format?: unknown; family?: unknown };
  if (typeof format === 'number' && format !== manifestFormat) {
    throw new HetcutError(
      'model-outdated',
      `${path}: written by another version of HetCut (format ${format}, this one reads ${manifestFormat}).`,
      { hint: importAgain },
    );
  }
  const parsed = manifestSchemaOf(familyNamed(name)).safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new HetcutError('model-damaged', `${path}: ${issue.path.join('.')}: ${issue.message}.`, {
      hint: importAgain,
      cause: parsed.error,
    });
  }
  return parsed.data;
}
