import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { rangeIn, rangeOfClip } from '../engine/clip-range.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { liesIn } from './path-rule.ts';

/** Writes the pictures of `result` as if they were those of `source`: its times, its colour tags, its sound. */
async function writeExport(
  media: Media,
  { clipPath, range }: EditJob,
  resultPath: string,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const whole = await media.probe(clipPath, signal);
  const source = rangeOfClip(whole, rangeIn(whole, range));
  const result = await media.openClip(resultPath, signal);
  const frames = result.info.ptsSec.length;
  if (!isSameSize(source, result.info)) {
    throw new HetcutError('clip-changed', `${clipPath} has changed since the result was made.`, {
      hint: 'Run the edit again.',
    });
  }
  // A result of an odd size is stored with more chroma samples than its source.
  const clip = { ...source, pixelFormat: result.info.pixelFormat };
  const sink = await media.openSink(path, clip, { quality: 'visually-lossless' }, signal);
  try {
    for await (const frame of result.frames(0, frames, signal)) await sink.write(frame);
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return frames;
}

function isSameSize(a: ClipInfo, b: ClipInfo): boolean {
  return a.width === b.width && a.height === b.height && a.ptsSec.length === b.ptsSec.length;
}

export function resultHandlers({
  home,
  paths,
  media,
  queue,
  signal,
}: BackendParts): HandlersOf<'result.export'> {
  return {
    async 'result.export'({ jobId, path }) {
      const { name, result, job } = queue.find(jobId);
      if (result === undefined) {
        throw usageError('job-not-done', `${name} has no result yet.`, 'Wait until it is done.');
      }
      const target = await paths.require(path);
      if (await liesIn(target, home)) {
        throw usageError(
          'output-in-home',
          `${path} lies in the folder where HetCut keeps its own files.`,
          'Choose another folder.',
        );
      }
      return { path: target, frames: await writeExport(media, job, result.path, target, signal) };
    },
  };
}
