import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  runParts,
  type BenchSession,
  type MeasuredRow,
  type MethodOptions,
} from '../../src-shared/core/bench/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';

/** Raise when a change of the pipeline or of these files makes older rows wrong. */
const storeVersion = 1;

/**
 * The decoded video of one window of the uncached run. `samples` in the order of `shape`: uint8, or float16 as the
 * bits of its numbers (Uint16Array).
 */
export interface ReferenceVideo {
  readonly shape: readonly number[];
  readonly samples: Uint8Array | Uint16Array;
}

/**
 * What an unfinished benchmark has measured. Nothing is half there: a file that is missing, damaged or of another
 * version reads as null, and is measured again.
 */
export interface BenchStore {
  /** A row whose session is not on record reads as null too: there is nothing to compare it with. */
  readRow(method: string, options: MethodOptions): Promise<MeasuredRow | null>;
  writeRow(row: MeasuredRow): Promise<void>;
  /** All sessions so far, the oldest first. */
  readSessions(): Promise<readonly BenchSession[]>;
  writeSessions(sessions: readonly BenchSession[]): Promise<void>;
  readReference(window: number): Promise<ReferenceVideo | null>;
  writeReference(window: number, video: ReferenceVideo): Promise<void>;
  /** Forgets all: `--fresh`, or the report is written. */
  clear(): Promise<void>;
}

const psnrSchema = z.number().nullable();
const secondsSchema = z.record(z.enum(runParts), z.number().nonnegative());
const optionsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const differenceSchema = z.object({
  maskPsnr: psnrSchema,
  maskSsim: z.number(),
  marginPsnr: psnrSchema.exactOptional(),
  outsidePsnr: psnrSchema.exactOptional(),
  identical: z.boolean(),
});

const rowSchema = z.object({
  version: z.literal(storeVersion),
  row: z.object({
    method: z.string(),
    label: z.string(),
    options: optionsSchema,
    calls: z.object({ full: z.int(), partial: z.int(), reuse: z.int() }),
    flops: z.number(),
    runs: z.array(secondsSchema).min(1),
    peakMemoryMb: z.number(),
    vsFull: differenceSchema,
    vsTruth: z.object({ maskPsnr: psnrSchema }).nullable(),
    session: z.int().nonnegative(),
  }),
});

const sessionsSchema = z.object({
  version: z.literal(storeVersion),
  sessions: z.array(z.object({ fullRuns: z.array(secondsSchema).min(1) })),
});

const sampleTypes = { uint8: Uint8Array, float16: Uint16Array } as const;

const referenceSchema = z.object({
  version: z.literal(storeVersion),
  type: z.enum(['uint8', 'float16']),
  shape: z.array(z.int().positive()),
  sha256: z.string(),
});

/** undefined where the file is missing, is no JSON, or does not say what `schema` wants. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const writeJson = (path: string, value: object): Promise<void> =>
  writeHomeFile(path, `${JSON.stringify({ version: storeVersion, ...value }, null, 2)}\n`);

/** The same text for the same options, in whatever order they are given. */
function optionsText(options: MethodOptions): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function bytesOf({ samples }: ReferenceVideo): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * The benchmark named `key` under `home`/bench. The key must stand for all that rows depend on but method and options:
 * clip, mask, model, steps, seed, program. Folders are made on the first write.
 */
export function openBenchStore(home: string, key: string): BenchStore {
  const folder = join(home, 'bench', key);
  const references = join(folder, 'reference');
  const rowPath = (method: string, options: MethodOptions): string => {
    const hash = createHash('sha256').update(JSON.stringify([method, optionsText(options)]));
    return join(folder, 'rows', `${hash.digest('hex').slice(0, 24)}.json`);
  };
  const sessionsPath = join(folder, 'sessions.json');
  const referencePath = (window: number, ending: string): string =>
    join(references, `window-${String(window).padStart(5, '0')}.${ending}`);
  const readSessions = async (): Promise<readonly BenchSession[]> =>
    (await readJson(sessionsPath, sessionsSchema))?.sessions ?? [];
  return {
    async readRow(method, options) {
      const row = (await readJson(rowPath(method, options), rowSchema))?.row;
      const isRequested = row?.method === method && optionsText(row.options) === optionsText(options);
      return row !== undefined && isRequested && row.session < (await readSessions()).length ? row : null;
    },
    async writeRow(row) {
      await mkdir(join(folder, 'rows'), { recursive: true });
      await writeJson(rowPath(row.method, row.options), { row });
    },
    readSessions,
    async writeSessions(sessions) {
      await mkdir(folder, { recursive: true });
      await writeJson(sessionsPath, { sessions });
    },
    async readReference(window) {
      const about = await readJson(referencePath(window, 'json'), referenceSchema);
      if (about === undefined) return null;
      const file = await readFile(referencePath(window, 'raw')).catch(() => undefined);
      if (file === undefined || sha256(file) !== about.sha256) return null;
      const SampleArray = sampleTypes[about.type];
      // A copy: a small file's bytes are anywhere in Node's shared buffer, and 16-bit samples must be aligned.
      return { shape: about.shape, samples: new SampleArray(new Uint8Array(file).buffer) };
    },
    async writeReference(window, video) {
      await mkdir(references, { recursive: true });
      const bytes = bytesOf(video);
      const type = video.samples instanceof Uint8Array ? 'uint8' : 'float16';
      // The description last: its sum does not fit older samples, so that the pair is never taken for whole.
      await writeHomeFile(referencePath(window, 'raw'), bytes);
      await writeJson(referencePath(window, 'json'), { type, shape: video.shape, sha256: sha256(bytes) });
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}
