import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { canonicalJson } from '../../src-shared/core/json/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { FramePatch, PatchStore, PlateSummary } from '../engine/composite/patch-store.ts';
import type { StepRecord } from '../engine/generate/sampling-loop.ts';
import { fileStamp } from './file-stamp.ts';
import { readStepsFile, writeStepsFile } from './steps-file.ts';
import { writeHomeFile, type WriteOptions } from './atomic-write.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Raise when a change of the pipeline makes older checkpoints wrong. */
const checkpointVersion = 6;

/**
 * Names the checkpoint of a job: the same request on unchanged files finds it again; a changed clip, mask,
 * model, option or program does not. Where the result goes, and what it is measured against, do not matter.
 */
export async function jobKey(job: EditJob, modelState: string, programVersion: string): Promise<string> {
  const {
    outputPath: _out,
    truthPath: _truth,
    sheetPath: _sheet,
    sourcesPath: _sources,
    fresh: _fresh,
    encode: _encode,
    cpuFallback: _fallback,
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
  const text = canonicalJson([
    checkpointVersion,
    programVersion,
    process.versions.v8,
    rest,
    stamps,
    modelState,
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

async function writeCompressed(path: string, value: unknown, options?: WriteOptions): Promise<void> {
  // Level 1: pictures hardly shrink further, and the stage waits for it.
  await writeHomeFile(path, await compress(serialize(value), { level: 1 }), options);
}

/** @throws HetcutError `checkpoint-damaged` where the file is not as written */
async function readCompressed<T>(path: string): Promise<T | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  try {
    return bytes === null ? null : (deserialize(await decompress(bytes)) as T);
  } catch (cause) {
    throw new HetcutError('checkpoint-damaged', `${path}, which this job kept, is damaged.`, {
      hint: 'Delete its folder and start the job again: it begins anew.',
      cause,
    });
  }
}

/** Bytes of each file in a folder, by name. */
type FileSizes = Readonly<Record<string, number>>;

async function sizesIn(folder: string): Promise<FileSizes> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const sizes = names.map(async (name) => [name, (await stat(join(folder, name))).size] as const);
  return Object.fromEntries(await Promise.all(sizes));
}

/** Closes a part of a checkpoint: what it says, and the files that belong to it. */
interface Seal<Value> {
  readonly value: Value;
  readonly files: FileSizes;
}

/**
 * What a part says whose files are all there in the size in which they were written; null where it was not finished, or
 * files are gone or cut off: a machine that lost its power keeps names of files whose content it had not written.
 */
async function readSealed<Value>(path: string, folder: string): Promise<Value | null> {
  const seal = await readCompressed<Seal<Value>>(path).catch((error: unknown) => {
    if (error instanceof HetcutError) return null;
    throw error;
  });
  if (seal === null) return null;
  const sizes = await sizesIn(folder);
  return Object.entries(seal.files).every(([name, size]) => sizes[name] === size) ? seal.value : null;
}

const stepsName = 'window.steps';
const oldStepsMs = 30 * 24 * 3600 * 1000;

/**
 * Removes the kept steps of jobs that nobody has continued for 30 days, under the folder of all checkpoints: those of
 * a job given up would stay for good, at hundreds of megabytes each. Its plate and its finished windows stay.
 */
export async function removeOldSteps(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name, stepsName);
    const kept = await stat(path).catch(() => undefined);
    if (kept !== undefined && nowMs - kept.mtimeMs > oldStepsMs) await rm(path, { force: true });
  }
}

/** A checkpoint in the folder `path`, made on the first write. */
export function openWorkFolder(path: string): PatchStore {
  const framePath = (folder: string, frame: number): string =>
    join(folder, `${String(frame).padStart(7, '0')}.patch`);
  const plate = join(path, 'plate');
  const windowPath = (window: number): string => join(path, `window-${String(window).padStart(5, '0')}`);
  const summary = join(path, 'plate.summary');
  const stepsOfWindow = (window: number): string => join(windowPath(window), 'steps');
  const steps = join(path, stepsName);
  return {
    async writePlate(frame, patch) {
      await mkdir(plate, { recursive: true });
      // There are many of them, and a plate that has lost one is known by its seal.
      await writeCompressed(framePath(plate, frame), patch, { flush: false });
    },
    readPlate: (frame) => readCompressed<FramePatch>(framePath(plate, frame)),
    plateDone: async () => (await readSealed(summary, plate)) !== null,
    async markPlateDone(value) {
      await mkdir(path, { recursive: true });
      const seal: Seal<PlateSummary> = { value, files: await sizesIn(plate) };
      await writeCompressed(summary, seal);
    },
    async plateSummary() {
      const value = await readSealed<PlateSummary>(summary, plate);
      if (value === null) throw new Error('the plate summary is read before the plate stage is done');
      return value;
    },
    async writeWindow(window, patches, records) {
      const partial = `${windowPath(window)}.partial`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      for (const [frame, patch] of patches) await writeCompressed(framePath(partial, frame), patch);
      const seal: Seal<readonly StepRecord[]> = { value: records, files: await sizesIn(partial) };
      await writeCompressed(join(partial, 'steps'), seal);
      await rm(windowPath(window), { recursive: true, force: true });
      await rename(partial, windowPath(window));
      await rm(steps, { force: true });
    },
    windowSteps: (window) => readSealed<readonly StepRecord[]>(stepsOfWindow(window), windowPath(window)),
    readWindow: (window, frame) => readCompressed<FramePatch>(framePath(windowPath(window), frame)),
    async writeSteps(of, state) {
      await mkdir(path, { recursive: true });
      await writeStepsFile(steps, of, state);
    },
    readSteps: (of) => readStepsFile(steps, of),
    clear: () => rm(path, { recursive: true, force: true }),
  };
}
