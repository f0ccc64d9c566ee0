import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { rangeIn, rangeOfClip } from '../engine/scan/clip-range.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import type { WrittenFrames } from '../engine/export/layered-clip.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { requireOutside } from './path-rule.ts';
import { readSourceMap, sourceMapPath } from './source-map.ts';
import { writeFrames } from './write-frames.ts';

/** The pictures of a result as if they were its source's: with the source's times, colour tags and sound. */
async function asSource(
  media: Media,
  { clipPath, range }: EditJob,
  resultPath: string,
  signal: AbortSignal,
): Promise<WrittenFrames> {
  const whole = await media.probe(clipPath, signal);
  const source = rangeOfClip(whole, rangeIn(whole, range));
  const result = await media.openClip(resultPath, signal);
  if (!isSameSize(source, result.info)) {
    throw new HetcutError('clip-changed', `${clipPath} has changed since the result was made.`, {
      hint: 'Run the edit again.',
    });
  }
  return {
    // A result of an odd size is stored with more chroma samples than its source.
    info: { ...source, pixelFormat: result.info.pixelFormat },
    frames: (stop, part) =>
      result.frames(part?.startFrame ?? 0, part?.endFrame ?? result.info.ptsSec.length, stop),
  };
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
}: BackendParts): HandlersOf<'result.export' | 'result.sources'> {
  return {
    async 'result.export'({ jobId, path }) {
      const { name, result, job } = queue.find(jobId);
      if (result === undefined) {
        throw usageError('job-not-done', `${name} has no result yet.`, 'Wait until it is done.');
      }
      const target = await paths.require(path);
      await requireOutside(home, target);
      const written = await asSource(media, job, result.path, signal);
      await writeFrames(media, written, { quality: 'visually-lossless' }, target, signal);
      return { path: target, frames: written.info.ptsSec.length };
    },
    async 'result.sources'({ path, frame }) {
      return readSourceMap(media, await paths.require(sourceMapPath(path)), frame, signal);
    },
  };
}
