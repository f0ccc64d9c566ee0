import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cancelledError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { writeAudioPreview } from './audio-preview.ts';
import { findBinaries } from './binaries.ts';
import { createFfmpeg } from './ffmpeg-process.ts';
import { createFfprobe, type Ffprobe } from './ffprobe.ts';
import type { MediaTools } from './picture-reader.ts';
import { readPeaks, type Peaks } from './peaks.ts';
import { openPreviews, type PreviewSource } from './preview-source.ts';
import { probeClip, type ProbedClip } from './probe.ts';

/** What showing a clip asks of the media layer. Paths are the user's; errors as of `Media.probe` and as noted. */
export interface PreviewMedia {
  probe(path: string): Promise<ClipInfo>;
  /** `maxHeight`: rows of a picture at most, 2 or more. */
  openPreviews(path: string, options: { readonly maxHeight: number }): Promise<PreviewSource>;
  /** The first audio track as a waveform; no points where there is none. */
  peaks(path: string, pointsPerSec: number, signal?: AbortSignal): Promise<Peaks>;
  /** The first audio track as an MP4 for an <audio> element; false, and no file, where there is none. */
  writeAudio(path: string, outPath: string, signal?: AbortSignal): Promise<boolean>;
}

const keptClips = 32;

/**
 * Probes clips and keeps the last few answers: all requests about a clip come in quick succession, and listing the
 * times of a long one takes seconds. An answer holds as long as the file has the same size and time of change.
 */
class KnownClips {
  readonly #ffprobe: Ffprobe;
  readonly #clips = new Map<string, { readonly stamp: string; readonly clip: Promise<ProbedClip> }>();

  constructor(ffprobe: Ffprobe) {
    this.#ffprobe = ffprobe;
  }

  async get(path: string): Promise<ProbedClip> {
    const absolute = resolve(path);
    // A file that is missing is reported by the probe, in its words.
    const stamp = await stat(absolute).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => '',
    );
    const known = this.#clips.get(absolute);
    const clip = known?.stamp === stamp ? known.clip : probeClip(this.#ffprobe, path);
    const entry = { stamp, clip };
    // Set again also where it was known: a Map's order is that of setting, and the oldest goes first.
    this.#clips.delete(absolute);
    this.#clips.set(absolute, entry);
    const [oldest] = this.#clips.keys();
    if (this.#clips.size > keptClips) this.#clips.delete(oldest);
    try {
      return await clip;
    } catch (error) {
      if (this.#clips.get(absolute)?.clip === clip) this.#clips.delete(absolute);
      throw error;
    }
  }
}

/** On the programs that `createMedia` would take, with its errors where there are none. */
export async function createPreviewMedia(env: NodeJS.ProcessEnv = process.env): Promise<PreviewMedia> {
  const binaries = await findBinaries(env);
  const ffprobe = createFfprobe(binaries.ffprobe);
  const ffmpeg = createFfmpeg(binaries.ffmpeg.path);
  const tools: MediaTools = { ffmpeg, ffprobe, binary: binaries.ffmpeg };
  const clips = new KnownClips(ffprobe);
  /** The probe is shared between requests, so that one request's abort does not end it. */
  const wanted = async (path: string, signal?: AbortSignal): Promise<ProbedClip> => {
    const clip = await clips.get(path);
    if (signal?.aborted) throw cancelledError();
    return clip;
  };
  return {
    probe: async (path) => (await clips.get(path)).info,
    openPreviews: async (path, options) => openPreviews(tools, await clips.get(path), options),
    peaks: async (path, pointsPerSec, signal) =>
      readPeaks(tools, await wanted(path, signal), pointsPerSec, signal),
    writeAudio: async (path, outPath, signal) =>
      writeAudioPreview(tools, await wanted(path, signal), outPath, signal),
  };
}
