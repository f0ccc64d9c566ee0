import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelledError, usageError } from '../../src-shared/core/errors/index.ts';
import type { Precision } from '../../src-shared/core/graph/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import {
  availableBytes,
  downloadFile,
  hashFile,
  requireDiskSpace,
  toUserError,
  type DownloadOptions,
} from '../storage/index.ts';
import { catalogue } from './catalogue.ts';
import { ensureFolder, modelsFolder } from './home.ts';
import { checkModelId, importModel, type ImportResult } from './import-model.ts';
import { requireFreeLicence } from './licence.ts';
import {
  blobName,
  defaultSource,
  fileUrl,
  listRepository,
  requireBlob,
  type RepositoryFile,
  type RepositoryListing,
} from './model-repository.ts';

export interface GetRequest {
  readonly home: string;
  /** A row of the catalogue, or `owner/name` of a repository. */
  readonly name: string;
  /** Its name in HetCut; default: the row's. */
  readonly id?: string;
  readonly precision: Precision;
  /** Address of the server; default: `defaultSource`. */
  readonly source?: string;
  readonly replace?: boolean;
  /** The licence was read and is accepted: asked for where it restricts the use, or is not known. */
  readonly acceptLicence?: boolean;
  /** Keep what was downloaded beside what was imported. */
  readonly keep?: boolean;
}

export interface GetCallbacks extends Omit<DownloadOptions, 'onBytes'> {
  readonly onProgress?: OnProgress;
  readonly onNote?: (text: string) => void;
}

export interface GetResult extends ImportResult {
  readonly repository: string;
  readonly revision: string;
  readonly downloadedBytes: number;
  /** Files that the server states no checksum of: only their length was compared. */
  readonly unchecked: readonly string[];
}

const megabyte = 2 ** 20;
const diskHint =
  'Free some space, set HETCUT_HOME to a folder with room, or get it in half precision (--precision fp16).';

/** Whether an earlier run has fetched it, in this revision. */
async function isThere(
  path: string,
  { bytes, sha256, blob }: RepositoryFile,
  options: { readonly signal?: AbortSignal | undefined; readonly onBytes: (bytes: number) => void },
): Promise<boolean> {
  const size = await stat(path).then(
    (entry) => entry.size,
    () => undefined,
  );
  if (size === undefined || (bytes !== undefined && size !== bytes)) return false;
  if (sha256 !== undefined) return (await hashFile(path, options)) === sha256;
  return blob !== undefined && (await blobName(path)) === blob;
}

/** Downloads what is not there yet, one file after the other. @returns files without a checksum */
async function fetchFiles(
  { revision, files }: RepositoryListing,
  place: { readonly source: string; readonly repository: string; readonly folder: string },
  { onProgress, onNote: _, ...options }: GetCallbacks,
): Promise<string[]> {
  const total = files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  const start = performance.now();
  const unchecked: string[] = [];
  let before = 0;
  let fetched = 0;
  for (const file of files) {
    if (options.signal?.aborted === true) throw cancelledError();
    const target = join(place.folder, ...file.path.split('/'));
    const url = fileUrl(place.source, place.repository, revision, file.path);
    let read = 0;
    const onRead = (count: number): void => {
      read += count;
      // Of a large file this takes minutes: it is neither silent nor deaf to a cancel.
      onProgress?.({
        stage: 'download',
        step: Math.ceil((before + read) / megabyte),
        steps: Math.ceil(Math.max(total, before + read) / megabyte),
        unit: 'MB',
      });
    };
    if (!(await isThere(target, file, { signal: options.signal, onBytes: onRead }))) {
      let first: number | undefined;
      const onBytes = (done: number): void => {
        first ??= done;
        const all = Math.max(total, before + done);
        const seconds = (performance.now() - start) / 1000;
        const rate = (fetched + done - first) / seconds;
        onProgress?.({
          stage: 'download',
          step: Math.ceil((before + done) / megabyte),
          steps: Math.ceil(all / megabyte),
          unit: 'MB',
          ...(rate > 0 ? { etaSec: (all - before - done) / rate } : {}),
        });
      };
      const { bytes, sha256 } = file;
      const found = await downloadFile(
        {
          url,
          target,
          ...(bytes === undefined ? {} : { bytes }),
          ...(sha256 === undefined ? {} : { sha256 }),
        },
        { ...options, onBytes },
      );
      if (file.blob !== undefined) await requireBlob(target, url, file.blob);
      else if (found.verified === 'length' || found.verified === 'nothing') unchecked.push(file.path);
      fetched += found.bytes - (first ?? 0);
    }
    before += file.bytes ?? 0;
  }
  return unchecked;
}

/**
 * Downloads a model and imports it. Every file is compared with the checksum that the server lists, at one revision; what
 * was downloaded when it broke off is kept and continued. Whatever happens, `models/<id>` is the whole new model or what
 * it was before.
 * Throws HetcutError: those of downloads and of imports, repository-name, repository-unknown, licence-not-accepted,
 * model-exists, disk-full.
 */
export async function getModel(request: GetRequest, callbacks: GetCallbacks = {}): Promise<GetResult> {
  const { home, name, precision, replace = false, keep = false, acceptLicence = false } = request;
  const row = catalogue.find(({ id }) => id === name);
  const repository = row?.repository ?? name;
  const id = request.id ?? row?.id ?? (name.split('/')[1] ?? '').toLowerCase();
  checkModelId(id);
  const there = await stat(join(modelsFolder(home), id)).then(
    () => true,
    () => false,
  );
  if (there && !replace) {
    throw usageError(
      'model-exists',
      `There is a model ${id} already.`,
      'Choose another --id, or give --replace.',
    );
  }
  const source = request.source ?? defaultSource;
  const folder = join(home, 'downloads', id);
  await ensureFolder(folder);
  const { onProgress, onNote, ...options } = callbacks;
  const listing = await listRepository(source, repository, folder, options);
  if (!acceptLicence) requireFreeLicence(repository, listing.licence ?? row?.licence);
  const bytes = listing.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const onDisk = await Promise.all(
    listing.files.map(({ path }) => {
      const target = join(folder, ...path.split('/'));
      return stat(target)
        .catch(() => stat(`${target}.part`))
        .then(
          (entry) => entry.size,
          () => 0,
        );
    }),
  );
  const missing = bytes - onDisk.reduce((sum, size) => sum + size, 0);
  // Published in 16 bits as a rule: the import writes as much again, in fp32 twice as much.
  const imported = precision === 'fp16' ? bytes : 2 * bytes;
  await requireDiskSpace(
    home,
    Math.max(0, missing) + imported,
    options.freeBytes ?? availableBytes,
    diskHint,
  );
  const size = `${(bytes / 1e9).toFixed(1)} GB`;
  onNote?.(
    `${repository}, revision ${listing.revision.slice(0, 12)}, ${size} in ${listing.files.length} files.`,
  );
  try {
    await mkdir(folder, { recursive: true });
    const unchecked = await fetchFiles(listing, { source, repository, folder }, callbacks);
    const result = await importModel(
      { sourceDir: folder, id, precision, home, replace, acceptLicence },
      {
        ...(onProgress === undefined ? {} : { onProgress }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
      },
    );
    if (!keep) await rm(folder, { recursive: true, force: true });
    return { ...result, repository, revision: listing.revision, downloadedBytes: bytes, unchecked };
  } catch (error) {
    throw toUserError(error, folder, diskHint);
  }
}
