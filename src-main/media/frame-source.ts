import type { FrameSource, VideoFrame } from '../engine/frames.ts';
import { decodesAlpha, planesForm, type AlphaRule } from './decode-pass.ts';
import { PictureReader, type MediaTools } from './picture-reader.ts';
import { planeSamples } from './pixel-format.ts';
import type { ProbedClip } from './probe.ts';

/** Cuts a decoded picture into planes. Grey pictures get neutral chroma. */
function toFrame(index: number, bytes: Uint8Array, clip: ProbedClip, rule: AlphaRule): VideoFrame {
  const { info, format } = clip;
  const { luma, chroma } = planeSamples(info.pixelFormat, info.width, info.height);
  const samples =
    info.pixelFormat.bitDepth === 8
      ? bytes
      : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (format.route !== 'grey') {
    const planes = [
      samples.subarray(0, luma),
      samples.subarray(luma, luma + chroma),
      samples.subarray(luma + chroma, luma + 2 * chroma),
    ];
    const alpha = decodesAlpha(clip, rule) ? { alpha: samples.subarray(luma + 2 * chroma) } : {};
    return { index, planes: [planes[0], planes[1], planes[2]], ...alpha };
  }
  const neutral = (): Uint8Array | Uint16Array =>
    info.pixelFormat.bitDepth === 8 ? new Uint8Array(chroma).fill(128) : new Uint16Array(chroma).fill(512);
  return { index, planes: [samples, neutral(), neutral()] };
}

/** Reads a clip's frames as planes: as `PictureReader` does. */
export class ClipReader implements FrameSource {
  readonly info: FrameSource['info'];
  readonly #clip: ProbedClip;
  readonly #alpha: AlphaRule;
  readonly #reader: PictureReader;

  constructor(tools: MediaTools, clip: ProbedClip, alpha: AlphaRule = 'drop') {
    this.info = clip.info;
    this.#clip = clip;
    this.#alpha = alpha;
    this.#reader = new PictureReader(tools, clip, alpha, planesForm(clip, alpha));
  }

  damagedFrames(): readonly number[] {
    return this.#reader.damagedFrames();
  }

  async *frames(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncGenerator<VideoFrame> {
    for await (const { index, bytes, repeated } of this.#reader.pictures(startFrame, endFrame, signal))
      yield toFrame(index, repeated ? bytes.slice() : bytes, this.#clip, this.#alpha);
  }
}
