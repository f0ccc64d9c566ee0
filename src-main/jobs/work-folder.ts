import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { canonicalJson } from '../../src-shared/core/json/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { FramePatch, PatchStore, PlateSummary } from '../engine/patch-store.ts';
import { fileStamp } from './file-stamp.ts';
import { writeHomeFile } from './whole-file.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Raise when a change of the pipeline makes older checkpoints wrong. */
const checkpointVersion = 2;

/**
 * Names the checkpoint of a job: the same request on unchanged files finds it again; a changed clip, mask,
 * model, option or program does not. Where the result goes, and what it is measured against, do not matter.
 */
export async function jobKey(job: EditJob, modelState: string): Promise<string> {
  const {
    outputPath: _out,
    truthPath: _truth,
    sheetPath: _sheet,
    fresh: _fresh,
    encode: _encode,
    ...rest
  } = job;
  const files = [
    job.clipPath,
    job.maskPath,
    ...(job.plate.kind === 'file' ? [job.plate.path] : []),
    ...(job.referencePath === undefined ? [] : [job.referencePath]),
  ];
  // A file that is gone by now is reported by the media layer, in its words.
  const stamps = await Promise.all(files.map((path) => fileStamp(path).catch(() => `${path} missing`)));
  // Whatever order its fields have: a job that comes from the queue's file has another than a new one.
  const text = canonicalJson([checkpointVersion, process.versions.v8, rest, stamps, modelState]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeWhole(path: string, value: unknown): Promise<void> {
  // Level 1: pictures hardly shrink further, and the stage waits for it.
  await writeHomeFile(path, await compress(serialize(value), { level: 1 }));
}

async function readWhole<T>(path: string): Promise<T | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return bytes === null ? null : (deserialize(await decompress(bytes)) as T);
}

/** A checkpoint in the folder `path`, made on the first write. */
export function openWorkFolder(path: string): PatchStore {
  const framePath = (folder: string, frame: number): string =>
    join(folder, `${String(frame).padStart(7, '0')}.patch`);
  const plate = join(path, 'plate');
  const windowPath = (window: number): string => join(path, `window-${String(window).padStart(5, '0')}`);
  const summary = join(path, 'plate.summary');
  return {
    async writePlate(frame, patch) {
      await mkdir(plate, { recursive: true });
      await writeWhole(framePath(plate, frame), patch);
    },
    readPlate: (frame) => readWhole<FramePatch>(framePath(plate, frame)),
    plateDone: () => exists(summary),
    async markPlateDone(value) {
      await mkdir(path, { recursive: true });
      await writeWhole(summary, value);
    },
    async plateSummary() {
      const value = await readWhole<PlateSummary>(summary);
      if (value === null) throw new Error('the plate summary is read before the plate stage is done');
      return value;
    },
    async writeWindow(window, patches) {
      const partial = `${windowPath(window)}.partial`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      for (const [frame, patch] of patches) await writeWhole(framePath(partial, frame), patch);
      await rename(partial, windowPath(window));
    },
    hasWindow: (window) => exists(windowPath(window)),
    readWindow: (window, frame) => readWhole<FramePatch>(framePath(windowPath(window), frame)),
    clear: () => rm(path, { recursive: true, force: true }),
  };
}
