import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import { requirePrompt } from '../engine/text/job-words.ts';
import { checkPlate } from '../engine/plate/plate-file.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { openPromptHistory } from '../jobs/prompt-history.ts';
import { requireModel } from './model-handlers.ts';
import { sourceMapPath } from './source-map.ts';
import { askedEdit } from './asked-edit.ts';
import { editFingerprint, type EditInput } from './edit-request.ts';

/** Lossless files in the order in which they are tried: the first plays best, the last takes every sound. */
const resultEndings = ['.mp4', '.mov', '.mkv'] as const;

/** Where a result goes; the file's kind is the first that can hold the clip's sound. */
async function resultPath(media: Media, base: string, clip: ClipInfo): Promise<string> {
  for (const ending of resultEndings) {
    const path = `${base}${ending}`;
    try {
      await media.checkExport(path, clip, { quality: 'lossless' });
      return path;
    } catch (error) {
      if (!(error instanceof HetcutError && error.code === 'sound-not-copyable')) throw error;
    }
  }
  throw new Error(`no container holds the sound of ${clip.path}`);
}

/** Throws where an edit is not ready to be run. */
function requireRunnable({ mask, settings }: Pick<EditInput, 'mask' | 'settings'>): void {
  requirePrompt(settings);
  if (mask.shapes.length === 0 && !mask.invert) {
    throw usageError('mask-empty', 'Nothing is painted yet.', 'Paint what should go.');
  }
}

export function jobHandlers(
  parts: BackendParts,
): HandlersOf<
  | 'edit.estimate'
  | 'edit.fingerprint'
  | 'edit.partition'
  | 'prompts.recent'
  | 'jobs.list'
  | 'jobs.add'
  | 'edit.check'
  | 'jobs.checkPictures'
  | 'jobs.cancel'
  | 'jobs.pause'
  | 'jobs.resume'
  | 'jobs.move'
  | 'jobs.log'
  | 'jobs.retry'
  | 'jobs.remove'
> {
  const { home, media, queue, estimator } = parts;
  const prompts = openPromptHistory(home);
  const ask = (asked: EditInput) => askedEdit(parts, asked);
  /** What a new row of the queue is made of, whatever is to be done with the edit. */
  const askToRun = async (
    input: EditInput &
      Pick<JobRow, 'projectId' | 'clipId' | 'editId' | 'name'> & { projectName?: string | undefined },
  ) => {
    const { projectId, projectName, clipId, editId, name } = input;
    requireRunnable(input);
    await requireModel(home, input.settings.modelId);
    const [request, clip] = await ask(input);
    // Now, not when its turn has come: there may be hours until then.
    await checkPlate(media, request.plate, clip, request.range?.endFrame ?? clip.ptsSec.length);
    const fingerprint = editFingerprint(input);
    const of = { projectId, ...(projectName === undefined ? {} : { projectName }), clipId, editId, name };
    return { request, clip, row: { id: randomUUID(), ...of, fingerprint } };
  };
  return {
    async 'edit.estimate'(input) {
      const [request] = await ask(input);
      const { flops: _, tokensPerWindow: __, notes: ___, ...found } = await estimator.estimate(request);
      return { ...found, fingerprint: editFingerprint(input) };
    },
    'edit.fingerprint'(input) {
      return Promise.resolve({ fingerprint: editFingerprint(input) });
    },
    async 'edit.partition'({ frame, ...asked }) {
      const [request] = await ask(asked);
      const found = await estimator.partition(request, frame);
      return found === null ? null : { ...found.tokens, crop: found.crop, counts: found.counts };
    },
    'prompts.recent': () => prompts.recent(),
    'jobs.list': async () => queue.rows(),
    async 'jobs.add'(input) {
      const { request, clip, row } = await askToRun(input);
      await prompts.add(input.settings);
      const results = join(home, 'results');
      await mkdir(results, { recursive: true });
      const outputPath = await resultPath(media, join(results, row.id), clip);
      return queue.add({
        ...row,
        job: { ...request, outputPath, sourcesPath: sourceMapPath(outputPath), fresh: false },
      });
    },
    async 'edit.check'({ frame, ...input }) {
      const { request, clip, row } = await askToRun(input);
      if (frame >= clip.ptsSec.length) {
        throw usageError('frame', `The clip has no frame ${frame}.`, 'Name one that it has.');
      }
      const checks = join(home, 'checks');
      await mkdir(checks, { recursive: true });
      return queue.add({
        ...row,
        check: { frame, fingerprint: row.fingerprint },
        job: { ...request, outputPath: join(checks, `${row.id}.pictures`), fresh: false },
      });
    },
    async 'jobs.checkPictures'({ jobId }) {
      const { name, check, job } = queue.find(jobId);
      if (check?.found === undefined) {
        throw usageError('job-not-done', `${name} has no pictures.`, 'Wait until the check is done.');
      }
      const { width, height } = check.found;
      const bytes = await readFile(job.outputPath).catch(() => undefined);
      const size = 3 * width * height;
      if (bytes?.length !== 2 * size) {
        throw new HetcutError('check-pictures', `The pictures of ${name} are no longer there.`, {
          hint: 'Check again.',
        });
      }
      return {
        width,
        height,
        cached: bytes.toString('base64', 0, size),
        full: bytes.toString('base64', size),
      };
    },
    async 'jobs.cancel'({ jobId }) {
      await queue.cancel(jobId);
      return null;
    },
    async 'jobs.pause'({ jobId }) {
      await queue.pause(jobId);
      return null;
    },
    async 'jobs.resume'({ jobId }) {
      await queue.resume(jobId);
      return null;
    },
    async 'jobs.move'({ jobId, before }) {
      await queue.move(jobId, before);
      return null;
    },
    'jobs.log': async ({ jobId }) => queue.log(jobId),
    async 'jobs.retry'({ jobId, cpuFallback }) {
      await queue.retry(jobId, cpuFallback === true ? { cpuFallback } : {});
      return null;
    },
    async 'jobs.remove'({ jobId }) {
      const { check, job } = queue.find(jobId);
      await queue.remove(jobId);
      // Nobody else knows of a check's pictures; a result belongs to its edit.
      if (check !== undefined) await rm(job.outputPath, { force: true });
      return null;
    },
  };
}
