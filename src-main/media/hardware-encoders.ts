import { PassThrough, Readable } from 'node:stream';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo, HardwareEncoder } from '../engine/frames.ts';
import { findBinaries, listEncoders, type Binary } from './binaries.ts';
import { pictureOptions } from './encode-options.ts';
import { createFfmpeg, type Ffmpeg } from './ffmpeg-process.ts';
import { matroskaHeader, matroskaPicture } from './matroska-pipe.ts';
import { clipNs } from './output-times.ts';
import { hardwareEncoders, videoEncoders } from './video-encoders.ts';

/** What a trial of a hardware encoder gave. */
export interface HardwareFinding {
  readonly name: HardwareEncoder;
  /** This ffmpeg was built with it. */
  readonly listed: boolean;
  readonly usable: boolean;
  /** Why it does not work, in ffmpeg's words; absent where it does. */
  readonly reason?: string;
}

/** Larger than the smallest picture that any of them takes. */
const trialSize = { width: 640, height: 360 };
const trialPictures = 5;
const trialTimeoutMs = 15_000;

const trialClip: ClipInfo = {
  path: '',
  container: '',
  codec: '',
  ...trialSize,
  rotation: 0,
  sampleAspectRatio: '1:1',
  pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  sourcePixelFormat: 'yuv420p',
  colour: { matrix: 'bt709', range: 'limited', assumed: true, tags: {} },
  ptsSec: Float64Array.from({ length: trialPictures }, (_, index) => index / 25),
  timeBase: { num: 1, den: 25 },
  startSec: 0,
  frameRate: '25/1',
  variableFrameRate: false,
  audio: [],
  durationSec: trialPictures / 25,
  warnings: [],
};

/** A grey ramp that moves, as a Matroska stream. */
function* trialStream(): Generator<Buffer | Uint8Array> {
  const { width, height } = trialSize;
  const { startNs, durationNs } = clipNs(trialClip);
  yield matroskaHeader({ ...trialSize, pixelFormat: trialClip.pixelFormat, frameNs: durationNs[0] });
  const chroma = new Uint8Array((width * height) / 4).fill(128);
  for (let picture = 0; picture < trialPictures; picture++) {
    const luma = Uint8Array.from({ length: width * height }, (_, i) => 16 + ((i + 8 * picture) % width) / 4);
    yield* matroskaPicture(startNs[picture], durationNs[picture], [luma, chroma, chroma]);
  }
}

/** Encodes a few pictures, as an export would, and throws them away. */
async function tryEncoder(ffmpeg: Ffmpeg, binary: Binary, name: HardwareEncoder): Promise<HardwareFinding> {
  const encoded = new PassThrough({ emitClose: false });
  let bytes = 0;
  encoded.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const run = ffmpeg.start({
    inputs: [
      {
        source: Readable.from(trialStream()),
        options: [...(videoEncoders[name].device ?? []), '-copyts', '-f', 'matroska'],
      },
    ],
    outputOptions: [
      ...pictureOptions(binary, name, trialClip, { quality: 'visually-lossless' }),
      ...['-f', 'matroska'],
    ],
    target: encoded,
    timeoutMs: trialTimeoutMs,
  });
  try {
    await run.finished;
    return bytes > 0
      ? { name, listed: true, usable: true }
      : { name, listed: true, usable: false, reason: 'it gave no picture' };
  } catch (error) {
    const lines = error instanceof HetcutError ? (error.details['lines'] as string[] | undefined) : undefined;
    const [reason = String(error)] = lines ?? [];
    return { name, listed: true, usable: false, reason };
  }
}

/**
 * Finds out which hardware encoders work, by a trial of each: that ffmpeg lists one says nothing of this machine. The
 * answer is kept, and holds for as long as the program runs: drivers are not exchanged meanwhile. Throws what
 * `findBinaries` throws.
 */
export function createHardwareProbe(
  env: NodeJS.ProcessEnv = process.env,
): () => Promise<readonly HardwareFinding[]> {
  let findings: Promise<readonly HardwareFinding[]> | undefined;
  const find = async (): Promise<readonly HardwareFinding[]> => {
    const { ffmpeg: binary } = await findBinaries(env);
    const ffmpeg = createFfmpeg(binary.path);
    const found: HardwareFinding[] = [];
    const listed = await listEncoders(binary.path);
    // One at a time: some take one stream only.
    for (const name of hardwareEncoders) {
      found.push(
        listed.has(name)
          ? await tryEncoder(ffmpeg, binary, name)
          : { name, listed: false, usable: false, reason: 'this ffmpeg was built without it' },
      );
    }
    return found;
  };
  return () => (findings ??= find());
}
