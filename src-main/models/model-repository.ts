import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { downloadFile, type DownloadOptions } from '../storage/index.ts';

/** Where models are fetched from, unless `--source` or HETCUT_MODEL_SOURCE names a mirror with the same interface. */
export const defaultSource = 'https://huggingface.co';

/** A file of a repository. */
export interface RepositoryFile {
  /** With `/`. */
  readonly path: string;
  readonly bytes?: number;
  /** Hexadecimal, of large files. */
  readonly sha256?: string;
  /** Git's name of a small file: SHA-1 over `blob <bytes>\0` and the content. */
  readonly blob?: string;
}

/** The files of a model in the diffusers layout, all of one revision. */
export interface RepositoryListing {
  readonly revision: string;
  /** As the server states it. */
  readonly licence?: string;
  readonly files: readonly RepositoryFile[];
}

const listingSchema = z.looseObject({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  tags: z.array(z.string()).default([]),
  siblings: z.array(
    z.looseObject({
      rfilename: z.string(),
      size: z.int().nonnegative().nullish(),
      blobId: z.string().nullish(),
      lfs: z.looseObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int() }).nullish(),
    }),
  ),
});

/** What an import reads of a folder, and no variant of the weights in another precision. */
const wanted =
  /^(?:model_index\.json|(?:transformer|vae|text_encoder|tokenizer|scheduler)\/[^/\\]+\.(?:json|safetensors))$/;
const variant = /\.(?:fp16|bf16|fp8|int8)(?:-\d+-of-\d+)?\.safetensors/;

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Asks a server of repositories what a model consists of. Errors as of downloads, and `repository-unknown`. */
export async function listRepository(
  source: string,
  repository: string,
  scratch: string,
  options: Omit<DownloadOptions, 'onBytes'>,
): Promise<RepositoryListing> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw usageError(
      'repository-name',
      `"${repository}" is neither a model of the list nor owner/name of a repository.`,
      '`hetcut model get` without a name shows the list.',
    );
  }
  const url = `${source.replace(/\/+$/, '')}/api/models/${encodePath(repository)}/revision/main?blobs=true`;
  const { path } = await downloadFile({ url, target: join(scratch, 'listing.json') }, options);
  const text = await readFile(path, 'utf8');
  await rm(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = listingSchema.safeParse(json);
  if (!parsed.success) {
    throw new HetcutError('repository-unknown', `${url}: the answer is no description of a repository.`, {
      hint: 'Check the source address: it must have the interface of a Hugging Face server.',
      cause: parsed.error,
    });
  }
  const { sha, tags, siblings } = parsed.data;
  const files = siblings
    .filter(({ rfilename }) => wanted.test(rfilename) && !variant.test(rfilename))
    .map(({ rfilename, size, blobId, lfs }): RepositoryFile => {
      const bytes = lfs?.size ?? size ?? undefined;
      return {
        path: rfilename,
        ...(bytes === undefined ? {} : { bytes }),
        ...(lfs ? { sha256: lfs.sha256 } : blobId ? { blob: blobId } : {}),
      };
    });
  if (!files.some(({ path: name }) => name === 'transformer/config.json')) {
    throw new HetcutError('repository-unknown', `${repository}: it has no model in the diffusers layout.`, {
      hint: 'Name the repository that ends in -diffusers, or import single files with `hetcut model import`.',
    });
  }
  const licence = tags.map((tag) => /^license:(.+)$/.exec(tag)?.[1]).find((name) => name !== undefined);
  return { revision: sha, files, ...(licence === undefined ? {} : { licence }) };
}

/** Address of a file at that revision: what is changed meanwhile does not come into it. */
export function fileUrl(source: string, repository: string, revision: string, path: string): string {
  return `${source.replace(/\/+$/, '')}/${encodePath(repository)}/resolve/${revision}/${encodePath(path)}`;
}

/** Git's name of a file's content. */
export async function blobName(path: string): Promise<string> {
  const content = await readFile(path);
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** Throws `download-damaged` where a small file is not the one that the repository lists. */
export async function requireBlob(path: string, url: string, blob: string): Promise<void> {
  const found = await blobName(path);
  if (found === blob) return;
  await rm(path, { force: true });
  throw new HetcutError(
    'download-damaged',
    `${url}: its content is ${found}, not ${blob} as the repository states.`,
    {
      hint: 'It was damaged on the way or is another file: run the same again, or use another source address.',
    },
  );
}
