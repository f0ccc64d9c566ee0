import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { featherWeights, usualFeatherPx } from '../../../src-shared/core/mask/index.ts';
import { compositePlanes } from '../../../src-shared/core/picture/index.ts';
import type { ClipInfo, FrameSink, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import { cutPlanes, pastePatch } from '../composite/planes.ts';
import type { QualityMeter } from './quality-meter.ts';

export interface ExportInput {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  /** The filled hole of a frame; null where it has none. */
  readonly patchOf: (frame: number) => Promise<FramePatch | null>;
  readonly sink: FrameSink;
  readonly quality: QualityMeter;
  /** Absent: `usualFeatherPx`. */
  readonly featherPx?: number | undefined;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
}

/**
 * The source with its hole filled as far as the mask covers it (coverage [height, width], 0…255): outside the mask every
 * sample is the source's own.
 */
export function compositeFrame(
  frame: VideoFrame,
  coverage: Uint8Array,
  patch: FramePatch,
  clip: ClipInfo,
  featherPx = usualFeatherPx,
): VideoFrame['planes'] {
  const { rect } = patch;
  const size = { width: rect.width, height: rect.height };
  const weights = featherWeights(coverage, clip, rect, featherPx);
  const filled = compositePlanes(
    cutPlanes(frame.planes, rect, clip),
    patch.planes,
    weights,
    size,
    clip.pixelFormat,
  );
  return pastePatch(frame.planes, { rect, planes: filled }, clip);
}

/** Streams the clip once more and writes every frame with its hole filled. Closes the sink. */
export async function exportClip(input: ExportInput): Promise<void> {
  const { source, mask, patchOf, sink, quality, featherPx, signal, onFrame } = input;
  const frameCount = source.info.ptsSec.length;
  let done = 0;
  try {
    for await (const masked of framesWithMasks(source, mask, 0, frameCount, signal)) {
      const { frame, hole, coverage } = masked;
      if (signal.aborted) throw cancelledError();
      const patch = await patchOf(frame.index);
      const planes =
        patch === null ? frame.planes : compositeFrame(frame, coverage, patch, source.info, featherPx);
      await quality.add(frame, planes, hole);
      await sink.write({ index: frame.index, planes });
      onFrame(++done, frameCount);
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw signal.aborted ? cancelledError() : error;
  }
}
