import type { EncodeSettings, Media } from '../engine/frames.ts';
import type { WrittenFrames } from '../engine/export/layered-clip.ts';

/**
 * Writes frames as a file of the editor's and returns what the sink has to say; `onFrame` is called with how many are written.
 * Throws as of `Media.openSink` and its sink; then nothing is left behind.
 */
export async function writeFrames(
  media: Media,
  { info, frames }: WrittenFrames,
  settings: EncodeSettings,
  path: string,
  signal: AbortSignal,
  onFrame: (done: number) => void = () => undefined,
): Promise<readonly string[]> {
  const sink = await media.openSink(path, info, settings, signal);
  try {
    let done = 0;
    for await (const frame of frames(signal)) {
      await sink.write(frame);
      onFrame(++done);
    }
    await sink.close();
    return sink.warnings;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
