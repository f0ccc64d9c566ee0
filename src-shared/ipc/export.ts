import { z } from 'zod';
import {
  exportFormatNames,
  exportQualities,
  exportSounds,
  type ExportFormat,
  type ExportQuality,
} from '../core/export/index.ts';
import {
  clipMarkersSchema,
  editMaskSchema,
  editSettingsSchema,
  frameRangeSchema,
  type Edit,
} from '../project/index.ts';

const path = z.string().min(1).max(4096);

/** An edit as it is exported. */
const exportLayerSchema = z.strictObject({
  mask: editMaskSchema,
  /** As in the edit's settings. */
  feather: editSettingsSchema.shape.feather,
  result: z.strictObject({ path, range: frameRangeSchema.optional() }).optional(),
});
export type ExportLayer = z.input<typeof exportLayerSchema>;

/** Edits as they are asked for, from the lowest to the topmost. */
export function layersOf(edits: readonly Edit[]): ExportLayer[] {
  return edits.map(({ mask, settings: { feather }, result }) => ({
    mask,
    ...(feather === undefined ? {} : { feather }),
    ...(result === undefined
      ? {}
      : {
          result: { path: result.path, ...(result.range === undefined ? {} : { range: result.range }) },
        }),
  }));
}

/** Where an export goes to: a file, or a name in a folder, to which the ending is added that the sound wants. */
export const exportPlaceFields = {
  path: path.optional(),
  into: z
    .strictObject({
      folder: path,
      name: z.string().regex(/^[^/\\:*?"<>|\p{Cc}]{1,200}$/u, 'a file name'),
    })
    .optional(),
};

export const exportFields = {
  clipPath: path,
  /**
   * `picture`: the clip with the results of its edits; `matte`: their masks as a grey clip; `patch`: the results,
   * transparent where nothing is edited, to be laid over the clip.
   */
  what: z.enum(['picture', 'matte', 'patch']),
  /** Edits from the lowest to the topmost. Of a picture or a patch, those without a result do not show. */
  layers: z.array(exportLayerSchema).min(1).max(64),
  /** Of a matte: as painted, or with the soft edge with which a result is blended in. */
  edge: z.enum(['painted', 'blended']),
  /** Absent: the whole clip. */
  range: frameRangeSchema.optional(),
  format: z.enum(exportFormatNames),
  quality: z.enum(exportQualities),
  /** `hardware`: where one works and takes such pictures, else software, and the plan says why. */
  encoder: z.enum(['software', 'hardware']),
  /** The clip's sound is copied, decoded to PCM (which .mov and .mkv hold), or left out. */
  sound: z.enum(exportSounds),
  /** Every frame is encoded; else groups of pictures that no edit changes are copied where they can be. */
  reencode: z.boolean().optional(),
  /** Of the clip; they go into the lists beside a patch. */
  markers: clipMarkersSchema.optional(),
};

/** What an export can be: one row for each format, and which hardware encoders work here. */
export interface ExportChoices {
  readonly formats: readonly {
    readonly id: ExportFormat;
    /** Endings of the file's name, the usual one first; none: a folder of pictures. */
    readonly endings: readonly string[];
    readonly qualities: readonly ExportQuality[];
    /** The hardware encoder that would be used; absent: none works. */
    readonly hardware?: string;
    readonly sound: boolean;
    /** Can hold transparency. */
    readonly alpha: boolean;
  }[];
}

/** What an export is going to be, before it is started. */
export interface ExportPlan {
  readonly frames: number;
  /** Where to; absent where no place is chosen yet. */
  readonly path?: string;
  /** About so many bytes. */
  readonly bytes: number;
  /** Of the disk; absent where no place is chosen yet. */
  readonly freeBytes?: number;
  /** A file of that name is there and is going to be replaced. */
  readonly replaces: boolean;
  /** ffmpeg's name of the encoder. */
  readonly encoder: string;
  /** The ending of the file's name that holds the clip's sound; empty: a folder. */
  readonly ending: string;
  /** Codecs of the sound tracks that are copied. */
  readonly sound: readonly string[];
  /** The clip has sound, and the export has not. */
  readonly leavesSound: boolean;
  /** What the editor should know, in sentences. */
  readonly notes: readonly string[];
}

export interface ExportRow {
  readonly id: string;
  readonly path: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly frames: number;
  /** Frames that are written. */
  readonly done: number;
  readonly etaSec?: number;
  readonly failure?: { readonly code: string; readonly message: string; readonly hint: string };
  /** What is at the path, probed. */
  readonly written?: {
    readonly codec: string;
    readonly pixelFormat: string;
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    /** Frames that are copied as the clip has them stored, and that were encoded. */
    readonly copied: number;
    readonly encoded: number;
    /** Why none is copied, where that was asked for. */
    readonly reason?: string;
    readonly durationSec: number;
    /** Codecs of its sound tracks. */
    readonly sound: readonly string[];
    readonly bytes: number;
    readonly seconds: number;
    readonly warnings: readonly string[];
  };
}
