import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import { layerPlanes } from '../../../src-shared/core/picture/index.ts';
import { rangeOfClip } from '../scan/clip-range.ts';
import type { FrameRange } from '../edit-job.ts';
import type { ClipInfo, FrameSource, VideoFrame } from '../frames.ts';
import { fullChroma } from '../composite/planes.ts';

/** What an edit made of frames `range` of a clip. */
export interface EditLayer {
  /** Its frame 0 is the clip's `range.startFrame`. */
  readonly result: FrameSource;
  readonly range: FrameRange;
  /** The edit's mask at a frame of the clip: coverage [height, width], not 0 = edited. */
  readonly maskAt: (frame: number) => Uint8Array;
  /** False where the mask is empty at a frame of the clip; absent: it may be anywhere. */
  readonly coversAt?: (frame: number) => boolean;
}

/** Frames to be written as `info` describes them. */
export interface WrittenFrames {
  readonly info: ClipInfo;
  /** In order, numbered from 0 as the frames of `info`; those of `part`, or all. */
  readonly frames: (signal?: AbortSignal, part?: FrameRange) => AsyncIterable<VideoFrame>;
  /** Whether a frame may be another than that of the clip's file; absent: all are. */
  readonly changed?: (frame: number) => boolean;
}

function checkLayer({ info }: FrameSource, { result, range }: EditLayer): void {
  const same = result.info.width === info.width && result.info.height === info.height;
  const fits = range.startFrame >= 0 && range.endFrame <= info.ptsSec.length;
  if (same && fits && result.info.ptsSec.length === range.endFrame - range.startFrame) return;
  throw new HetcutError('clip-changed', `${info.path} has changed since the result was made.`, {
    hint: 'Run the edit again.',
  });
}

/** The frames of one layer in [startFrame, endFrame), given one by one as their turn comes. */
class LayerReader {
  readonly #frames: AsyncIterator<VideoFrame>;
  readonly #start: number;
  readonly #end: number;

  constructor({ result, range }: EditLayer, wanted: FrameRange, signal?: AbortSignal) {
    this.#start = Math.max(range.startFrame, wanted.startFrame);
    this.#end = Math.max(this.#start, Math.min(range.endFrame, wanted.endFrame));
    const first = range.startFrame;
    this.#frames = result.frames(this.#start - first, this.#end - first, signal)[Symbol.asyncIterator]();
  }

  /** Undefined where the layer has no such frame. To be asked for ascending frames. */
  async at(frame: number): Promise<VideoFrame['planes'] | undefined> {
    if (frame < this.#start || frame >= this.#end) return undefined;
    const next = await this.#frames.next();
    if (next.done === true) throw new Error(`the result ended before frame ${frame}`);
    return next.value.planes;
  }

  async close(): Promise<void> {
    await this.#frames.return?.();
  }
}

/** A frame of `layeredClip`: `planes` as written, `below` the source's own in the same pixel format. */
export interface LayeredFrame extends VideoFrame {
  readonly below: VideoFrame['planes'];
  /** Numbers of the layers that hold this frame, ascending. */
  readonly edits: readonly number[];
}

/**
 * Frames `range` of a clip with the results of its edits, from the lowest to the topmost: see `layerPlanes`. Frames
 * that no result holds are the source's. Results of an odd size have a chroma sample for every pixel; then all of it
 * is written so. The source's alpha, where it carries one, is kept. Throws `clip-changed` where a result does not fit the clip.
 */
export function layeredClip(
  source: FrameSource,
  layers: readonly EditLayer[],
  range: FrameRange,
): {
  readonly info: ClipInfo;
  readonly frames: (signal?: AbortSignal, part?: FrameRange) => AsyncIterable<LayeredFrame>;
  readonly changed: (frame: number) => boolean;
} {
  layers.forEach((layer) => checkLayer(source, layer));
  const own = source.info.pixelFormat;
  const pixelFormat =
    layers.map(({ result }) => result.info.pixelFormat).find(({ name }) => name !== own.name) ?? own;
  const info = { ...rangeOfClip(source.info, range), pixelFormat };
  const alike = (planes: VideoFrame['planes'], from: ClipInfo): VideoFrame['planes'] =>
    from.pixelFormat.name === pixelFormat.name ? planes : fullChroma(planes, from);
  return {
    info,
    changed(frame) {
      const inClip = range.startFrame + frame;
      return layers.some(
        ({ range: held, coversAt }) =>
          inClip >= held.startFrame && inClip < held.endFrame && (coversAt?.(inClip) ?? true),
      );
    },
    async *frames(signal, part = { startFrame: 0, endFrame: info.ptsSec.length }) {
      const first = range.startFrame;
      const wanted = { startFrame: first + part.startFrame, endFrame: first + part.endFrame };
      const readers = layers.map((layer) => new LayerReader(layer, wanted, signal));
      try {
        for await (const frame of source.frames(wanted.startFrame, wanted.endFrame, signal)) {
          const below = alike(frame.planes, source.info);
          let planes = below;
          const edits: number[] = [];
          for (const [index, { result, maskAt }] of layers.entries()) {
            const edited = await readers[index].at(frame.index);
            if (edited === undefined) continue;
            edits.push(index);
            const laid = alike(edited, result.info);
            // Over the source itself, a result is the picture.
            planes = planes === below ? laid : layerPlanes(planes, below, laid, maskAt(frame.index), info);
          }
          const { alpha } = frame;
          yield {
            index: frame.index - range.startFrame,
            planes,
            ...(alpha === undefined ? {} : { alpha }),
            below,
            edits,
          };
        }
      } finally {
        await Promise.all(readers.map((reader) => reader.close()));
      }
    },
  };
}
