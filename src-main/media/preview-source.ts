import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo, VideoFrame } from '../engine/frames.ts';
import { passThroughTimes, swscaleName } from './decode-pass.ts';
import { ClipReader, type MediaTools } from './frame-source.ts';
import { splitJpegs } from './jpeg-stream.ts';
import { chunksOf } from './picture-stream.ts';
import { previewSize } from './preview-size.ts';
import type { ProbedClip } from './probe.ts';

/** A picture to be shown: JFIF (BT.601, full range, 4:2:0), `width` × `height` of its source. */
export interface Preview {
  /** Position in the clip, as in `VideoFrame`. */
  readonly index: number;
  readonly jpeg: Uint8Array;
}

export interface PreviewSource {
  /** Of every picture, in pixels; both even. */
  readonly width: number;
  readonly height: number;
  /** The first of the frames [startFrame, endFrame) that needs no other to be decoded; undefined where none does. */
  keyFrame(startFrame: number, endFrame: number): number | undefined;
  /**
   * Frames [startFrame, endFrame) in order, the same that `FrameSource.frames` returns, damaged ones replaced alike.
   * Nothing is decoded far ahead of the reader. Both processes end when the iteration ends or `signal` aborts
   * (`cancelled`). Any number of iterations may run at once.
   */
  frames(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncIterable<Preview>;
}

/** The clip's planes as an input of ffmpeg. It must not wait for more pictures than the first to know what comes. */
function planesInput(info: ClipInfo): string[] {
  return [
    ...['-f', 'rawvideo', '-pixel_format', swscaleName(info), '-video_size', `${info.width}x${info.height}`],
    ...['-framerate', '25', '-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0'],
  ];
}

/**
 * JFIF is BT.601 in full range by definition, whatever the clip is. The way from another matrix leads through RGB:
 * old versions of ffmpeg ignore the matrices between two Y'CbCr formats.
 */
function previewFilter({ colour }: ClipInfo, { width, height }: { width: number; height: number }): string {
  const scale = `scale=${width}:${height}:in_color_matrix=${colour.matrix}:in_range=${colour.range}:flags=bicubic`;
  const toJfif = 'out_color_matrix=bt601:out_range=full';
  const filters =
    colour.matrix === 'bt601' ? [`${scale}:${toJfif}`] : [scale, 'format=rgb24', `scale=${toJfif}`];
  return [...filters, 'format=yuvj420p', 'setsar=1'].join(',');
}

/**
 * Writes frames into `planes` as fast as they are taken and ends it, also when `frames` fails.
 * `given` gets the number of each frame before its bytes go out.
 */
async function feed(
  frames: AsyncIterable<VideoFrame>,
  planes: PassThrough,
  given: number[],
  stop: AbortSignal,
): Promise<void> {
  try {
    for await (const frame of frames) {
      given.push(frame.index);
      let room = true;
      for (const plane of frame.planes)
        room = planes.write(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
      if (!room) await once(planes, 'drain', { signal: stop });
    }
  } finally {
    planes.end();
  }
}

async function* encodePreviews(
  tools: MediaTools,
  reader: ClipReader,
  size: { readonly width: number; readonly height: number },
  [startFrame, endFrame]: readonly [number, number],
  signal?: AbortSignal,
): AsyncGenerator<Preview> {
  const over = new AbortController();
  const stop = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const planes = new PassThrough({ emitClose: false });
  const jpegs = new PassThrough({ emitClose: false });
  const run = tools.ffmpeg.start({
    inputs: [{ source: planes, options: planesInput(reader.info) }],
    outputOptions: [
      ...['-filter:v', previewFilter(reader.info, size), ...passThroughTimes(tools.binary)],
      // Several threads would each hold a picture back, and wait for the next one to come.
      ...['-c:v', 'mjpeg', '-q:v', '4', '-threads', '1', '-flush_packets', '1', '-f', 'image2pipe'],
    ],
    target: jpegs,
    signal,
  });
  const given: number[] = [];
  let feedFailure: Error | undefined;
  const feeding = feed(reader.frames(startFrame, endFrame, stop), planes, given, stop).catch(
    (error: Error) => {
      if (!over.signal.aborted) feedFailure = error;
    },
  );
  // An encoder that is gone takes nothing any more.
  const giveUp = (): void => over.abort();
  run.finished.then(giveUp, giveUp);
  let next = startFrame;
  try {
    for await (const jpeg of splitJpegs(chunksOf(jpegs))) {
      const index = given.shift();
      if (index === undefined) throw new Error('more previews than frames');
      if (signal?.aborted) throw cancelledError();
      next = index + 1;
      yield { index, jpeg };
    }
    await feeding;
    if (signal?.aborted) throw cancelledError();
    if (feedFailure !== undefined) throw feedFailure;
    await run.finished;
    if (next !== endFrame) throw previewsMissing(reader.info.path, next);
  } finally {
    over.abort();
    run.stop();
    await Promise.allSettled([run.finished, feeding]);
  }
}

function previewsMissing(path: string, frame: number): HetcutError {
  return new HetcutError('preview-failed', `ffmpeg returned no preview of frame ${frame} of ${path}.`, {
    hint: '`hetcut doctor` shows which ffmpeg is used.',
  });
}

/**
 * Opens a clip for showing. `maxHeight`: rows of a picture at most, 2 or more; smaller is quicker.
 * Throws RangeError for another `maxHeight`; frames fail as those of `ClipReader` do, and with preview-failed.
 */
export function openPreviews(
  tools: MediaTools,
  clip: ProbedClip,
  { maxHeight }: { readonly maxHeight: number },
): PreviewSource {
  const size = previewSize(clip.info, maxHeight);
  const reader = new ClipReader(tools, clip);
  const { ticks, keys } = clip.times;
  return {
    ...size,
    keyFrame(startFrame, endFrame) {
      const key = keys.find((one) => one.ticks >= ticks[startFrame]);
      const frame = key === undefined ? -1 : ticks.indexOf(key.ticks);
      return frame >= startFrame && frame < endFrame ? frame : undefined;
    },
    async *frames(startFrame, endFrame, signal) {
      if (startFrame !== endFrame) yield* encodePreviews(tools, reader, size, [startFrame, endFrame], signal);
    },
  };
}
