/**
 * Where a chroma sample is among the luma samples that share it, per axis: 0 on the first, ½ between the two,
 * 1 on the second. Only for subsampled axes.
 */
export interface ChromaSiting {
  readonly x: number;
  readonly y: number;
}

const sitings: Readonly<Record<string, ChromaSiting>> = {
  left: { x: 0, y: 0.5 },
  center: { x: 0.5, y: 0.5 },
  topleft: { x: 0, y: 0 },
  top: { x: 0.5, y: 0 },
  bottomleft: { x: 0, y: 1 },
  bottom: { x: 0.5, y: 1 },
};

/**
 * The siting of ffmpeg's chroma location name. Where the file names none: left, the rule of MPEG-2, H.264 and
 * HEVC for 4:2:0, and horizontally that of all 4:2:2.
 */
export function chromaSiting(location: string | undefined): ChromaSiting {
  return sitings[location ?? 'left'] ?? sitings.left;
}
