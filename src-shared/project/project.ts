import { z } from 'zod';
import { usageError } from '../core/errors/index.ts';
import { presets, type PresetName } from '../core/presets/index.ts';
import { maskShapeSchema } from './mask/index.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'an id of letters, digits, - and _');
const frame = z.int().nonnegative();

/** Frames [startFrame, endFrame) of a clip. */
export const frameRangeSchema = z
  .strictObject({ startFrame: frame, endFrame: frame })
  .refine((range) => range.startFrame < range.endFrame, 'startFrame must be before endFrame');
export type FrameRange = z.infer<typeof frameRangeSchema>;

/** What an edit covers: shapes in the clip's display pixels, painted in order. */
export const editMaskSchema = z.strictObject({
  shapes: z.array(maskShapeSchema).readonly(),
  /** Pixels by which the union grows (negative: shrinks), before it is inverted. */
  grow: z.int().min(-64).max(64).default(0),
  invert: z.boolean().default(false),
});
export type EditMask = z.infer<typeof editMaskSchema>;

/** How an edit is made; the names are those of the command line. */
export const editSettingsSchema = z.strictObject({
  kind: z.enum(['remove', 'edit']),
  prompt: z.string().max(4000),
  negativePrompt: z.string().max(4000),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  modelId: z.string().min(1),
  preset: z.enum(Object.keys(presets) as [PresetName, ...PresetName[]]),
  plate: z.enum(['auto', 'off', 'only']),
  /** Absent: the preset's. */
  steps: z.int().min(1).max(1000).optional(),
  /** Absent: HetCache. */
  method: z.string().optional(),
  /** Options over the preset's; what exists is checked where the method is known. */
  methodOptions: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
});
export type EditSettings = z.infer<typeof editSettingsSchema>;

/** What a finished job left for an edit: a lossless clip of the source's frames. */
const editResult = z.strictObject({
  path: z.string().min(1),
  jobId: id,
  /** Of the frames that it holds; absent: all of the clip's. */
  range: frameRangeSchema.optional(),
  /** Of the mask, settings and range that made it; another fingerprint means that the edit has changed since. */
  fingerprint: z.string(),
  seconds: z.number(),
  estimateSeconds: z.number(),
});
export type StoredResult = z.infer<typeof editResult>;

const edit = z.strictObject({
  id,
  name: z.string().max(200),
  enabled: z.boolean(),
  mask: editMaskSchema,
  settings: editSettingsSchema,
  result: editResult.optional(),
});
export type Edit = z.infer<typeof edit>;

const clip = z.strictObject({
  id,
  path: z.string().min(1),
  name: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  /** ffprobe's fraction, e.g. "30000/1001". */
  frameRate: z.string(),
  durationSec: z.number().positive(),
  /** In and out point; absent: the whole clip. */
  range: frameRangeSchema.optional(),
  edits: z.array(edit).readonly(),
});
export type Clip = z.infer<typeof clip>;

const project = z.strictObject({
  format: z.literal('hetcut-project'),
  version: z.literal(1),
  id,
  name: z.string().min(1).max(200),
  clips: z.array(clip).readonly(),
});
/** The document of a project: clips, and what is to be done to each. Results are files beside it. */
export type Project = z.infer<typeof project>;
export const projectSchema = project;

/**
 * Reads a project file's content.
 * @throws HetcutError naming the first field that is wrong, or a version newer than this program's
 */
export function parseProject(document: unknown, name: string): Project {
  const version = (document as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > 1) {
    throw usageError(
      'project-version',
      `${name} was saved by a newer HetCut (version ${version} of the project file; this one reads 1).`,
      'Update HetCut, or open an older backup of the project.',
    );
  }
  const parsed = project.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.join('.') || 'the document';
  throw usageError(
    'project-file',
    `${name}: ${field}: ${issue.message}.`,
    'Open a backup of the project, or correct the field.',
  );
}
