import type { EncodeSettings, Media } from '../engine/frames.ts';
import type { WrittenFrames } from '../engine/export/layered-clip.ts';
import { writeClip, type ClipWritten } from '../engine/export/write-clip.ts';

/**
 * Writes frames as a file of the editor's; `onFrame` is called with how many are written. Throws as of `writeClip`; then
 * nothing is left behind.
 */
export function writeFrames(
  media: Media,
  { info, frames, changed }: WrittenFrames,
  settings: EncodeSettings,
  path: string,
  signal: AbortSignal,
  onFrame: (done: number) => void = () => undefined,
): Promise<ClipWritten> {
  const part = (range: Parameters<WrittenFrames['frames']>[1]): ReturnType<WrittenFrames['frames']> =>
    frames(signal, range);
  return writeClip({ media, info, settings, path, signal, onFrame, changed, frames: part });
}
