import { HetcutError, cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../../../src-shared/project/index.ts';
import type { ClipInfo, EncodeSettings, FrameSink, Media, VideoFrame } from '../frames.ts';

/** What is to be written, and how. */
export interface ClipWriting {
  readonly media: Pick<Media, 'openSink'>;
  readonly path: string;
  readonly info: ClipInfo;
  readonly settings: EncodeSettings;
  /** As `Media.openSink` takes it. */
  readonly changed?: ((frame: number) => boolean) | undefined;
  /** Frames of `info` in order. May be asked for more than once. */
  readonly frames: (range: FrameRange) => AsyncIterable<VideoFrame>;
  readonly signal: AbortSignal;
  /** Called with how many frames of the clip are done. */
  readonly onFrame?: (done: number) => void;
  readonly onPartialFile?: (path: string) => void;
}

/** What became of it. */
export interface ClipWritten {
  readonly warnings: readonly string[];
  /** Frames that are copied as the clip has them stored, and that were encoded. */
  readonly copied: number;
  readonly encoded: number;
  /** Why none is copied, where that was asked for. */
  readonly reason?: string;
}

async function writeOnce({ frames, info, signal, ...writing }: ClipWriting): Promise<FrameSink> {
  const { media, path, settings, changed, onFrame, onPartialFile } = writing;
  const sink = await media.openSink(path, info, settings, signal, changed);
  onPartialFile?.(sink.partialPath);
  try {
    for (const range of sink.wanted) {
      for await (const frame of frames(range)) {
        if (signal.aborted) throw cancelledError();
        await sink.write(frame);
        onFrame?.(frame.index + 1);
      }
    }
    onFrame?.(info.ptsSec.length);
    await sink.close();
    return sink;
  } catch (error) {
    await sink.abort();
    throw signal.aborted ? cancelledError() : error;
  }
}

/**
 * Writes a clip: what no edit has changed is copied where it can be. Where copying does not come out sound, every frame is
 * encoded after all, and a warning says why. Throws as of `Media.openSink` and its sink; then nothing is left behind.
 */
export async function writeClip(writing: ClipWriting): Promise<ClipWritten> {
  const frames = writing.info.ptsSec.length;
  try {
    const { warnings, copied } = await writeOnce(writing);
    const count = copied?.frames ?? 0;
    const why = copied?.reason === undefined ? {} : { reason: copied.reason };
    return { warnings, copied: count, encoded: frames - count, ...why };
  } catch (error) {
    if (!(error instanceof HetcutError) || error.code !== 'smart-render') throw error;
    const { changed: _, ...plain } = writing;
    const { warnings } = await writeOnce(plain);
    const reason = String(error.details['reason']);
    const warning = `Unchanged frames could not be copied (${reason}); all of them were encoded anew.`;
    return { warnings: [...warnings, warning], copied: 0, encoded: frames, reason };
  }
}

/** What an editor is told of it; undefined where copying was not asked for. */
export function copiedText({ copied, encoded, reason }: Omit<ClipWritten, 'warnings'>): string | undefined {
  if (reason !== undefined) return `All ${encoded} frames are encoded: ${reason}.`;
  if (copied === 0) return undefined;
  return `${copied} frames are copied unchanged from the clip, ${encoded} encoded to match.`;
}
