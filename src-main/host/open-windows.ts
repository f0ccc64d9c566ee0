import { planWindows, type EditPlan } from '../../src-shared/core/plan/index.ts';
import type { OpenCameraTracker } from '../engine/plate/camera-tracker.ts';
import { rangeIn, rangeOfClip, rangeOfFrames, rangeOfMasks } from '../engine/scan/clip-range.ts';
import type { FrameRange, PlateChoice } from '../engine/edit-job.ts';
import type { ClipInfo, FrameSource, MaskSource, Media } from '../engine/frames.ts';
import { patchLookup, type PatchOf } from '../engine/generate/generate-clip.ts';
import { createStageTimer } from '../engine/stage-timer.ts';
import { limitsOf, type WorkingChoice } from '../engine/plan/job-plan.ts';
import { scanMask, type MaskScan } from '../engine/scan/mask-scan.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import type { PatchStore } from '../engine/composite/patch-store.ts';
import type { OnProgress } from '../engine/progress.ts';
import { applyPlate } from '../engine/plate/apply-plate.ts';

export interface WindowParts {
  readonly media: Media;
  readonly model: ModelFolder;
  /** Emptied first; the caller empties it when the windows are read. */
  readonly patches: PatchStore;
  readonly openTracker: OpenCameraTracker;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** A clip with what is left of its hole, and the windows that takes. */
export interface OpenedWindows {
  readonly source: FrameSource;
  /** Whose first frame is frame 0 of `source` and `plan`. */
  readonly range: FrameRange;
  readonly plan: EditPlan;
  readonly patchOf: PatchOf;
  /** What reading and compositing windows asks for. */
  readonly services: {
    readonly media: Media;
    readonly model: ModelFolder;
    readonly store: PatchStore;
    readonly openTracker: OpenCameraTracker;
    readonly signal: AbortSignal;
  };
}

/** The scan of some of the frames: the others count as if nothing were masked. */
async function scanOf(
  mask: MaskSource,
  clip: ClipInfo,
  frames: FrameRange,
  signal: AbortSignal,
): Promise<MaskScan> {
  const scan = await scanMask(rangeOfMasks(mask, frames), rangeOfClip(clip, frames), signal);
  const boxes: MaskScan['boxes'][number][] = Array.from(clip.ptsSec, () => null);
  scan.boxes.forEach((box, index) => {
    boxes[frames.startFrame + index] = box;
  });
  return { ...scan, boxes };
}

/** Opens a clip for measurements of the network: no export, and without `plate` its whole hole. */
export async function openWindows(
  request: {
    readonly clipPath: string;
    readonly maskPath: string;
    /** The part that is meant; absent: all of the clip. */
    readonly rangeOf?: (clip: ClipInfo) => FrameRange;
    /** Of the range, the frames that windows are wanted of; the others are donors of the plate. Absent: all. */
    readonly framesOf?: (range: FrameRange) => FrameRange;
    readonly plate?: PlateChoice;
    /** Absent: as the model recommends. */
    readonly working?: WorkingChoice;
    /** Whether the hole is filled by texture for the network to see; then `seed` is the job's. */
    readonly showsFill?: boolean;
    readonly seed?: number;
    /** All that the mask covers is generated, whatever other frames show of it. */
    readonly whole?: boolean;
    /** A thing that stands in the scene is generated, in one frame. */
    readonly standing?: boolean;
  },
  parts: WindowParts,
): Promise<OpenedWindows> {
  const { media, model, patches, openTracker, signal, onProgress } = parts;
  const whole = await media.openClip(request.clipPath, signal);
  const range = request.rangeOf?.(whole.info) ?? rangeIn(whole.info, undefined);
  const source = rangeOfFrames(whole, range);
  const mask = rangeOfMasks(await media.openMask(request.maskPath, whole.info, signal), range);
  const frames = request.framesOf?.(range) ?? { startFrame: 0, endFrame: source.info.ptsSec.length };
  const scan = await scanOf(mask, source.info, frames, signal);
  const services = { media, model, store: patches, openTracker, signal };
  const timer = createStageTimer(() => 0, onProgress);
  await patches.clear();
  await applyPlate({
    choice: request.plate ?? { kind: 'off' },
    frames,
    range,
    source,
    mask,
    scan,
    services,
    timer,
    fill: 'network',
    textured: request.showsFill ?? false,
    seed: request.seed ?? 0,
    whole: request.whole ?? false,
    standing: request.standing ?? false,
  });
  const { open } = await patches.plateSummary();
  const boxes = open.frames.map((frame) => frame?.box ?? null);
  const plan = planWindows(boxes, source.info, limitsOf(model, request.working));
  return { source, range, plan, patchOf: patchLookup(plan, patches), services };
}
