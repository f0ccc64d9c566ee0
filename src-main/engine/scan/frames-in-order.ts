import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { FrameSource, VideoFrame } from '../frames.ts';

/** Frames that are decoded at a time when a clip is read backward. */
const chunkFrames = 24;

/** Reads the frames from `from` to `to`, which is left out; backward where `to` lies before. Throws `cancelled`. */
export async function* framesInOrder<Kept>(
  source: FrameSource,
  from: number,
  to: number,
  /** What is made of each frame, and held. */
  make: (frame: VideoFrame) => Kept,
  signal: AbortSignal,
): AsyncGenerator<{ readonly index: number; readonly frame: Kept }> {
  if (to > from) {
    for await (const frame of source.frames(from, to, signal)) {
      if (signal.aborted) throw cancelledError();
      yield { index: frame.index, frame: make(frame) };
    }
    return;
  }
  for (let end = from + 1; end > to + 1; end -= chunkFrames) {
    const start = Math.max(to + 1, end - chunkFrames);
    const chunk: { index: number; frame: Kept }[] = [];
    for await (const frame of source.frames(start, end, signal)) {
      if (signal.aborted) throw cancelledError();
      chunk.push({ index: frame.index, frame: make(frame) });
    }
    yield* chunk.reverse();
  }
}
