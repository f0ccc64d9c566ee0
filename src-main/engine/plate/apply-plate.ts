import { coverageGrid, coverFrame, type FrameCoverage } from '../../../src-shared/core/estimate/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { FrameRange, PlateChoice } from '../edit-job.ts';
import type { EditServices } from '../edit-services.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import type { StageTimer } from '../stage-timer.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { openPlateFile } from './plate-file.ts';
import { cutMask, cutPlanes, evenRect } from '../composite/planes.ts';
import { createPlate, type PlateFrame } from './plate-stage.ts';

export interface PlateInput {
  readonly choice: PlateChoice;
  /** The frames of `source` whose holes are filled; the others are donors only. Absent: all. */
  readonly frames?: FrameRange;
  /** Which frames of the whole clip `source` and `mask` hold. */
  readonly range: FrameRange;
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly scan: MaskScan;
  readonly services: Pick<EditServices, 'media' | 'openTracker' | 'store' | 'signal'>;
  readonly timer: StageTimer;
}

/** Frames of a plate, asked for in the order of the clip. */
type FrameOfPlate = (frame: VideoFrame, mask: Uint8Array) => Promise<PlateFrame>;

/** A patch keeps this many pixels around the mask, so that blending sees where the mask ends. */
const patchMarginPx = 2;

function patchRect(box: Rect, clip: ClipInfo): Rect {
  const x = Math.max(0, box.x - patchMarginPx);
  const y = Math.max(0, box.y - patchMarginPx);
  const endX = Math.min(clip.width, box.x + box.width + patchMarginPx);
  const endY = Math.min(clip.height, box.y + box.height + patchMarginPx);
  return evenRect({ x, y, width: endX - x, height: endY - y }, clip);
}

interface OpenPlate {
  readonly frame: FrameOfPlate;
  readonly close: () => Promise<void>;
}

const nothingToClose = async (): Promise<void> => undefined;

async function openPlate(input: PlateInput): Promise<OpenPlate> {
  const { choice, range, source, mask, scan, services, timer } = input;
  switch (choice.kind) {
    case 'off':
      return {
        frame: async ({ planes }, hole) => ({ planes, residual: hole, smoothedPixels: 0 }),
        close: nothingToClose,
      };
    case 'file': {
      const clip = source.info;
      const given = await openPlateFile(services.media, choice.path, clip, range, services.signal);
      const residual = new Uint8Array(clip.width * clip.height);
      return {
        frame: async (frame) => ({ planes: await given.planesOf(frame), residual, smoothedPixels: 0 }),
        close: given.close,
      };
    }
    case 'auto':
    case 'only': {
      const plate = await createPlate({
        source,
        mask,
        hasHole: scan.boxes.map((box) => box !== null),
        openTracker: services.openTracker,
        fillRest: choice.kind === 'only',
        signal: services.signal,
        // Following the camera is about a third of the work.
        onTracked: (done, frames) => timer.report('plate', done, 3 * frames, 'frames'),
      });
      return { frame: (frame, hole) => plate.frame(frame, hole), close: nothingToClose };
    }
  }
}

/** Runs the plate stage over the clip and checkpoints a patch for every frame that has a hole in the mask's scan. */
export async function applyPlate(input: PlateInput): Promise<void> {
  const { source, mask, scan, services, timer } = input;
  const { store, signal } = services;
  const clip = source.info;
  const frameCount = clip.ptsSec.length;
  const { startFrame, endFrame } = input.frames ?? { startFrame: 0, endFrame: frameCount };
  const plate = await openPlate(input);
  const grid = coverageGrid(clip);
  const open: (FrameCoverage | null)[] = Array.from({ length: frameCount }, () => null);
  let openPixels = 0;
  let smoothedPixels = 0;
  try {
    for await (const { frame, hole } of framesWithMasks(source, mask, startFrame, endFrame, signal)) {
      const box = scan.boxes[frame.index];
      if (box !== null) {
        const { planes, residual, smoothedPixels: smoothed } = await plate.frame(frame, hole);
        smoothedPixels += smoothed;
        const rect = patchRect(box, clip);
        const cut = cutMask(residual, rect, clip.width);
        await store.writePlate(frame.index, { rect, planes: cutPlanes(planes, rect, clip), residual: cut });
        const openBox = boundingBox(residual, clip.width);
        open[frame.index] = coverFrame(residual, clip.width, grid, openBox);
        for (let i = 0; i < cut.length; i++) openPixels += cut[i] >> 7;
      }
      const done = frame.index + 1 - startFrame;
      const total = endFrame - startFrame;
      timer.report('plate', 2 * done + total, 3 * total, 'frames');
    }
  } finally {
    await plate.close();
  }
  const { maskedPixels } = scan;
  await store.markPlateDone({
    maskedPixels,
    platePixels: maskedPixels - openPixels - smoothedPixels,
    open: { grid, frames: open },
    warnings: [],
  });
}
