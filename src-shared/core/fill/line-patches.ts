import type { FillLevel } from './fill-level.ts';
import type { Line } from './lines.ts';
import { patchDistance, type PatchField } from './patch-field.ts';
import { patchRadius } from './patch.ts';

/** Patches whose middle is this near to a line belong to it, in pixels of the level where it was found. */
const reach = 2;
/** What is copied along a line is taken from within so many pixels of its end, again of that level. */
const seen = 32;
/** A line goes before what lies beside it: so much less does it count how well its patches fit. */
const favour = 0.2;

/** The targets that belong to a line, and for each the sources along it. */
export interface LinePatches {
  /** [height, width]; 1 = belongs to a line. */
  readonly bound: Uint8Array;
  readonly targets: readonly { readonly target: number; readonly sources: Int32Array }[];
}

/**
 * The patches along lines, so that what runs into the hole is continued by what it looks like outside, shifted along it.
 *
 * @param scale Pixels of this level in one of the level where the lines were found.
 */
export function linePatches(level: FillLevel, lines: readonly Line[], scale: number): LinePatches {
  const { width, height, hole, isSource } = level;
  const bound = new Uint8Array(hole.length);
  const targets: { target: number; sources: Int32Array }[] = [];
  for (const { from, to } of lines) {
    const [fromX, fromY, toX, toY] = [...from, ...to].map((value) => (value + 0.5) * scale - 0.5);
    const length = Math.hypot(toX - fromX, toY - fromY);
    const [dx, dy] = [(toX - fromX) / length, (toY - fromY) / length];
    const near = Math.max(0.7, reach * scale);
    for (const target of level.targets) {
      if (hole[target] === 0 || bound[target] === 1) continue;
      const x = target % width;
      const y = (target - x) / width;
      const along = (x - fromX) * dx + (y - fromY) * dy;
      const across = (y - fromY) * dx - (x - fromX) * dy;
      if (along < -1 || along > length + 1 || Math.abs(across) > near) continue;
      const sources = new Set<number>();
      const end = Math.max(seen * scale, 2 * patchRadius) + patchRadius;
      for (let beyond = 1; beyond <= end; beyond++) {
        for (const shift of [-along - beyond, length - along + beyond]) {
          const column = Math.round(x + shift * dx);
          const row = Math.round(y + shift * dy);
          if (column < 0 || row < 0 || column >= width || row >= height) continue;
          if (isSource[row * width + column] === 1) sources.add(row * width + column);
        }
      }
      if (sources.size === 0) continue;
      bound[target] = 1;
      targets.push({ target, sources: Int32Array.from(sources) });
    }
  }
  return { bound, targets };
}

/** Gives every patch of a line the best of its sources. */
export function matchLines(field: PatchField, { targets }: LinePatches): void {
  const { nearest, distance } = field;
  for (const { target, sources } of targets) {
    let least = Infinity;
    for (const source of sources) {
      const found = patchDistance(field, target, source, least);
      if (found >= least) continue;
      least = found;
      nearest[target] = source;
    }
    distance[target] = favour * least;
  }
}
