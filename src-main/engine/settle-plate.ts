import { usageError } from '../../src-shared/core/errors/index.ts';
import { coverageGrid, coverFrame, type FrameCoverage } from '../../src-shared/core/estimate/index.ts';
import { boundingBox } from '../../src-shared/core/mask/index.ts';
import { rgbToPlanes } from '../../src-shared/core/picture/index.ts';
import type { Rect } from '../../src-shared/core/plan/index.ts';
import type { FrameRange, PlateChoice } from './edit-job.ts';
import type { EditServices } from './edit-services.ts';
import type { ClipInfo, FrameSource, MaskSource, Media, VideoFrame } from './frames.ts';
import type { JobMeter } from './job-meter.ts';
import type { MaskScan } from './mask-scan.ts';
import { framesWithMasks } from './frames-with-masks.ts';
import { isStillPicture } from './picture-path.ts';
import { cutMask, cutPlanes, evenRect } from './planes.ts';
import { createPlate, type PlateFrame } from './plate-stage.ts';

export interface PlateInput {
  readonly choice: PlateChoice;
  /** Which frames of the whole clip `source` and `mask` hold. */
  readonly range: FrameRange;
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly scan: MaskScan;
  readonly services: Pick<EditServices, 'media' | 'openTracker' | 'store' | 'signal'>;
  readonly meter: JobMeter;
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

/** The clean plate that the editor gives: one picture for all frames, or a clip as long as the whole one. */
async function givenPlate(
  media: Media,
  path: string,
  clip: ClipInfo,
  range: FrameRange,
  signal: AbortSignal,
): Promise<OpenPlate> {
  const checkSize = (size: { readonly width: number; readonly height: number }): void => {
    if (size.width === clip.width && size.height === clip.height) return;
    throw usageError(
      'plate-size',
      `The plate ${path} is ${size.width}×${size.height}, the clip ${clip.width}×${clip.height}.`,
      'Give a plate of the same size.',
    );
  };
  const nothingOpen = new Uint8Array(clip.width * clip.height);
  if (isStillPicture(path)) {
    const picture = await media.readPicture(path);
    checkSize(picture);
    const pixels = picture.width * picture.height;
    const rgb = new Float32Array(3 * pixels);
    for (let i = 0; i < rgb.length; i++) rgb[(i % 3) * pixels + Math.floor(i / 3)] = picture.rgb[i] / 255;
    const planes = rgbToPlanes(rgb, clip, clip);
    return { frame: async () => ({ planes, residual: nothingOpen }), close: nothingToClose };
  }
  const plate = await media.openClip(path, signal);
  checkSize(plate.info);
  if (plate.info.ptsSec.length < range.endFrame || plate.info.pixelFormat.name !== clip.pixelFormat.name) {
    throw usageError(
      'plate-clip',
      `The plate ${path} has ${plate.info.ptsSec.length} frames in ${plate.info.pixelFormat.name}; ` +
        `${range.endFrame} in ${clip.pixelFormat.name} are needed.`,
      'Give a picture, or a clip of the same length and pixel format.',
    );
  }
  const frames = plate.frames(range.startFrame, range.endFrame, signal)[Symbol.asyncIterator]();
  let next = 0;
  return {
    async frame({ index }) {
      for (;;) {
        const step = await frames.next();
        if (step.done === true) throw new Error('the plate ended before the clip');
        if (next++ === index) return { planes: step.value.planes, residual: nothingOpen };
      }
    },
    // The decoder would wait for ever to hand over the rest.
    close: async () => void (await frames.return?.()),
  };
}

async function openPlate(input: PlateInput): Promise<OpenPlate> {
  const { choice, range, source, mask, scan, services, meter } = input;
  switch (choice.kind) {
    case 'off':
      return { frame: async ({ planes }, hole) => ({ planes, residual: hole }), close: nothingToClose };
    case 'file':
      return givenPlate(services.media, choice.path, source.info, range, services.signal);
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
        onTracked: (done, frames) => meter.report('plate', done, 3 * frames, 'frames'),
      });
      return { frame: (frame, hole) => plate.frame(frame, hole), close: nothingToClose };
    }
  }
}

/** Runs the plate stage over the clip and checkpoints a patch for every frame that has a hole. */
export async function settlePlate(input: PlateInput): Promise<void> {
  const { source, mask, scan, services, meter } = input;
  const { store, signal } = services;
  const clip = source.info;
  const frameCount = clip.ptsSec.length;
  const plate = await openPlate(input);
  const grid = coverageGrid(clip);
  const open: (FrameCoverage | null)[] = [];
  let openPixels = 0;
  try {
    for await (const { frame, hole } of framesWithMasks(source, mask, 0, frameCount, signal)) {
      const box = scan.boxes[frame.index];
      if (box === null) {
        open.push(null);
      } else {
        const { planes, residual } = await plate.frame(frame, hole);
        const rect = patchRect(box, clip);
        const cut = cutMask(residual, rect, clip.width);
        await store.writePlate(frame.index, { rect, planes: cutPlanes(planes, rect, clip), residual: cut });
        const openBox = boundingBox(residual, clip.width);
        open.push(coverFrame(residual, clip.width, grid, openBox));
        for (let i = 0; i < cut.length; i++) openPixels += cut[i] >> 7;
      }
      meter.report('plate', 2 * (frame.index + 1) + frameCount, 3 * frameCount, 'frames');
    }
  } finally {
    await plate.close();
  }
  const { maskedPixels } = scan;
  await store.markPlateDone({
    maskedPixels,
    settledPixels: maskedPixels - openPixels,
    open: { grid, frames: open },
    warnings: [],
  });
}
