import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { downloadFile, type DownloadOptions } from '../storage/index.ts';

/** A package to be downloaded. */
export interface PackageAddress {
  readonly url: string;
  readonly fileName: string;
  /** SHA-512 as base64, where the feed states one. */
  readonly sha512?: string;
  readonly bytes?: number;
}

const metadataSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string(),
      versions: z.array(z.object({ feed: z.string(), version: z.string() })).min(1),
    }),
  ),
  manifests: z.record(z.string(), z.record(z.string(), z.object({ package: z.string() }))),
  feeds: z.record(z.string(), z.object({ type: z.string(), index: z.string() })),
});

const indexSchema = z.object({
  resources: z.array(z.looseObject({ '@id': z.string(), '@type': z.string() })),
});
const leafSchema = z.looseObject({ catalogEntry: z.union([z.string(), z.looseObject({})]) });
const catalogSchema = z.looseObject({
  packageHash: z.string(),
  packageHashAlgorithm: z.literal('SHA512'),
  packageSize: z.int().optional(),
});

/** What ONNX Runtime's own install step would fetch for Linux x64: feed, package and version. */
export function describeFeed(runtimeFolder: string): { index: string; name: string; version: string } {
  const load = createRequire(import.meta.url);
  const metadata = metadataSchema.parse(load(join(runtimeFolder, 'script', 'install-metadata.js')));
  const [manifest] = Object.entries(metadata.manifests).filter(([key]) => key.startsWith('linux/x64:cuda'));
  const [file] = Object.values(manifest?.[1] ?? {});
  const found = metadata.packages[file?.package ?? ''];
  if (found === undefined) throw new Error('onnxruntime-node names no CUDA package for linux/x64');
  const [{ feed, version }] = found.versions;
  return { index: metadata.feeds[feed]?.index ?? '', name: found.name, version };
}

/** A small JSON document; undefined where the server has none. */
async function readJson(url: string, scratch: string, options: DownloadOptions): Promise<unknown> {
  try {
    const { onBytes: _, ...quiet } = options;
    const { path } = await downloadFile({ url, target: join(scratch, 'answer.json') }, quiet);
    const text = await readFile(path, 'utf8');
    await rm(path);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof HetcutError && error.code === 'download-missing') return undefined;
    if (error instanceof SyntaxError) {
      throw new HetcutError('feed-unknown', `${url}: the answer is not JSON.`, {
        hint: 'Give the index address of a NuGet feed (it ends in index.json), or the address of the package itself.',
      });
    }
    throw error;
  }
}

/**
 * Finds a package in a NuGet feed (protocol version 3: PackageBaseAddress, and RegistrationsBaseUrl for the checksum).
 * `scratch`: a folder for answers. Errors as of downloads, and `feed-unknown`.
 */
export async function findInFeed(
  { index, name, version }: { readonly index: string; readonly name: string; readonly version: string },
  scratch: string,
  options: DownloadOptions,
): Promise<PackageAddress> {
  const parsed = indexSchema.safeParse(await readJson(index, scratch, options));
  const resource = (type: string): string | undefined => {
    const id = parsed.data?.resources.find((one) => one['@type'].startsWith(type))?.['@id'];
    return id === undefined || id.endsWith('/') ? id : `${id}/`;
  };
  const base = resource('PackageBaseAddress/3');
  if (base === undefined) {
    throw new HetcutError('feed-unknown', `${index}: it does not describe a NuGet feed.`, {
      hint: 'Give the index address of a NuGet feed (it ends in index.json), or the address of the package itself.',
    });
  }
  const id = name.toLowerCase();
  const fileName = `${id}.${version}.nupkg`;
  const registrations = resource('RegistrationsBaseUrl');
  const leaf =
    registrations === undefined
      ? undefined
      : leafSchema.safeParse(await readJson(`${registrations}${id}/${version}.json`, scratch, options)).data;
  const entry =
    typeof leaf?.catalogEntry === 'string'
      ? await readJson(leaf.catalogEntry, scratch, options)
      : leaf?.catalogEntry;
  const stated = catalogSchema.safeParse(entry).data;
  return {
    url: `${base}${id}/${version}/${fileName}`,
    fileName,
    ...(stated === undefined ? {} : { sha512: stated.packageHash }),
    ...(stated?.packageSize === undefined ? {} : { bytes: stated.packageSize }),
  };
}

/** A package by its own address. */
export function packageAt(url: string): PackageAddress {
  const { pathname } = new URL(url);
  return { url, fileName: decodeURIComponent(basename(pathname)) };
}

/** Throws `download-damaged` where the package is not the one that the feed describes. */
export async function requireSha512(path: string, { url, sha512 }: PackageAddress): Promise<void> {
  if (sha512 === undefined) return;
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) hash.update(chunk as Buffer);
  const found = hash.digest('base64');
  if (found === sha512) return;
  throw new HetcutError(
    'download-damaged',
    `${url}: its SHA-512 is ${found}, not ${sha512} as the feed states.`,
    {
      hint: 'It was damaged on the way or is another file: run the same again, or use another source address.',
    },
  );
}
