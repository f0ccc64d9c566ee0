import { mapPoint, type Homography } from '../plate/index.ts';
import type { LayerCells } from './layer-cells.ts';

/** A part of the scene that moves as one plane, as one frame sees it. */
export interface FrameLayer {
  /** The same in every frame of the segment. */
  readonly id: number;
  /** From this frame's pixels to those that the layer has in all frames of the segment. */
  readonly toReference: Homography;
}

/** What a frame of a scene in several depths shows where. */
export interface FrameLayers {
  /** The ids of all layers of the segment, nearest first. */
  readonly order: readonly number[];
  /** Those that the frame shows, in that order. */
  readonly layers: readonly FrameLayer[];
  /** The ids of the layers; in the mask those of its surroundings. */
  readonly cells: LayerCells;
}

/** Mean distance in pixels between where two motions put points [x, y]. */
export function farApart(a: Homography, b: Homography, points: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = mapPoint(a, points[at], points[at + 1]);
    const [u, v] = mapPoint(b, points[at], points[at + 1]);
    sum += Math.hypot(x - u, y - v);
  }
  return points.length === 0 ? 0 : (2 * sum) / points.length;
}
