import { measureMoments, patchDistance, type PatchField } from './patch-field.ts';
import { randomBelow } from './random-words.ts';

/** Gives every target a source: its own if that may be copied, else a random one. */
export function seedField({ level, nearest }: PatchField, random: () => number): void {
  const { targets, sources, isSource } = level;
  for (const target of targets) {
    const current = nearest[target];
    if (current < 0 || isSource[current] === 0) {
      nearest[target] = sources[randomBelow(random, sources.length)];
    }
  }
}

/** Compares all pairs of the field with the level's picture as it is now. */
export function measureField(field: PatchField): void {
  const { level, nearest, distance } = field;
  measureMoments(field);
  for (const target of level.targets) {
    distance[target] = patchDistance(field, target, nearest[target], Infinity);
  }
}

/**
 * Looks for better sources: those of the neighbours, moved along with them, and random ones nearer and nearer to the
 * one known. Barnes et al., "PatchMatch", 2009, section 3. The passes run forth and back in turn.
 *
 * @param searchEvery In each pass one target of so many looks for random sources; the others hear of what it finds.
 * @param bound [height, width]; targets with 1 keep the source they have.
 */
export function improveField(
  field: PatchField,
  passes: number,
  searchEvery: number,
  random: () => number,
  bound?: Uint8Array,
): void {
  const { level } = field;
  const { width, targets } = level;
  for (let pass = 0; pass < passes; pass++) {
    const back = pass % 2 === 1;
    const step = back ? 1 : -1;
    for (let at = 0; at < targets.length; at++) {
      const target = targets[back ? targets.length - 1 - at : at];
      if (bound?.[target] === 1) continue;
      propagate(field, target, step);
      propagate(field, target, step * width);
      if ((target + pass) % searchEvery === 0) searchAround(field, target, random);
    }
  }
}

function propagate(field: PatchField, target: number, step: number): void {
  const { level, nearest, distance } = field;
  const neighbour = nearest[target + step];
  if (neighbour === undefined || neighbour < 0) return;
  const source = neighbour - step;
  if (source === nearest[target] || level.isSource[source] !== 1) return;
  const found = patchDistance(field, target, source, distance[target]);
  if (found < distance[target]) {
    distance[target] = found;
    nearest[target] = source;
  }
}

function searchAround(field: PatchField, target: number, random: () => number): void {
  const { level, nearest, distance } = field;
  const { width, height, isSource } = level;
  let middle = nearest[target];
  let middleX = middle % width;
  let middleY = (middle - middleX) / width;
  for (let reach = Math.max(width, height); reach >= 1; reach >>= 1) {
    const left = Math.max(0, middleX - reach);
    const top = Math.max(0, middleY - reach);
    const x = left + randomBelow(random, Math.min(width, middleX + reach + 1) - left);
    const y = top + randomBelow(random, Math.min(height, middleY + reach + 1) - top);
    const source = y * width + x;
    if (isSource[source] === 0 || source === middle) continue;
    const found = patchDistance(field, target, source, distance[target]);
    if (found >= distance[target]) continue;
    distance[target] = found;
    nearest[target] = middle = source;
    [middleX, middleY] = [x, y];
  }
}
