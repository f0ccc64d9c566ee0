import { z } from 'zod';
import { editSettingsSchema } from './edit-options.ts';
import { maskShapeSchema } from './mask/index.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'an id of letters, digits, - and _');
const frame = z.int().nonnegative();

/** Frames [startFrame, endFrame) of a clip. */
export const frameRangeSchema = z
  .strictObject({ startFrame: frame, endFrame: frame })
  .refine((range) => range.startFrame < range.endFrame, 'startFrame must be before endFrame');
export type FrameRange = z.infer<typeof frameRangeSchema>;

/** A frame that an editor has marked, and what for. */
const markerSchema = z.strictObject({ frame, name: z.string().min(1).max(200) });
export type Marker = z.infer<typeof markerSchema>;
/** Of a clip: ascending, one a frame at most. */
export const clipMarkersSchema = z.array(markerSchema).max(2000).readonly();

/** What an edit covers: shapes in the clip's display pixels, painted in order. */
export const editMaskSchema = z.strictObject({
  shapes: z.array(maskShapeSchema).readonly(),
  /** Pixels by which the union grows (negative: shrinks), before it is inverted. */
  grow: z.int().min(-64).max(64).default(0),
  /** Covers the rectangle around all of it in each frame, grown, instead of its shape. Absent: the shape. */
  box: z.boolean().optional(),
  invert: z.boolean().default(false),
});
export type EditMask = z.infer<typeof editMaskSchema>;

/** How the hole of a result was filled. */
export const filledSchema = z.strictObject({
  /** Where background came from: the plate of the job. */
  plate: z.enum(['auto', 'off', 'only', 'file']),
  /** Share of the hole that the plate showed, 0…1. */
  share: z.number().min(0).max(1),
  /** What filled the rest; absent in results from before there was a choice: the network, with `only` a soft gradient. */
  fill: z.enum(['exemplar', 'network', 'smooth']).optional(),
  /** Share of the hole that a thing takes which was put before its background, 0…1; absent: none was. */
  thing: z.number().min(0).max(1).exactOptional(),
});
export type Filled = z.infer<typeof filledSchema>;

/** What a finished job left for an edit: a lossless clip of the source's frames. */
const editResult = <Place extends z.ZodType>(place: Place) =>
  z.strictObject({
    path: place,
    jobId: id,
    /** Of the frames that it holds; absent: all of the clip's. */
    range: frameRangeSchema.optional(),
    /** Of the mask, settings and range that made it; another fingerprint means that the edit has changed since. */
    fingerprint: z.string(),
    seconds: z.number(),
    estimateSeconds: z.number(),
    /** What of the hole was shown by what; absent in results from before this was kept. */
    filled: filledSchema.optional(),
  });

const edit = <Place extends z.ZodType>(place: Place) =>
  z.strictObject({
    id,
    /** As the editor has named it; empty: the window names it after what it does. */
    name: z.string().max(200),
    enabled: z.boolean(),
    /** Frames that it is run on; absent: the whole clip. */
    range: frameRangeSchema.optional(),
    mask: editMaskSchema,
    settings: editSettingsSchema.extend({ referencePath: place.optional(), platePath: place.optional() }),
    result: editResult(place).optional(),
  });

const clip = <Place extends z.ZodType>(place: Place) =>
  z.strictObject({
    id,
    path: place,
    name: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    frames: z.int().positive(),
    /** ffprobe's fraction, e.g. "30000/1001". */
    frameRate: z.string(),
    durationSec: z.number().positive(),
    /** In and out point, for playing and exporting; absent: the whole clip. */
    range: frameRangeSchema.optional(),
    /** Absent: none. */
    markers: clipMarkersSchema.optional(),
    edits: z.array(edit(place)).readonly(),
  });

/** The version of the project's file that this program writes; `project-file.ts` takes older ones to it. */
export const projectVersion = 4;

/** A project whose media are named as `place` says: by a path in the program, by two in a file. */
export const projectOf = <Place extends z.ZodType>(place: Place) =>
  z.strictObject({
    format: z.literal('hetcut-project'),
    version: z.literal(projectVersion),
    id,
    name: z.string().min(1).max(200),
    clips: z.array(clip(place)).readonly(),
  });

export const projectSchema = projectOf(z.string().min(1));
/** The document of a project: clips, and what is to be done to each. Results are files next to it. */
export type Project = z.infer<typeof projectSchema>;
export type Clip = Project['clips'][number];
export type Edit = Clip['edits'][number];
export type StoredResult = NonNullable<Edit['result']>;
