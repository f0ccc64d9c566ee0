import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';
import { firstTrack, soundFilters, soundInput } from './clip-sound.ts';
import type { MediaTools } from './picture-reader.ts';
import {
  checkNotInput,
  checkWritable,
  partialPathOf,
  removeStalePartials,
  writeError,
  writeFailureIn,
} from './output-place.ts';
import type { ProbedClip } from './probe.ts';

/** AAC in MP4: every ffmpeg can write it without a foreign library, and its index makes seeking exact. */
const encoding = [
  ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-movflags', '+faststart', '-f', 'mp4'],
];
const sampleRate = 48_000;

/**
 * Writes the clip's first audio track to `path` as a small stereo file (about 1 MB a minute) that an <audio> element
 * plays: it starts with the first picture and ends with the last one. Returns false, and writes nothing, where the
 * clip has no sound. Nothing is left behind on an error.
 * Errors: cancelled, output-is-input, output-is-folder, output-folder, disk-full, ffmpeg-failed.
 */
export async function writeAudioPreview(
  tools: MediaTools,
  { info }: ProbedClip,
  path: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const track = firstTrack(info);
  if (track === undefined) return false;
  if (signal?.aborted) throw cancelledError();
  const target = resolve(path);
  await checkNotInput(target, info);
  await checkWritable(target);
  await removeStalePartials(target);
  const partial = partialPathOf(target);
  let writeFailure: string | undefined;
  const run = tools.ffmpeg.start({
    inputs: [soundInput(info)],
    outputOptions: ['-map', `0:${track.index}`, '-filter:a', soundFilters(info, sampleRate), ...encoding],
    target: partial,
    onLine(line) {
      writeFailure ??= writeFailureIn(line);
    },
    signal,
  });
  try {
    await run.finished;
    if (writeFailure !== undefined) throw writeError(path, writeFailure);
    if (signal?.aborted) throw cancelledError();
    await rename(partial, target);
    return true;
  } catch (error) {
    await rm(partial, { force: true });
    if (signal?.aborted) throw cancelledError();
    if (writeFailure !== undefined) throw writeError(path, writeFailure, error);
    if (error instanceof HetcutError) throw error;
    throw writeError(path, (error as NodeJS.ErrnoException).code ?? String(error), error);
  }
}
