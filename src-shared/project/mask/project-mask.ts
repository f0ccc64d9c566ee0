import { z } from 'zod';
import { usageError } from '../../core/errors/index.ts';
import { checkMaskText, maskTextPattern } from '../../core/mask/index.ts';

/** Pixels from the top left corner; (0, 0) is the corner, (0.5, 0.5) the centre of the first pixel. */
const point = z.tuple([z.number(), z.number()]).readonly();
const frame = z.int().nonnegative();

const common = {
  /** `remove` paints white over what is below it in the list, `keep` black. */
  effect: z.enum(['remove', 'keep']).default('remove'),
  /** The shape is there in [startFrame, endFrame); absent: from the first frame, to the last. */
  startFrame: frame.optional(),
  endFrame: frame.optional(),
  name: z.string().optional(),
  /** In which it is shown, "#rrggbb"; the mask does not depend on it. */
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, 'a colour like "#e5484d"')
    .optional(),
  /** The shape is left out, as if it were not there. */
  off: z.literal(true).optional(),
  /** Something that stays: cut out of the finished mask, whatever the order, and grown over by nothing. Only with `keep`. */
  holdOut: z.literal(true).optional(),
};

/** How a shape goes from a keyframe to the next: slowly at first, at last, at both; or it stays until then. */
export const easings = ['in', 'out', 'smooth', 'hold'] as const;
/** Of every keyframe of a shape that moves; `easing` absent: straight on. */
const key = { frame, easing: z.enum(easings).optional() };

const boxKey = z.strictObject({ ...key, from: point, to: point });
const ellipseKey = z.strictObject({
  ...key,
  centre: point,
  radii: z.tuple([z.number().positive(), z.number().positive()]).readonly(),
  /** Clockwise. */
  angleDeg: z.number().default(0),
});
/** A round brush of `radius` pixels, drawn along the line through the points; one point is a dot. */
const strokeKey = z.strictObject({
  ...key,
  points: z.array(point).min(1).readonly(),
  radius: z.number().positive(),
});
const polygonKey = z.strictObject({
  ...key,
  points: z.array(point).min(3).readonly(),
  /**
   * For each point, from it to the two handles of a Bézier curve: that of the line that comes, and of the line that goes.
   * Null: a corner. Absent: all of them are.
   */
  handles: z
    .array(z.union([z.null(), z.tuple([point, point]).readonly()]))
    .readonly()
    .optional(),
});

/** A mask of the whole picture as `encodeMask` writes it; empty: the object is not in the picture. */
const maskText = z.string().regex(maskTextPattern, 'a mask as text');
/** A frame that the editor painted: its mask is kept exactly, whatever is tracked. */
const trackKey = z.strictObject({
  frame,
  mask: maskText,
  /** The frames around it were tracked before it was painted as it is now. */
  changed: z.literal(true).optional(),
});
/** A frame that was tracked. */
const trackedFrame = z.strictObject({
  frame,
  mask: maskText,
  /** 0…1: how sure the mask is; 0 where the object was not seen. */
  confidence: z.number().min(0).max(1),
});

export const maskShapeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('box'), ...common, keyframes: z.array(boxKey).min(1).readonly() }),
  z.strictObject({ kind: z.literal('ellipse'), ...common, keyframes: z.array(ellipseKey).min(1).readonly() }),
  z.strictObject({
    kind: z.literal('stroke'),
    ...common,
    /**
     * Share of the radius over which the stroke fades out: 0 a hard edge, 1 from its line on; see `strokeCoverage`.
     * Absent, not 0, where there is none: documents from before it stay what they were, to the byte.
     */
    softness: z.number().min(0).max(1).optional(),
    keyframes: z.array(strokeKey).min(1).readonly(),
  }),
  z.strictObject({ kind: z.literal('polygon'), ...common, keyframes: z.array(polygonKey).min(1).readonly() }),
  z.strictObject({
    kind: z.literal('track'),
    ...common,
    keyframes: z.array(trackKey).min(1).readonly(),
    /** Ascending; a frame that is neither here nor painted has no mask. */
    tracked: z.array(trackedFrame).readonly(),
  }),
]);

const projectMask = z.strictObject({
  format: z.literal('hetcut-mask'),
  version: z.literal(1),
  /**
   * Pixels by which the white of all shapes together grows, as by a disc: more takes more around what is painted,
   * below 0 takes less. Before `invert`. -64…64.
   */
  grow: z.int().min(-64).max(64).default(0),
  /**
   * All of the rectangle around what is white in a frame, grown, becomes white: it is replaced whole, and an outline
   * tells the model nothing. Before `invert`. Absent: false.
   */
  box: z.boolean().optional(),
  /** Black becomes white and white black, in every frame. */
  invert: z.boolean().default(false),
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  shapes: z.array(maskShapeSchema).readonly(),
});

/**
 * A mask drawn in the program: shapes whose keyframes are joined by straight lines. Before its first keyframe a shape
 * is as in the first, after the last as in the last. Only a tracked object has a mask of its own for each frame.
 */
export type ProjectMask = z.infer<typeof projectMask>;
export type MaskShape = ProjectMask['shapes'][number];
/** An object that was followed from the frames in which it was painted. */
export type TrackShape = Extract<MaskShape, { readonly kind: 'track' }>;
/** A shape that lies somewhere in each frame by its keyframes. */
export type PosedShape = Exclude<MaskShape, TrackShape>;
export type MaskPoint = readonly [number, number];
export type Easing = (typeof easings)[number];

const hint = 'The format is described in docs/mask-format.md.';

function checkAscending(keys: readonly { readonly frame: number }[], where: string): void {
  const frames = keys.map((key) => key.frame);
  if (frames.every((at, position) => position === 0 || at > frames[position - 1])) return;
  throw usageError('mask-project', `${where} must have ascending frames, not ${frames.join(', ')}.`, hint);
}

/** Each text is a mask of the picture's size. */
function checkTrack({ keyframes, tracked }: TrackShape, pixels: number, where: string): void {
  checkAscending(tracked, `${where}.tracked`);
  for (const { frame: at, mask } of [...keyframes, ...tracked]) {
    try {
      checkMaskText(mask, pixels);
    } catch {
      throw usageError(
        'mask-project',
        `${where}: the mask of frame ${at} is not of the picture’s size.`,
        hint,
      );
    }
  }
}

function checkKeyframes(mask: ProjectMask, source: string): void {
  for (const [index, shape] of mask.shapes.entries()) {
    const { kind, keyframes, holdOut, effect } = shape;
    const where = `shapes[${index}].keyframes`;
    if (holdOut === true && effect !== 'keep') {
      throw usageError(
        'mask-project',
        `${source}: shapes[${index}].holdOut goes with "effect": "keep" only.`,
        hint,
      );
    }
    checkAscending(keyframes, `${source}: ${where}`);
    if (kind === 'track') checkTrack(shape, mask.width * mask.height, `${source}: shapes[${index}]`);
    if (kind !== 'polygon' && kind !== 'stroke') continue;
    const counts = new Set(keyframes.map((key) => key.points.length));
    if (
      kind === 'polygon' &&
      keyframes.some(({ points, handles }) => (handles ?? points).length !== points.length)
    ) {
      throw usageError('mask-project', `${source}: ${where} must have as many handles as points.`, hint);
    }
    if (counts.size > 1) {
      throw usageError('mask-project', `${source}: ${where} must all have the same number of points.`, hint);
    }
  }
}

/** Checks a parsed document. `source` names it in the error `mask-project`, which says what field is wrong. */
export function parseProjectMask(document: unknown, source: string): ProjectMask {
  const parsed = projectMask.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue.path.reduce<string>(
      (path, part) =>
        typeof part === 'number' ? `${path}[${part}]` : `${path}${path === '' ? '' : '.'}${String(part)}`,
      '',
    );
    throw usageError(
      'mask-project',
      `${source} is not a project mask: ${field || 'document'}: ${issue.message}.`,
      hint,
    );
  }
  checkKeyframes(parsed.data, source);
  return parsed.data;
}
