import { usageError } from '../../../src-shared/core/errors/index.ts';
import { coverageGrid, coverFrame, type MaskCoverage } from '../../../src-shared/core/estimate/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo, MaskSource } from '../frames.ts';

/** What the whole mask track covers. Plain data; valid for one mask on one clip. */
export interface MaskScan {
  /** Bounding box of each frame's mask, all that it covers at all; null where it is empty. */
  readonly boxes: readonly (Rect | null)[];
  /** Covered at all. */
  readonly maskedPixels: number;
  /** Where the mask is, in cells: what an estimate needs of it. */
  readonly coverage: MaskCoverage;
}

function coveredPixels(mask: Uint8Array, width: number, { x, y, ...box }: Rect): number {
  let count = 0;
  for (let row = y; row < y + box.height; row++) {
    const line = row * width;
    for (let at = line + x; at < line + x + box.width; at++) if (mask[at] !== 0) count++;
  }
  return count;
}

/**
 * Reads the mask once, before any other work. Throws `mask-empty` where nothing is to be removed and
 * `mask-covers-all` where no pixel of any frame is left to go by.
 */
export async function scanMask(mask: MaskSource, clip: ClipInfo, signal: AbortSignal): Promise<MaskScan> {
  const boxes: (Rect | null)[] = [];
  const grid = coverageGrid(clip);
  const frames: MaskCoverage['frames'][number][] = [];
  let maskedPixels = 0;
  let before: { readonly picture: Uint8Array; readonly covered: number } | undefined;
  for await (const picture of mask.masks(0, clip.ptsSec.length, signal)) {
    // Most masks do not move for most of a clip.
    if (picture === before?.picture) {
      boxes.push(boxes[boxes.length - 1]);
      frames.push(frames[frames.length - 1]);
    } else {
      const box = boundingBox(picture, clip.width);
      boxes.push(box);
      frames.push(coverFrame(picture, clip.width, grid, box, frames.at(-1) ?? null));
      before = { picture, covered: box === null ? 0 : coveredPixels(picture, clip.width, box) };
    }
    maskedPixels += before.covered;
  }
  if (maskedPixels === 0) {
    throw usageError(
      'mask-empty',
      `The mask is empty: no pixel of any frame${clip.excerpt === undefined ? '' : ' of the range'} is white.`,
      'Paint what should go in white; black stays.',
    );
  }
  if (maskedPixels === clip.width * clip.height * boxes.length) {
    throw usageError(
      'mask-covers-all',
      'The mask covers every pixel of every frame: there is no background to work from.',
      'Leave what should stay black; if the mask is inverted, invert it.',
    );
  }
  return { boxes, maskedPixels, coverage: { grid, frames } };
}
