import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { filledSchema } from '../../src-shared/project/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { writeHomeFile } from './atomic-write.ts';

/** A job of the queue as it is kept: its row, and what is to be run. */
export type QueuedJob = Omit<JobRow, 'progress'> & {
  readonly fingerprint: string;
  readonly job: EditJob;
};

const range = z.object({ startFrame: z.number(), endFrame: z.number() });
const calls = z.object({ full: z.number(), partial: z.number(), reuse: z.number() });

const optionValue = z.union([z.number(), z.string(), z.boolean()]);

/** Loose: what a later version adds to a job is handed on. */
const jobSchema = z.looseObject({
  kind: z.enum(['remove', 'edit']),
  clipPath: z.string(),
  maskPath: z.string(),
  outputPath: z.string(),
  range: range.optional(),
  modelId: z.string(),
  prompt: z.string(),
  negativePrompt: z.string(),
  preset: z.string(),
  method: z.object({ name: z.string(), options: z.record(z.string(), optionValue) }),
  seed: z.number(),
  plate: z.looseObject({ kind: z.string() }),
  // Jobs from before there was a choice have none.
  fill: z.string().default('auto'),
  encode: z.object({ quality: z.enum(['visually-lossless', 'lossless']) }),
  fresh: z.boolean(),
});

const fileSchema = z.object({
  version: z.literal(1),
  jobs: z.array(
    z.object({
      id: z.string(),
      projectId: z.string(),
      projectName: z.string().optional(),
      clipId: z.string(),
      editId: z.string(),
      name: z.string(),
      state: z.enum(['waiting', 'paused', 'running', 'done', 'failed', 'cancelled']),
      failure: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
      result: z
        .object({
          path: z.string(),
          range: range.optional(),
          fingerprint: z.string(),
          seconds: z.number(),
          estimateSeconds: z.number(),
          calls,
          flopsSaved: z.number(),
          filled: filledSchema.optional(),
          warnings: z.array(z.string()),
        })
        .optional(),
      check: z
        .object({
          frame: z.number(),
          fingerprint: z.string(),
          found: z
            .object({
              range,
              frame: z.number(),
              steps: z.number(),
              calls,
              maskPsnr: z.number().nullable(),
              marginPsnr: z.number().nullable().optional(),
              seconds: z.number(),
              fullSeconds: z.number(),
              width: z.number(),
              height: z.number(),
            })
            .optional(),
        })
        .optional(),
      createdAt: z.number(),
      endedAt: z.number().optional(),
      fingerprint: z.string(),
      job: jobSchema,
    }),
  ),
});

const pathIn = (home: string): string => join(home, 'queue.json');

/** The jobs that were written last, in their order; none where there is no file. */
export async function readQueue(
  home: string,
  nowMs: number,
  onNote: (text: string) => void,
): Promise<QueuedJob[]> {
  const path = pathIn(home);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  try {
    // What the schema lets through is what `writeQueue` was given.
    return fileSchema.parse(JSON.parse(text)).jobs as unknown as QueuedJob[];
  } catch {
    // Jobs are the user's work: the file is kept for a look, and never written over.
    const aside = join(home, `queue.damaged-${nowMs}.json`);
    await rename(path, aside);
    onNote(`The list of jobs could not be read. It was set aside as ${aside}; the list starts empty.`);
    return [];
  }
}

/** Errors: disk-full, home-unwritable. */
export async function writeQueue(home: string, jobs: readonly QueuedJob[]): Promise<void> {
  await mkdir(home, { recursive: true });
  await writeHomeFile(pathIn(home), `${JSON.stringify({ version: 1, jobs }, null, 1)}\n`);
}
