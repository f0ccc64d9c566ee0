import type { Media } from '../engine/frames.ts';
import { findBinaries } from './binaries.ts';
import { findDamagedFrames } from './damage.ts';
import { createFfmpeg, type OnToolProcess } from './ffmpeg-process.ts';
import { createFfprobe } from './ffprobe.ts';
import { checkExport, openEncoder } from './frame-sink.ts';
import { ClipReader } from './frame-source.ts';
import type { MediaTools } from './picture-reader.ts';
import { openMask } from './mask-source.ts';
import { probeClip } from './probe.ts';
import { readPicture, writePicture } from './still-picture.ts';

export type { OnToolProcess } from './ffmpeg-process.ts';
export { describeBinaries, findBinaries } from './binaries.ts';
export { endingFor, writtenCodec } from './containers.ts';
export { createHardwareProbe, type HardwareFinding } from './hardware-encoders.ts';
export { alphaWarning } from './probe-warnings.ts';
export { createPreviewMedia, type PreviewMedia } from './preview-media.ts';
export { pngFormat, usualBytes, whyNotHardware } from './video-encoders.ts';

/**
 * The media layer on the ffmpeg and ffprobe that `env` leads to (`FFMPEG_PATH`, `FFPROBE_PATH`, then the system's,
 * then npm's). `onToolProcess` is called for every ffmpeg. Throws `binary-missing` or `binary-unusable` where there is none.
 */
export async function createMedia(
  env: NodeJS.ProcessEnv = process.env,
  onToolProcess: OnToolProcess = () => undefined,
): Promise<Media> {
  const binaries = await findBinaries(env);
  const ffmpeg = createFfmpeg(binaries.ffmpeg.path, onToolProcess);
  const ffprobe = createFfprobe(binaries.ffprobe);
  const tools: MediaTools = { ffmpeg, ffprobe, binary: binaries.ffmpeg };
  return {
    probe: async (path, signal) => (await probeClip(ffprobe, path, signal)).info,
    openClip: async (path, signal, { alpha = false } = {}) =>
      new ClipReader(tools, await probeClip(ffprobe, path, signal), alpha ? 'keep' : 'drop'),
    findDamage: async (path, signal) =>
      findDamagedFrames(ffprobe, await probeClip(ffprobe, path, signal), signal),
    openMask: (path, clip, signal) => openMask(tools, path, clip, signal),
    readPicture: (path) => readPicture(ffmpeg, ffprobe, path),
    writePicture: (path, picture) => writePicture(ffmpeg, path, picture),
    checkExport,
    openSink: (...sink) => openEncoder(tools, ...sink),
    recentCommands: () => ffmpeg.recentCommands(),
  };
}

export { readMaskDocument } from './mask-source.ts';
