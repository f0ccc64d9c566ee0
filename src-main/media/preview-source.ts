import { cancelledError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo } from '../engine/frames.ts';
import type { PictureForm } from './decode-pass.ts';
import { splitJpegs } from './jpeg-stream.ts';
import { PictureReader, type MediaTools } from './picture-reader.ts';
import { previewSize } from './preview-size.ts';
import type { ProbedClip } from './probe.ts';

/** A picture to be shown: JFIF (BT.601, full range, 4:2:0), `width` × `height` of its source. */
export interface Preview {
  /** Position in the clip, as in `VideoFrame`. */
  readonly index: number;
  readonly jpeg: Uint8Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PreviewSource {
  /** Of every picture, in pixels; both even. */
  readonly width: number;
  readonly height: number;
  /** The first of the frames [startFrame, endFrame) that needs no other to be decoded; undefined where none does. */
  keyFrame(startFrame: number, endFrame: number): number | undefined;
  /**
   * Frames [startFrame, endFrame) in order, the same that `FrameSource.frames` returns, damaged ones replaced alike.
   * Nothing is decoded far ahead of the reader. The process ends when the iteration ends or `signal` aborts
   * (`cancelled`). Any number of iterations may run at once.
   */
  frames(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncIterable<Preview>;
}

/**
 * JFIF is BT.601 in full range by definition, whatever the clip is. The way from another matrix leads through RGB:
 * old versions of ffmpeg ignore the matrices between two Y'CbCr formats.
 */
function previewFilters({ colour }: ClipInfo, { width, height }: Size): string[] {
  const scale = `scale=${width}:${height}:in_color_matrix=${colour.matrix}:in_range=${colour.range}:flags=bicubic`;
  const toJfif = 'out_color_matrix=bt601:out_range=full';
  const filters =
    colour.matrix === 'bt601' ? [`${scale}:${toJfif}`] : [scale, 'format=rgb24', `scale=${toJfif}`];
  return [...filters, 'format=yuvj420p', 'setsar=1'];
}

/** A JPEG of that size. */
const jpegForm = (info: ClipInfo, size: Size): PictureForm => ({
  filters: previewFilters(info, size),
  // Several threads would each hold a picture back, and wait for the next one to come.
  output: ['-c:v', 'mjpeg', '-q:v', '4', '-threads', '1', '-flush_packets', '1', '-f', 'image2pipe'],
  split: splitJpegs,
});

/**
 * Opens a clip for showing. `maxHeight`: rows of a picture at most, 2 or more; smaller is quicker.
 * Throws RangeError for another `maxHeight`; frames fail as those of `ClipReader` do.
 */
export function openPreviews(
  tools: MediaTools,
  clip: ProbedClip,
  { maxHeight }: { readonly maxHeight: number },
): PreviewSource {
  const size = previewSize(clip.info, maxHeight);
  const reader = new PictureReader(tools, clip, 'drop', jpegForm(clip.info, size));
  const { ticks, keys } = clip.times;
  return {
    ...size,
    keyFrame(startFrame, endFrame) {
      const key = keys.find((one) => one.ticks >= ticks[startFrame]);
      const frame = key === undefined ? -1 : ticks.indexOf(key.ticks);
      return frame >= startFrame && frame < endFrame ? frame : undefined;
    },
    async *frames(startFrame, endFrame, signal) {
      for await (const { index, bytes } of reader.pictures(startFrame, endFrame, signal)) {
        if (signal?.aborted) throw cancelledError();
        yield { index, jpeg: bytes };
      }
      if (signal?.aborted) throw cancelledError();
    },
  };
}
