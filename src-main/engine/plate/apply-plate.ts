import { coverageGrid, coverFrame, type FrameCoverage } from '../../../src-shared/core/estimate/index.ts';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import { fillSmoothly, type PlaneLayout } from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { FrameRange, PlateChoice } from '../edit-job.ts';
import type { EditServices } from '../edit-services.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import type { StageTimer } from '../stage-timer.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { followCamera, type FollowInput } from './follow-camera.ts';
import { fillOpen } from './fill-open.ts';
import { openPlateFile } from './plate-file.ts';
import { cutMask, cutPlanes, evenRect } from '../composite/planes.ts';
import type { Placed } from './plan-shots.ts';
import { createPlate, reachFrames, type PlateFrame } from './plate-stage.ts';

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
  /** What becomes of what other frames do not show. */
  readonly fill: FillMeans;
  /** Whether the network, where it fills, is shown a fill by texture. */
  readonly showsFill: boolean;
  readonly seed: number;
}

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
  /** Frames are asked for in the order of the clip. */
  readonly frame: (frame: VideoFrame, mask: Uint8Array) => Promise<PlateFrame>;
  /** Where the camera looked, where that is known. */
  readonly tracked: Placed;
  readonly close: () => Promise<void>;
}

const nothingToClose = async (): Promise<void> => undefined;

function layoutOf({ width, height, pixelFormat }: ClipInfo): PlaneLayout {
  return { width, height, ...pixelFormat };
}

/** Progress of the stage is counted in these shares of a frame. */
const shares = { follow: 1, compose: 2, fill: 2 } as const;

async function openPlate(input: PlateInput, onTracked: (share: number) => void): Promise<OpenPlate> {
  const { choice, range, source, mask, scan, services, fill } = input;
  const follow: FollowInput = {
    source,
    mask,
    hasHole: scan.boxes.map((box) => box !== null),
    openTracker: services.openTracker,
    signal: services.signal,
    onTracked: (done, frames) => onTracked(done / frames),
  };
  switch (choice.kind) {
    case 'off':
      return {
        frame: async ({ planes }, hole) => ({ planes, residual: hole }),
        tracked:
          fill === 'exemplar'
            ? await followCamera(follow, layoutOf(source.info), reachFrames)
            : (new Map() as Placed),
        close: nothingToClose,
      };
    case 'file': {
      const clip = source.info;
      const given = await openPlateFile(services.media, choice.path, clip, range, services.signal);
      const residual = new Uint8Array(clip.width * clip.height);
      return {
        frame: async (frame) => ({ planes: await given.planesOf(frame), residual }),
        tracked: new Map(),
        close: given.close,
      };
    }
    case 'auto':
    case 'only':
      return { ...(await createPlate(follow)), close: nothingToClose };
  }
}

/**
 * Runs the plate stage over the clip and checkpoints a patch for every frame that has a hole in the mask's scan. What
 * other frames do not show is filled as `fill` says, or left open.
 */
export async function applyPlate(input: PlateInput): Promise<void> {
  const { choice, source, mask, scan, services, timer, fill } = input;
  const { store, signal } = services;
  const clip = source.info;
  const layout = layoutOf(clip);
  const frameCount = clip.ptsSec.length;
  const { startFrame, endFrame } = input.frames ?? { startFrame: 0, endFrame: frameCount };
  const withCanvas = fill === 'exemplar' || (fill === 'network' && input.showsFill);
  const parts = shares.follow + shares.compose + (withCanvas ? shares.fill : 0);
  const report = (done: number): void => {
    const total = (endFrame - startFrame) * parts;
    timer.report('plate', Math.round((done / parts) * total), total, 'frames');
  };
  const plate = await openPlate(input, (share) => report(shares.follow * share));
  const grid = coverageGrid(clip);
  const open: (FrameCoverage | null)[] = Array.from({ length: frameCount }, () => null);
  let openPixels = 0;
  try {
    for await (const { frame, hole } of framesWithMasks(source, mask, startFrame, endFrame, signal)) {
      const box = scan.boxes[frame.index];
      if (box !== null) {
        const { planes, residual } = await plate.frame(frame, hole);
        const rect = patchRect(box, clip);
        const cut = cutMask(residual, rect, clip.width);
        const smooth = fill === 'smooth';
        await store.writePlate(frame.index, {
          rect,
          planes: cutPlanes(smooth ? fillSmoothly(planes, hole, residual, layout) : planes, rect, clip),
          residual: smooth ? new Uint8Array(cut.length) : cut,
          unseen: cut,
        });
        const openBox = boundingBox(residual, clip.width);
        open[frame.index] = coverFrame(residual, clip.width, grid, openBox);
        for (let i = 0; i < cut.length; i++) openPixels += cut[i] >> 7;
      }
      const share = (frame.index + 1 - startFrame) / (endFrame - startFrame);
      report(shares.follow + shares.compose * share);
    }
  } finally {
    await plate.close();
  }
  const warnings =
    withCanvas && openPixels > 0
      ? await fillOpen({
          source,
          mask,
          store,
          placed: plate.tracked,
          open: open.map((covered) => covered?.box ?? null),
          firstFrame: input.range.startFrame,
          seed: input.seed,
          keepOpen: fill === 'network',
          fromNoFrame: choice.kind === 'off',
          signal,
          onFrame: (done, frames) => report(shares.follow + shares.compose + (shares.fill * done) / frames),
        })
      : [];
  const { maskedPixels } = scan;
  await store.markPlateDone({
    maskedPixels,
    platePixels: maskedPixels - openPixels,
    open: { grid, frames: open },
    warnings,
  });
}
