import { chain, identityMotion, invert, mapPoint, type Homography } from '../plate/index.ts';
import {
  agreementOf,
  alignPlane,
  planeCost,
  textureOf,
  type Agreement,
  type Alignment,
  type AlignOptions,
  type Belief,
} from './align-plane.ts';
import { lumaPyramid, type LumaPyramid } from './luma-pyramid.ts';
import { isBelievable, nearestMotion, sidesOf, type PlaneFreedom } from './plane-motion.ts';
import { makeTemplate, mostLevels, motionAtLevel, type Template, type TemplateLevel } from './template.ts';

/** Brightness [height, width], 8 bit. */
export interface PlanePicture {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

/**
 * The motion of what lies inside a shape from one picture to the next, from features; undefined where too few are found
 * again. `inside` [height, width]: not 0 where the shape is in `from`.
 */
export type FeatureMotion = (
  from: PlanePicture,
  to: PlanePicture,
  inside: Uint8Array,
) => Homography | undefined;

/** Where the plane is in one picture. */
export interface PlanePose {
  /** From the reference picture's pixels to this one's. */
  readonly motion: Homography;
  /** 0…1: how much of what is in the picture looks as in the reference. */
  readonly confidence: number;
}

type Aligned = Pick<Alignment, 'motion' | 'brightness'>;

/** Why a picture has no pose: nothing of the shape is in the picture; or it is not to be seen there. */
export type PlaneLoss = 'outside' | 'hidden';

const coarseSteps: AlignOptions = { rounds: 12, widest: 1 };
const fineSteps: AlignOptions = { rounds: 12, widest: 0.3 };
/** Starts that are followed to the finest level. */
const refinedStarts = 2;
/** The plane is seen where this share of its cells agree; found again where more do. */
const seenShare = { least: 0.2, again: 0.6 } as const;
/** From one picture to the next a side of the shape gets longer or shorter by no more than this. */
const mostChange = 1.25;
/** Less than this share of the shape in the picture is nothing to hold on to. */
const leastInside = 0.15;
/** Cells with texture that a shape must have to be followed. */
const leastTextured = 3;
/** How far a hidden plane is looked for from where it is expected, in radii of the shape. */
const searchRadii = 1.2;
/** Pixels of the shape on the level on which it is looked for. */
const searchPoints = 500;

/** Follows a shape, taken for a plane, picture by picture from the one in which it was drawn. */
export class PlaneTracker {
  private readonly template: Template;
  private readonly first: LumaPyramid;
  private last: PlanePose = { motion: identityMotion(), confidence: 1 };
  /** How the middle of the shape went from the picture before the last to the last, in pixels. */
  private velocity: readonly [number, number] = [0, 0];
  private lastPicture: PlanePicture;
  /** Pictures since the plane was seen. */
  private unseen = 0;
  /** What of the shape was seen last, and how bright. */
  private belief: Belief;
  private readonly featureMotion: FeatureMotion;
  private readonly freedom: PlaneFreedom;
  private readonly inside: Uint8Array;

  /** @param inside [height, width]: not 0 inside the shape. */
  constructor(
    reference: PlanePicture,
    inside: Uint8Array,
    freedom: PlaneFreedom,
    featureMotion: FeatureMotion,
  ) {
    this.first = pyramidOf(reference);
    this.template = makeTemplate(this.first, inside, freedom);
    const trust = new Float32Array(this.template.levels.at(0)?.cellCount ?? 0).fill(1);
    this.belief = { trust, brightness: { gain: 1, bias: 0 } };
    this.lastPicture = reference;
    this.featureMotion = featureMotion;
    this.freedom = freedom;
    this.inside = inside;
  }

  /** Why the shape cannot be followed at all; undefined where it can. */
  get problem(): 'small' | 'flat' | undefined {
    const [finest] = this.template.levels;
    if (this.template.levels.length === 0) return 'small';
    return textureOf(finest, this.first[0]) < leastTextured ? 'flat' : undefined;
  }

  next(picture: PlanePicture): PlanePose | PlaneLoss {
    const pyramid = pyramidOf(picture);
    const starts = this.startsFor(picture, pyramid);
    const found = this.refine(this.bestStarts(starts, pyramid), pyramid);
    const before = this.last.motion;
    this.lastPicture = picture;
    if (found === undefined) {
      this.unseen++;
      this.belief.trust.fill(1);
      // It goes on as it went: so it is looked for in the right place.
      const expected = this.goneOn(before);
      if (isBelievable(expected, this.template.frame)) this.last = { motion: expected, confidence: 0 };
      return this.insideShare(this.last.motion, pyramid) < leastInside ? 'outside' : 'hidden';
    }
    if (this.unseen === 0) {
      const { x, y } = this.template.frame;
      const [from, to] = [mapPoint(before, x, y), mapPoint(found.motion, x, y)];
      this.velocity = [to[0] - from[0], to[1] - from[1]];
    }
    this.unseen = 0;
    this.last = found;
    return found;
  }

  /** A motion going on as the middle of the shape went: more than that is mostly noise. */
  private goneOn(motion: Homography): Homography {
    return chain(motion, Float64Array.of(1, 0, this.velocity[0], 0, 1, this.velocity[1], 0, 0, 1));
  }

  private insideShare(motion: Homography, pyramid: LumaPyramid): number {
    const coarsest = this.coarsest;
    return agreementOf(coarsest, pyramid[coarsest.level], motionAtLevel(motion, coarsest.level)).inside;
  }

  private get coarsest(): TemplateLevel {
    return this.template.levels[this.template.levels.length - 1];
  }

  /** Where the plane may be, by features, by how it went, and where it was. */
  private startsFor(picture: PlanePicture, pyramid: LumaPyramid): Homography[] {
    const { motion } = this.last;
    const starts = [motion, this.goneOn(motion)];
    if (this.unseen === 0) {
      const mask = warpedMask(this.inside, picture, motion);
      const features = this.featureMotion(this.lastPicture, picture, mask);
      if (features !== undefined) starts.push(chain(motion, features));
    } else starts.push(...this.search(pyramid));
    return starts
      .map((start) => nearestMotion(this.freedom, start, this.template.frame))
      .filter((start) => isBelievable(start, this.template.frame));
  }

  /** The best places of a hidden plane about where it is expected. */
  private search(pyramid: LumaPyramid): Homography[] {
    const level = this.template.levels.find(({ values }) => values.length <= searchPoints) ?? this.coarsest;
    const picture = pyramid[level.level];
    const expected = motionAtLevel(this.last.motion, level.level);
    const reach = Math.ceil(searchRadii * level.frame.radius);
    const tried: { readonly cost: number; readonly motion: Homography }[] = [];
    for (let dy = -reach; dy <= reach; dy += 2) {
      for (let dx = -reach; dx <= reach; dx += 2) {
        const motion = chain(expected, Float64Array.of(1, 0, dx, 0, 1, dy, 0, 0, 1));
        tried.push({ cost: planeCost(level, picture, motion, this.belief), motion });
      }
    }
    return tried
      .sort((a, b) => a.cost - b.cost)
      .slice(0, 3)
      .map(({ motion }) => motionAtLevel(motion, -level.level));
  }

  /** The starts, and what a coarse alignment makes of each: those that fit best, the best first. */
  private bestStarts(starts: readonly Homography[], pyramid: LumaPyramid): Homography[] {
    const { levels, frame } = this.template;
    const [judged] = levels;
    const coarse = [...levels.slice(-2)].reverse();
    const moved = starts.map((start) => this.descend(start, coarse, coarseSteps, pyramid).motion);
    const costOf = (motion: Homography): number =>
      planeCost(judged, pyramid[judged.level], motionAtLevel(motion, judged.level), this.belief);
    return [...starts, ...moved]
      .filter((motion) => isBelievable(motion, frame))
      .map((motion) => ({ motion, cost: costOf(motion) }))
      .sort((a, b) => a.cost - b.cost)
      .slice(0, refinedStarts)
      .map(({ motion }) => motion);
  }

  /** Aligned on one level after the other. */
  private descend(
    start: Homography,
    levels: readonly TemplateLevel[],
    steps: AlignOptions,
    pyramid: LumaPyramid,
  ): Aligned {
    let [motion, belief] = [start, this.belief];
    for (const level of levels) {
      const at = motionAtLevel(motion, level.level);
      const { motion: moved, brightness } = alignPlane(level, pyramid[level.level], at, steps, belief);
      motion = motionAtLevel(moved, -level.level);
      belief = { ...belief, brightness };
    }
    return { motion, brightness: belief.brightness };
  }

  /** Whether the plane can have come there from where it was last: nothing grows or tilts at once. */
  private isSteady(motion: Homography): boolean {
    const [before, now] = [this.last.motion, motion].map((one) => sidesOf(one, this.template.frame));
    const most = mostChange * (1 + this.unseen / 4);
    return now.every((side, at) => side < before[at] * most && side > before[at] / most);
  }

  private refine(starts: readonly Homography[], pyramid: LumaPyramid): PlanePose | undefined {
    const { levels, frame } = this.template;
    const fine = [...levels.slice(0, Math.max(1, levels.length - 2))].reverse();
    const [judged] = this.template.levels;
    let best: (Agreement & Aligned) | undefined;
    for (const start of starts) {
      const { motion, brightness } = this.descend(start, fine, fineSteps, pyramid);
      if (!isBelievable(motion, frame) || !this.isSteady(motion)) continue;
      const found = agreementOf(judged, pyramid[judged.level], motionAtLevel(motion, judged.level));
      if (best === undefined || found.agreeing > best.agreeing) best = { ...found, motion, brightness };
    }
    if (best === undefined) return undefined;
    const { inside, agreeing, textured, trust, motion, brightness } = best;
    const needed = this.unseen === 0 ? seenShare.least : seenShare.again;
    const enough = leastInside * (this.unseen === 0 ? 1 : 2);
    if (inside < enough || textured < leastTextured || agreeing < needed) return undefined;
    this.belief = { trust, brightness };
    return { motion, confidence: agreeing * Math.min(1, inside / 0.5) };
  }
}

function pyramidOf({ luma, width, height }: PlanePicture): LumaPyramid {
  return lumaPyramid(luma, width, height, mostLevels);
}

/** The shape's pixels moved by `motion`: each pixel is looked up where it came from. */
function warpedMask(inside: Uint8Array, { width, height }: PlanePicture, motion: Homography): Uint8Array {
  const [a, b, c, d, e, f, g, h, i] = invert(motion);
  const moved = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const w = g * x + h * y + i;
      const u = Math.round((a * x + b * y + c) / w);
      const v = Math.round((d * x + e * y + f) / w);
      if (w > 0 && u >= 0 && v >= 0 && u < width && v < height) moved[y * width + x] = inside[v * width + u];
    }
  }
  return moved;
}
