import { tokenEdgePx, wanGeometry, type TokenGeometry } from '../control/index.ts';
import type { EditWindow } from '../plan/index.ts';
import { defaultMargin, type MarginTokens } from '../tokens/index.ts';
import { forEachCell, type FrameCoverage, type MaskCoverage } from './mask-coverage.ts';
import type { TokenCounts } from './planned-step.ts';

/** The tokens of a window, [frames, rows, columns]: 1 in `generative` where one is masked, in `near` with the margin. */
interface WindowTokens {
  readonly grid: { readonly frames: number; readonly rows: number; readonly columns: number };
  readonly generative: Uint8Array;
  readonly near: Uint8Array;
}

/**
 * The token partition of a window, from the coverage instead of from the mask at working size. A cell that holds a
 * masked pixel counts as masked where it is inside the frame's bounding box, so there are at least as many generative
 * tokens as in truth. What the crop shows beyond the picture, where it is mirrored, counts as context.
 */
function windowTokens(
  coverage: MaskCoverage,
  window: EditWindow,
  { space, time }: MarginTokens,
  geometry: TokenGeometry,
): WindowTokens {
  const { temporalStride } = geometry;
  const tokenPx = tokenEdgePx(geometry);
  const grid = {
    frames: 1 + (window.modelFrames - 1) / temporalStride,
    rows: window.workingHeight / tokenPx,
    columns: window.workingWidth / tokenPx,
  };
  const plane = grid.rows * grid.columns;
  const generative = new Uint8Array(grid.frames * plane);
  const lastFrame = window.endFrame - window.startFrame - 1;
  let marked: { readonly covered: unknown; readonly latent: number } | undefined;
  for (let t = 0; t < window.modelFrames; t++) {
    // Padding repeats the last frame; frames that the window before has finished have no hole any more.
    const inWindow = Math.min(t, lastFrame);
    if (inWindow < window.knownFrames) continue;
    const latent = Math.ceil(t / temporalStride);
    const covered = coverage.frames[window.startFrame + inWindow];
    if (covered === null || (covered === marked?.covered && latent === marked.latent)) continue;
    marked = { covered, latent };
    markFrame(coverage.grid, covered, window, {
      ...grid,
      flags: generative.subarray(latent * plane, (latent + 1) * plane),
    });
  }
  // A box grown axis by axis: the same as growing by the whole box at once.
  const wide = grow(generative, grid.columns, 1, space);
  const high = grow(wide, grid.rows, grid.columns, space);
  return { grid, generative, near: grow(high, grid.frames, plane, time) };
}

/** How many tokens of a window are of each kind, as `windowTokens` tells them apart. */
export function countTokens(
  coverage: MaskCoverage,
  window: EditWindow,
  margin: MarginTokens = defaultMargin,
  geometry: TokenGeometry = wanGeometry,
): TokenCounts {
  const { generative, near } = windowTokens(coverage, window, margin, geometry);
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  const generativeCount = count(generative);
  const nearCount = count(near);
  return {
    generative: generativeCount,
    margin: nearCount - generativeCount,
    context: generative.length - nearCount,
  };
}

export type TokenKind = keyof TokenCounts;

/** The tokens of one latent frame, as the picture shows them. */
export interface FrameTokens {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly kinds: readonly TokenKind[];
  /** The frames of the clip that they stand for: [startFrame, endFrame), one or up to a latent frame's. */
  readonly startFrame: number;
  readonly endFrame: number;
}

/** The tokens that stand for frame `frame` of the clip, which the window holds. */
export function tokensOfFrame(
  coverage: MaskCoverage,
  window: EditWindow,
  frame: number,
  margin: MarginTokens = defaultMargin,
  geometry: TokenGeometry = wanGeometry,
): FrameTokens {
  const { temporalStride } = geometry;
  const { grid, generative, near } = windowTokens(coverage, window, margin, geometry);
  const { rows, columns } = grid;
  const latent = Math.ceil((frame - window.startFrame) / temporalStride);
  const first = latent * rows * columns;
  const last = window.startFrame + latent * temporalStride;
  return {
    rows,
    columns,
    kinds: Array.from({ length: rows * columns }, (_, token): TokenKind =>
      generative[first + token] === 1 ? 'generative' : near[first + token] === 1 ? 'margin' : 'context',
    ),
    startFrame: latent === 0 ? last : last - temporalStride + 1,
    endFrame: Math.min(window.endFrame, last + 1),
  };
}

/** Sets every token of one latent frame, `flags` [rows, columns], that a covered cell of the clip's frame touches. */
function markFrame(
  { cellPx }: MaskCoverage['grid'],
  covered: FrameCoverage,
  { crop }: EditWindow,
  { rows, columns, flags }: { readonly rows: number; readonly columns: number; readonly flags: Uint8Array },
): void {
  const { box } = covered;
  const tokensPerPxX = columns / crop.width;
  const tokensPerPxY = rows / crop.height;
  forEachCell(covered, (column, row) => {
    const left = Math.max(column * cellPx, box.x) - crop.x;
    const right = Math.min((column + 1) * cellPx, box.x + box.width) - crop.x;
    const top = Math.max(row * cellPx, box.y) - crop.y;
    const bottom = Math.min((row + 1) * cellPx, box.y + box.height) - crop.y;
    const endX = Math.min(columns, Math.ceil(right * tokensPerPxX));
    const endY = Math.min(rows, Math.ceil(bottom * tokensPerPxY));
    for (let y = Math.max(0, Math.floor(top * tokensPerPxY)); y < endY; y++) {
      for (let x = Math.max(0, Math.floor(left * tokensPerPxX)); x < endX; x++) flags[y * columns + x] = 1;
    }
  });
}

/** Grows flags along one axis of `length` places, `stride` apart, by `reach` places each way. */
function grow(flags: Uint8Array, length: number, stride: number, reach: number): Uint8Array {
  const grown = flags.slice();
  for (let i = 0; i < flags.length; i++) {
    if (flags[i] === 0) continue;
    const place = Math.floor(i / stride) % length;
    for (let step = -Math.min(reach, place); step <= Math.min(reach, length - 1 - place); step++) {
      grown[i + step * stride] = 1;
    }
  }
  return grown;
}
