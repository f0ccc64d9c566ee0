import { featherWeights, usualFeatherPx } from '../../../src-shared/core/mask/index.ts';
import { compositePlanes } from '../../../src-shared/core/picture/index.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import { cutPlanes, pastePatch } from '../composite/planes.ts';
import type { QualityMeter } from './quality-meter.ts';
import { writeClip, type ClipWriting, type ClipWritten } from './write-clip.ts';

export interface ExportInput extends Omit<ClipWriting, 'info' | 'frames' | 'onFrame'> {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  /** The filled hole of a frame; null where it has none. */
  readonly patchOf: (frame: number) => Promise<FramePatch | null>;
  readonly quality: QualityMeter;
  /** Absent: `usualFeatherPx`. */
  readonly featherPx?: number | undefined;
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

/** Streams the clip once more, as far as it is not copied, and writes every frame with its hole filled. */
export async function exportClip(input: ExportInput): Promise<ClipWritten> {
  const { source, mask, patchOf, quality, featherPx, onFrame, ...writing } = input;
  const { info } = source;
  return writeClip({
    ...writing,
    info,
    onFrame: (done) => onFrame(done, info.ptsSec.length),
    async *frames({ startFrame, endFrame }) {
      const frames = framesWithMasks(source, mask, startFrame, endFrame, writing.signal);
      for await (const { frame, hole, coverage } of frames) {
        const patch = await patchOf(frame.index);
        const planes =
          patch === null ? frame.planes : compositeFrame(frame, coverage, patch, info, featherPx);
        await quality.add(frame, planes, hole);
        yield { index: frame.index, planes };
      }
    },
  });
}
