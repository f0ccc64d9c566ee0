import { coverageGrid, coverFrame, type FrameCoverage } from '../../../src-shared/core/estimate/index.ts';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import { fillSmoothly, type PlaneLayout } from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import { cropMask } from '../../../src-shared/core/track/index.ts';
import type { FrameRange, PlateChoice } from '../edit-job.ts';
import type { EditServices } from '../edit-services.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import type { StageTimer } from '../stage-timer.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { framesIn, framesOfStretches, maskedStretches } from '../scan/masked-stretches.ts';
import { followCamera, type FollowInput } from './follow-camera.ts';
import { fillOpen } from './fill-open.ts';
import { openPlateFile } from './plate-file.ts';
import type { StandingView } from '../composite/patch-store.ts';
import { cutPlanes, evenRect } from '../composite/planes.ts';
import type { Placed } from './plan-shots.ts';
import { composeHere } from './plate-composer.ts';
import { createPlate, reachFrames, type PlateFrame } from './plate-stage.ts';
import { sideBySide } from './side-by-side.ts';
import { placeIn, regionBox, standingViews, type Places } from './standing-views.ts';

export interface PlateInput {
  readonly choice: PlateChoice;
  /** The frames of `source` whose holes are filled; the others are donors only. Absent: all. */
  readonly frames?: FrameRange;
  /** Which frames of the whole clip `source` and `mask` hold. */
  readonly range: FrameRange;
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly scan: MaskScan;
  readonly services: Pick<EditServices, 'media' | 'openTracker' | 'openComposer' | 'store' | 'signal'>;
  readonly timer: StageTimer;
  /** What becomes of what other frames do not show. */
  readonly fill: FillMeans;
  /** Whether what other frames do not show is filled by texture, for good or for the network to see. */
  readonly textured: boolean;
  readonly seed: number;
  /** All that the mask covers is generated, whatever other frames show of it; the plate is what lies behind. */
  readonly whole: boolean;
  /** One thing is generated that stands in the scene: in one frame of each view, and laid into the others. */
  readonly standing: boolean;
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
  /** Frames that may be under way at the same time. */
  readonly lanes: number;
  /** Begins a frame, in the order of the clip; awaited before the next is begun. */
  readonly begin: (frame: VideoFrame, mask: Uint8Array) => Promise<{ readonly result: Promise<PlateFrame> }>;
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
  const follows = (): Promise<Placed> => followCamera(follow, layoutOf(source.info), reachFrames);
  switch (choice.kind) {
    case 'off':
      return {
        lanes: 1,
        begin: async ({ planes }, hole) => ({ result: Promise.resolve({ planes, residual: hole }) }),
        tracked: fill === 'exemplar' || input.standing ? await follows() : new Map(),
        close: nothingToClose,
      };
    case 'file': {
      const clip = source.info;
      const given = await openPlateFile(services.media, choice.path, clip, range, services.signal);
      const residual = new Uint8Array(clip.width * clip.height);
      return {
        lanes: 1,
        begin: async (frame) => {
          const planes = await given.planesOf(frame);
          return { result: Promise.resolve({ planes, residual }) };
        },
        tracked: input.standing ? await follows() : new Map(),
        close: given.close,
      };
    }
    case 'auto':
    case 'only': {
      const open = services.openComposer ?? composeHere;
      const holePixels = scan.boxes.reduce(
        (sum, box) => sum + (box === null ? 0 : box.width * box.height),
        0,
      );
      const composer = open({ holePixels, layout: layoutOf(source.info) });
      try {
        const { tracked, begin } = await createPlate(follow, composer);
        return { tracked, begin, lanes: composer.lanes, close: composer.close };
      } catch (error) {
        await composer.close();
        throw error;
      }
    }
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
  const wanted = maskedStretches(
    scan.boxes.map((box, at) => (at < startFrame || at >= endFrame ? null : box)),
  );
  const wantedFrames = framesIn(wanted);
  const grid = coverageGrid(clip);
  /** What is left open of a patch at first: of a thing that stands what other frames do not show, for the canvas to fill. */
  const leaves = (hole: Uint8Array, residual: Uint8Array, rect: Rect): Uint8Array => {
    if (!input.whole) return residual;
    if (input.standing) return input.textured ? residual : new Uint8Array(residual.length);
    return cropMask(hole, clip.width, rect);
  };
  const parts = shares.follow + shares.compose + (input.textured ? shares.fill : 0);
  const report = (done: number): void => {
    const total = wantedFrames * parts;
    timer.report('plate', Math.round((done / parts) * total), total, 'frames');
  };
  const plate = await openPlate(input, (share) => report(shares.follow * share));
  const open: (FrameCoverage | null)[] = Array.from({ length: frameCount }, () => null);
  let openPixels = 0;
  const unfilled: (Rect | null)[] = Array.from({ length: frameCount }, () => null);
  const places: (Rect | null)[] = Array.from({ length: frameCount }, () => null);
  let place: Rect | undefined;
  try {
    let done = 0;
    const frames = framesOfStretches(source, mask, wanted, signal);
    const composed = sideBySide(frames, plate.lanes, async ({ frame, hole }) => {
      const begun = scan.boxes[frame.index] === null ? undefined : await plate.begin(frame, hole);
      return { result: Promise.resolve(begun?.result).then((filled) => ({ frame, hole, filled })) };
    });
    for await (const { frame, hole, filled } of composed) {
      const box = scan.boxes[frame.index];
      if (box !== null && filled !== undefined) {
        const { planes, residual } = filled;
        unfilled[frame.index] = boundingBox(residual, clip.width);
        const rect = patchRect(box, clip);
        const cut = cropMask(residual, clip.width, rect);
        const smooth = fill === 'smooth';
        await store.writePlate(frame.index, {
          rect,
          planes: cutPlanes(smooth ? fillSmoothly(planes, hole, residual, layout) : planes, rect, clip),
          residual: smooth ? new Uint8Array(cut.length) : leaves(hole, cut, rect),
          unseen: cut,
        });
        const toGenerate = input.whole ? hole : residual;
        const openBox = boundingBox(toGenerate, clip.width);
        open[frame.index] = coverFrame(toGenerate, clip.width, grid, openBox);
        if (input.standing) {
          const region = placeIn(hole, clip, place);
          place = region && regionBox(region);
          places[frame.index] = place ?? null;
        }
        for (let i = 0; i < cut.length; i++) openPixels += cut[i] >> 7;
      }
      report(shares.follow + (shares.compose * ++done) / wantedFrames);
    }
  } finally {
    await plate.close();
  }
  const warnings =
    input.textured && openPixels > 0
      ? await fillOpen({
          source,
          mask,
          store,
          placed: plate.tracked,
          open: unfilled,
          firstFrame: input.range.startFrame,
          seed: input.seed,
          keepOpen: fill === 'network' && !input.standing,
          fromNoFrame: choice.kind === 'off',
          signal,
          onFrame: (done, frames) => report(shares.follow + shares.compose + (shares.fill * done) / frames),
        })
      : [];
  const { maskedPixels } = scan;
  const standing = input.standing ? await openKeys(input, places, plate.tracked) : undefined;
  await store.markPlateDone({
    maskedPixels,
    platePixels: maskedPixels - openPixels,
    open: { grid, frames: standing?.open ?? open },
    warnings: [...warnings, ...(standing?.notes ?? [])],
    ...(standing && { standing: standing.views }),
  });
}

/** Opens, in one frame of each view, the place of what is to stand there, and nothing in the others. */
async function openKeys(
  { source, mask, services: { store, signal }, range }: PlateInput,
  places: Places,
  placed: Placed,
): Promise<{ views: StandingView[]; open: (FrameCoverage | null)[]; notes: string[] }> {
  const clip = source.info;
  const grid = coverageGrid(clip);
  const views = standingViews(places, placed, clip);
  const open: (FrameCoverage | null)[] = places.map(() => null);
  for (const { key } of views) {
    for await (const { hole } of framesWithMasks(source, mask, key, key + 1, signal)) {
      const region = placeIn(hole, clip, places[key] ?? undefined);
      const patch = await store.readPlate(key);
      if (region === undefined || patch === null) throw new Error(`frame ${key} has no hole`);
      const place = new Uint8Array(hole.length);
      region.pixels.forEach((pixel) => (place[pixel] = 255));
      await store.writePlate(key, { ...patch, residual: cropMask(place, clip.width, patch.rect) });
      open[key] = coverFrame(place, clip.width, grid, regionBox(region));
    }
  }
  const notes = views
    .filter(({ moves }) => moves)
    .map(
      ({ frames }) =>
        `From frame ${range.startFrame + frames[0].index} on the mask moves against the scene: what is put there goes with it.`,
    );
  return { views, open, notes };
}
