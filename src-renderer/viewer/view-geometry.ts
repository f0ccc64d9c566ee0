import type { MaskPoint } from '../../src-shared/project/mask/index.ts';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where the clip lies on the screen: its corner, and screen pixels per clip pixel. */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

const minZoom = 1 / 16;
const maxZoom = 16;

/** The scale at which all of the clip is seen, with `margin` screen pixels around it. */
export function fitScale(place: Size, clip: Size, margin: number): number {
  const width = Math.max(1, place.width - 2 * margin);
  const height = Math.max(1, place.height - 2 * margin);
  return Math.min(width / clip.width, height / clip.height);
}

/** The clip at `scale`, its middle `pan` away from the place's, on whole screen pixels where it is not enlarged. */
export function placeClip(place: Size, clip: Size, scale: number, pan: MaskPoint): Placement {
  return {
    left: Math.round((place.width - clip.width * scale) / 2 + pan[0]),
    top: Math.round((place.height - clip.height * scale) / 2 + pan[1]),
    scale,
  };
}

export function toClip({ left, top, scale }: Placement, [x, y]: MaskPoint): MaskPoint {
  return [(x - left) / scale, (y - top) / scale];
}

export function toScreen({ left, top, scale }: Placement, [x, y]: MaskPoint): MaskPoint {
  return [left + x * scale, top + y * scale];
}

/** Zoom and pan so that the clip's point under `at` (from the place's corner) stays there. */
export function zoomAbout(
  place: Size,
  pan: MaskPoint,
  scale: number,
  factor: number,
  at: MaskPoint,
): { readonly zoom: number; readonly pan: MaskPoint } {
  const zoom = Math.min(maxZoom, Math.max(minZoom, scale * factor));
  const fromMiddle = [at[0] - place.width / 2, at[1] - place.height / 2];
  const moved = (axis: 0 | 1): number => fromMiddle[axis] - ((fromMiddle[axis] - pan[axis]) * zoom) / scale;
  return { zoom, pan: [moved(0), moved(1)] };
}

/** The pan with at least `rest` screen pixels of the clip in sight. */
export function clampPan(place: Size, clip: Size, scale: number, pan: MaskPoint, rest: number): MaskPoint {
  const limit = (inPlace: number, inClip: number): number =>
    Math.max(0, (inPlace + inClip * scale) / 2 - rest);
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
  return [clamp(pan[0], limit(place.width, clip.width)), clamp(pan[1], limit(place.height, clip.height))];
}
