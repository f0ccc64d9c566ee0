import { usageError } from '../../../src-shared/core/errors/index.ts';
import { dilate } from '../../../src-shared/core/mask/index.ts';
import {
  enlargeMask,
  selectObject,
  type Place,
  type Selected,
  type SelectHints,
} from '../../../src-shared/core/track/index.ts';
import type { ClipInfo } from '../frames.ts';
import type { PreparedSelect } from './prepare-select.ts';
import type { SelectRequest } from './select-request.ts';

/** Fewer pixels on a side are no box. */
const leastBoxPx = 2;

/**
 * Throws `select-frame` where the frame is not in the range, `select-place` where a place lies outside the picture, and
 * `select-box` where the box is empty or lies outside.
 */
export function checkSelect(
  { frame, range, add, remove, box }: SelectRequest,
  { width, height, ptsSec }: ClipInfo,
): void {
  const { startFrame, endFrame } = range ?? { startFrame: 0, endFrame: ptsSec.length };
  if (frame < startFrame || frame >= endFrame) {
    throw usageError(
      'select-frame',
      `Frame ${frame} is not among frames ${startFrame} to ${endFrame - 1}.`,
      'Frames are counted from 0; name one of those.',
    );
  }
  const isInside = ([x, y]: Place): boolean => x >= 0 && y >= 0 && x <= width && y <= height;
  for (const [x, y] of [...add, ...remove]) {
    if (isInside([x, y])) continue;
    throw usageError(
      'select-place',
      `The place ${x},${y} is outside the picture, which is ${width}×${height}.`,
      'Places are pixels from the upper left corner.',
    );
  }
  if (box === undefined) return;
  const { from, to } = box;
  const isLarge = to[0] - from[0] >= leastBoxPx && to[1] - from[1] >= leastBoxPx;
  if (isLarge && isInside(from) && isInside(to)) return;
  throw usageError(
    'select-box',
    `The box ${[...from, ...to].join(',')} is empty, or reaches outside the picture, which is ${width}×${height}.`,
    'A box is its left, upper, right and lower edge, in pixels.',
  );
}

/** What is selected in a prepared frame: a mask [height, width] of the clip. The request is one that `checkSelect` passed. */
export function selectIn(
  { frame, factor }: PreparedSelect,
  { add, remove, box, size = 0, reachPx }: SelectRequest,
  clip: ClipInfo,
): Selected {
  const reduced = ([x, y]: Place): Place => [x / factor, y / factor];
  const hints: SelectHints = {
    add: add.map(reduced),
    remove: remove.map(reduced),
    ...(box && { box: { from: reduced(box.from), to: reduced(box.to) } }),
  };
  const found = selectObject(frame, hints, size);
  const mask = factor === 1 ? found.mask : enlargeMask(found.mask, frame.fine, factor, clip);
  const grown = Uint8Array.from(dilate(mask, clip.width, clip.height, reachPx));
  for (const place of remove) clearDisc(grown, clip, place, reachPx + 1);
  return { ...found, mask: grown };
}

/** What was taken away stays so, whatever grew over it. */
function clearDisc(mask: Uint8Array, { width, height }: ClipInfo, [x, y]: Place, radius: number): void {
  for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(height, y + radius + 1); row++) {
    for (
      let column = Math.max(0, Math.floor(x - radius));
      column < Math.min(width, x + radius + 1);
      column++
    ) {
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) mask[row * width + column] = 0;
    }
  }
}
