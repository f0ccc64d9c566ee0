/** Where frames lie on the timeline: frame f starts at (f − firstFrame) · pxPerFrame. */
export interface TimelineScale {
  readonly pxPerFrame: number;
  /** The frame, or part of one, at the left edge. */
  readonly firstFrame: number;
}

export const frameToX = ({ pxPerFrame, firstFrame }: TimelineScale, frame: number): number =>
  (frame - firstFrame) * pxPerFrame;

/** Frames and parts of them at `x` pixels from the left edge. */
export const xToFrame = ({ pxPerFrame, firstFrame }: TimelineScale, x: number): number =>
  firstFrame + x / pxPerFrame;

/** All of the clip, with a little room after it. */
export function wholeClip(frames: number, width: number): TimelineScale {
  return { pxPerFrame: Math.max(1, width - 24) / frames, firstFrame: 0 };
}

const maxPxPerFrame = 96;

/** The scale within what makes sense: not smaller than the whole clip, not beyond its ends. */
export function clampScale(scale: TimelineScale, frames: number, width: number): TimelineScale {
  const least = wholeClip(frames, width).pxPerFrame;
  const pxPerFrame = Math.min(Math.max(scale.pxPerFrame, least), Math.max(least, maxPxPerFrame));
  const lastFirst = Math.max(0, frames - (width - 24) / pxPerFrame);
  return { pxPerFrame, firstFrame: Math.min(lastFirst, Math.max(0, scale.firstFrame)) };
}

/** Zoomed by `factor` so that the frame at `x` stays there. */
export function zoomAt(
  scale: TimelineScale,
  factor: number,
  x: number,
  frames: number,
  width: number,
): TimelineScale {
  const { pxPerFrame } = clampScale({ ...scale, pxPerFrame: scale.pxPerFrame * factor }, frames, width);
  return clampScale({ pxPerFrame, firstFrame: xToFrame(scale, x) - x / pxPerFrame }, frames, width);
}

export interface Tick {
  readonly frame: number;
  /** A longer line with its timecode. */
  readonly labelled: boolean;
}

/** Steps between labelled ticks: frames within a second, then seconds. */
const secondSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/**
 * Ticks in sight, labelled ones at least `leastLabelPx` apart and on whole seconds where a second is not wider.
 * @param perSecond frames per second of the timecode, a whole number
 */
export function ticks(scale: TimelineScale, width: number, perSecond: number, leastLabelPx: number): Tick[] {
  const leastFrames = leastLabelPx / scale.pxPerFrame;
  const divisors = [1, 2, 5, 10].filter((step) => step < perSecond && perSecond % step === 0);
  const steps = [...divisors, ...secondSteps.map((seconds) => seconds * perSecond)];
  const labelStep = steps.find((step) => step >= leastFrames) ?? steps[steps.length - 1];
  const between = [10, 5, 4, 2].find(
    (parts) => labelStep % parts === 0 && (labelStep / parts) * scale.pxPerFrame >= 6,
  );
  const step = labelStep / (between ?? 1);
  const first = Math.floor(scale.firstFrame / step) * step;
  const last = xToFrame(scale, width);
  const found: Tick[] = [];
  for (let frame = Math.max(0, first); frame <= last; frame += step)
    found.push({ frame, labelled: frame % labelStep === 0 });
  return found;
}

/** The nearest of `candidates` within `tolerancePx` of where the pointer is, else the frame itself, whole. */
export function snapFrame(
  scale: TimelineScale,
  frame: number,
  candidates: readonly number[],
  tolerancePx: number,
): number {
  let nearest = Math.round(frame);
  let least = tolerancePx / scale.pxPerFrame;
  for (const candidate of candidates) {
    const distance = Math.abs(candidate - frame);
    if (distance > least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}
