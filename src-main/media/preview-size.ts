import type { ClipInfo } from '../engine/frames.ts';

const evenBelow = (px: number): number => Math.max(2, 2 * Math.floor(px / 2));
const nearestEven = (px: number): number => Math.max(2, 2 * Math.round(px / 2));

/**
 * The size of a clip's preview in pixels, both even: square pixels, at most `maxHeight` high, and enlarged in neither
 * direction (a side of 1 pixel becomes 2). A clip of wide pixels loses height rather than gain width.
 */
export function previewSize(
  { width, height, sampleAspectRatio }: Pick<ClipInfo, 'width' | 'height' | 'sampleAspectRatio'>,
  maxHeight: number,
): { readonly width: number; readonly height: number } {
  if (!(maxHeight >= 2)) throw new RangeError(`a preview of at most ${maxHeight} rows`);
  const [num, den] = sampleAspectRatio.split(':').map(Number);
  const squareWidth = Math.min(width, (width * num) / den);
  const squareHeight = Math.min(height, (height * den) / num);
  const scale = Math.min(1, maxHeight / squareHeight);
  return {
    width: Math.min(nearestEven(squareWidth * scale), evenBelow(width)),
    height: Math.min(nearestEven(squareHeight * scale), evenBelow(Math.min(height, maxHeight))),
  };
}
