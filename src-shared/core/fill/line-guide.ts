import type { FillLevel } from './fill-level.ts';
import { linePatches, type LinePatches } from './line-patches.ts';
import { findLines, profileLength, profileReach, type Line } from './lines.ts';
import { featureCount } from './patch.ts';

/** What a hole's lines look like inside it, at one level. */
interface LinePicture {
  /** [height, width, featureCount], as a level's. */
  readonly features: Float32Array;
  /** [height, width], 0…1: how much of a pixel the lines cover. */
  readonly share: Float32Array;
}

/** The lines that run through a hole, at one level. */
export interface LineGuide {
  /** Undefined at the levels that are finer than the one in which lines are looked for. */
  readonly picture: LinePicture | undefined;
  readonly patches: LinePatches;
}

/** Lines are looked for in a level whose hole is at most so many pixels wide and high. */
const mostSide = 160;

/** Continues the lines that run into the hole from two sides: a guide for each level; none where there are no lines. */
export function guideLevels(levels: readonly FillLevel[]): readonly LineGuide[] {
  const first = levels.findIndex((level) => holeSide(level) <= mostSide);
  const lines = first < 0 ? [] : findLines(levels[first]);
  if (lines.length === 0) return [];
  let picture: LinePicture | undefined;
  return levels.map((level, index) => {
    if (index === first) picture = drawLines(level, lines);
    else if (picture !== undefined) picture = coarserPicture(picture, levels[index - 1], level);
    return { picture, patches: linePatches(level, lines, 2 ** (first - index)) };
  });
}

/** Draws the features of the hole towards the lines that run through it, by `strength` of the way. */
export function drawTowards(
  { features }: FillLevel,
  picture: LinePicture | undefined,
  strength: number,
): void {
  picture?.share.forEach((share, pixel) => {
    if (share === 0) return;
    for (let at = pixel * featureCount; at < (pixel + 1) * featureCount; at++) {
      features[at] += strength * share * (picture.features[at] - features[at]);
    }
  });
}

function holeSide({ hole, width, height }: FillLevel): number {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let pixel = 0; pixel < hole.length; pixel++) {
    if (hole[pixel] === 0) continue;
    const x = pixel % width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = (pixel - x) / width;
    if (top === height) top = bottom;
  }
  return Math.max(right - left, bottom - top) + 1;
}

/** Draws lines through the hole, from the profile on one side to that on the other; clearer ones over others. */
function drawLines({ hole, width, height }: FillLevel, lines: readonly Line[]): LinePicture {
  const features = new Float32Array(hole.length * featureCount);
  const share = new Float32Array(hole.length);
  const margin = profileReach + 1;
  for (const { from, to, before, after } of lines) {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const [dx, dy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const top = Math.max(0, Math.floor(Math.min(from[1], to[1]) - margin));
    const bottom = Math.min(height - 1, Math.max(from[1], to[1]) + margin);
    const left = Math.max(0, Math.floor(Math.min(from[0], to[0]) - margin));
    const right = Math.min(width - 1, Math.max(from[0], to[0]) + margin);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const pixel = y * width + x;
        if (hole[pixel] === 0 || share[pixel] === 1) continue;
        const along = (x - from[0]) * dx + (y - from[1]) * dy;
        const across = (y - from[1]) * dx - (x - from[0]) * dy + profileReach;
        if (along < -1 || along > length + 1 || across < 0 || across > profileLength - 1) continue;
        share[pixel] = 1;
        const late = Math.min(1, Math.max(0, along / length));
        const low = Math.min(profileLength - 2, Math.floor(across));
        const next = across - low;
        for (let channel = 0; channel < featureCount; channel++) {
          const k = low * featureCount + channel;
          features[pixel * featureCount + channel] =
            (1 - late) * ((1 - next) * before[k] + next * before[k + featureCount]) +
            late * ((1 - next) * after[k] + next * after[k + featureCount]);
        }
      }
    }
  }
  return { features, share };
}

function coarserPicture(fine: LinePicture, fineLevel: FillLevel, { hole, width }: FillLevel): LinePicture {
  const features = new Float32Array(hole.length * featureCount);
  const share = new Float32Array(hole.length);
  for (let child = 0; child < fine.share.length; child++) {
    if (fine.share[child] === 0) continue;
    const x = child % fineLevel.width;
    const pixel = (((child - x) / fineLevel.width) >> 1) * width + (x >> 1);
    share[pixel] += fine.share[child] / 4;
    for (let k = 0; k < featureCount; k++) {
      features[pixel * featureCount + k] += (fine.share[child] / 4) * fine.features[child * featureCount + k];
    }
  }
  for (let at = 0; at < features.length; at++) {
    const covered = share[Math.floor(at / featureCount)];
    if (covered > 0) features[at] /= covered;
  }
  return { features, share };
}
