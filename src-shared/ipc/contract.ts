import { z } from 'zod';
import type { StepKind } from '../core/caches/index.ts';
import type { FillMeans, PixelSource } from '../core/fill/index.ts';
import type { FrameTokens, MemoryStage, ShownSeconds, TokenCounts } from '../core/estimate/index.ts';
import type { Rect } from '../core/plan/index.ts';
import type { Vocabulary } from '../core/words/index.ts';
import type { PresetName } from '../core/presets/index.ts';
import {
  editMaskSchema,
  editSettingsSchema,
  frameRangeSchema,
  programSettingsSchema,
  projectSchema,
  type ClipTimecode,
  type EditSettings,
  type Filled,
  type FrameRange,
  type ProgramSettings,
  type Project,
} from '../project/index.ts';
import { planeFreedoms } from '../core/plane/index.ts';
import type { FollowedPose, MaskShape, TrackedFrame, TrackRemark } from '../project/mask/index.ts';
import {
  exportFields,
  exportPlaceFields,
  type ExportChoices,
  type ExportPlan,
  type ExportRow,
} from './export.ts';

/** A request: how its input is checked, and what it answers with. */
export interface RequestShape<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly input: Input;
  /** Only its type is used; what the main process answers is trusted. */
  readonly output?: Output;
}

function request<Output>() {
  return <Input extends z.ZodType>(input: Input): RequestShape<Input, Output> => ({ input });
}

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
const path = z.string().min(1).max(4096);
/** What a dialog asks for; `saveProject` and `export` are places to write to. */
const fileKind = z.enum([
  'clip',
  'project',
  'saveProject',
  'model',
  'export',
  'exportFolder',
  'picture',
  'plate',
  'matte',
  'matteFolder',
  'gpuPackage',
  'program',
]);
export type FileKind = z.infer<typeof fileKind>;

/** Whose a job is, and what it is called. */
const jobOf = {
  projectId: id,
  projectName: z.string().max(200).optional(),
  clipId: id,
  editId: id,
  name: z.string().max(200),
};

export interface ModelRow {
  readonly id: string;
  readonly bytes: number;
  readonly precision?: string;
  /** False for models whose prompts do nothing. */
  readonly readsPrompts: boolean;
  /** What it puts there is one thing that stands in the scene, before what is behind it. */
  readonly stands?: true;
  /** Of one that reads a few words only. */
  readonly vocabulary?: Vocabulary;
  /** Whether schedules were found for it; absent where it has too few steps to leave any out. */
  readonly calibrated?: boolean;
  readonly problem?: string;
}

export interface AppInfo {
  readonly version: string;
  readonly platform: string;
  readonly models: readonly ModelRow[];
  readonly recentProjects: readonly RecentProject[];
  /** False in the browser: paths come from `files.list` there. */
  readonly nativeDialogs: boolean;
}

export interface RecentProject {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** Its file is no longer there. */
  readonly missing?: true;
  /** It was open when the program or its page ended without closing it. */
  readonly interrupted?: true;
  /** Another page has it open. */
  readonly openElsewhere?: true;
}

export interface OpenedProject {
  readonly project: Project;
  /** Where it is, and is saved. */
  readonly path: string;
  /** Of the file's content as it was read: whoever saves says on which one the changes are based. */
  readonly revision: string;
  /** The file was damaged: this is its newest good backup instead. */
  readonly damage?: { readonly message: string; readonly savedAt: number };
}

export interface SavedProject {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly revision: string;
}

/** An earlier version of a project. */
export interface ProjectBackup {
  /** Milliseconds since 1970; names it. */
  readonly savedAt: number;
  readonly clips: number;
  readonly edits: number;
}

/** A clip as the decoder sees it, in display space. */
export interface OpenedClip {
  /** Names the clip in media addresses: see `framePath`. Valid while the program runs. */
  readonly mediaId: string;
  readonly path: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly frameRate: string;
  readonly durationSec: number;
  /** Presentation time of each frame in seconds, from the first frame's. */
  readonly ptsSec: readonly number[];
  readonly hasAudio: boolean;
  /** The file's own, of the first frame; absent: it has none. */
  readonly timecode?: ClipTimecode;
  readonly codec: string;
  readonly warnings: readonly string[];
}

/** `removal`: what other frames show is taken for background. `words`: the included model puts something there. */
export const sampleNames = ['removal', 'words'] as const;
export type SampleName = (typeof sampleNames)[number];

/** What a sample begins with: its clip, and what its edit has other than a new one. */
export interface SampleStart {
  readonly media: OpenedClip;
  readonly shapes: readonly MaskShape[];
  readonly settings: Partial<EditSettings>;
}

export interface FolderListing {
  readonly folder: string;
  readonly parent: string | null;
  readonly entries: readonly { readonly name: string; readonly path: string; readonly isFolder: boolean }[];
}

/** Where HetCache's network calls go. */
export interface ScheduleFound {
  /** `few-steps`: all are computed. `even`, `drift`: the model is not calibrated for this run, as `missing` says. */
  readonly source: 'calibrated' | 'even' | 'few-steps' | 'drift';
  /** Expected error of the result, in units of the model's latents: the δ that gives it. */
  readonly error?: number;
  readonly beyondCurve?: 'above' | 'below';
  readonly missing?: 'never' | 'other-conditions' | 'damaged' | 'newer' | 'other-model';
  /** Seconds of calibrating the model for this edit, where it is not. */
  readonly calibrateSec?: number;
  /** The presets that differ, from the slowest. */
  readonly presets: readonly PresetName[];
  /** Of a calibrated schedule: the δ of every schedule from the slowest preset to the fastest, and which are a preset's. */
  readonly stops?: readonly { readonly delta: number; readonly pace?: PresetName }[];
  /** Of a calibrated schedule that may have them: steps of a window on the hole alone, what they keep, or why there are none. */
  readonly partial?: {
    readonly steps: number;
    readonly keptMb: number;
    readonly missing?: 'graph' | 'memory' | 'hole' | 'calibration' | 'calls';
  };
}

export interface JobEstimate {
  readonly seconds: number;
  readonly stages: Omit<ShownSeconds, 'total'>;
  readonly calls: Readonly<Record<StepKind, number>>;
  /** The most of the machine's memory where the CPU computes, MiB. */
  readonly memoryMb: number;
  /** The same of a graphics card where one computes, and both for each stage that opens a part of the model. */
  readonly memory: {
    readonly cardMb: number;
    readonly stages: Readonly<Record<MemoryStage, { readonly ramMb: number; readonly cardMb: number }>>;
  };
  readonly windows: number;
  readonly fill: FillMeans;
  readonly steps: readonly StepKind[];
  /** Where the network calls go, and why; absent for other methods than HetCache, and where nothing is generated. */
  readonly schedule?: ScheduleFound;
  /** Of what was asked: a result of the same fingerprint is what the edit would give now. */
  readonly fingerprint: string;
}

/** A still picture as it is shown in a panel. */
export interface PicturePreview {
  readonly width: number;
  readonly height: number;
  /** Small: RGB bytes from the top left, row by row, as base64. */
  readonly small: { readonly width: number; readonly height: number; readonly rgb: string };
}

/** What a job was asked for in words. */
export interface PromptRow {
  readonly prompt: string;
  readonly negativePrompt: string;
}

/** How the network is expected to divide one frame of the clip. */
export interface TokenGrid extends FrameTokens {
  /** The part of the clip's picture that the grid divides evenly, in pixels; it may reach beyond the picture. */
  readonly crop: Rect;
  /** In all of the frames that are generated together with this one. */
  readonly counts: TokenCounts;
}

/** Where the filled pixels of one frame of a result come from. */
export interface SourceMap {
  /** The part of the clip's picture that the map covers, in pixels. */
  readonly rect: Rect;
  /** The map's own size, smaller than `rect` where that is large. */
  readonly width: number;
  readonly height: number;
  /** One byte each from the top left, row by row, as base64: a grey of `pixelSources`, 0 where nothing was filled. */
  readonly greys: string;
  /** Pixels of the frame by their source. */
  readonly counts: Readonly<Record<PixelSource, number>>;
}

/** What a job does: as the stages of the command line. */
export type JobStage = 'probe' | 'plate' | 'text' | 'encode' | 'sample' | 'decode' | 'export' | 'check';

/** A paused job keeps its place in the queue and its checkpoint; others overtake it. */
export type JobState = 'waiting' | 'paused' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobRow {
  readonly id: string;
  readonly projectId: string;
  readonly clipId: string;
  readonly editId: string;
  /** Of its clip and edit, as they were called when it was started. */
  readonly name: string;
  /** Absent of jobs from before this was kept. */
  readonly projectName?: string;
  readonly state: JobState;
  /** What is being done, while it runs. */
  readonly progress?: {
    readonly stage: JobStage;
    /** 0…1 within the stage. */
    readonly share: number;
    /** Units that are done of the stage, and how many there are; absent where they are not worth counting. */
    readonly counted?: { readonly step: number; readonly steps: number };
    /** Which window of the plan, from 1, of several. */
    readonly window?: { readonly number: number; readonly count: number };
    /** What the job has just said of itself, in place of what it does. */
    readonly note?: string;
    /** Seconds until the job is expected to end. */
    readonly etaSec?: number;
  };
  readonly failure?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly result?: {
    readonly path: string;
    /** Frames of the clip that it holds; absent: all. */
    readonly range?: FrameRange;
    readonly fingerprint: string;
    readonly seconds: number;
    readonly estimateSeconds: number;
    readonly calls: Readonly<Record<StepKind, number>>;
    readonly flopsSaved: number;
    /** Absent of jobs from before this was kept. */
    readonly filled?: Filled;
    readonly warnings: readonly string[];
  };
  /** Milliseconds since 1970. */
  /** Of a job that compares the edit with its uncached run on a few frames, and makes no result. */
  readonly check?: {
    /** Of the clip: around it frames are compared. */
    readonly frame: number;
    /** Of the edit that is checked, as of an estimate. */
    readonly fingerprint: string;
    /** Once it is done. */
    readonly found?: CheckFound;
  };
  readonly createdAt: number;
  /** When it was done, failed or cancelled; absent before. */
  readonly endedAt?: number;
}

/**
 * How far an edit is from its uncached run, with the same steps, noise and clean plate. PSNRs in dB; null: nothing
 * differs.
 */
export interface CheckFound {
  readonly range: FrameRange;
  /** Frame of the clip that the pictures show. */
  readonly frame: number;
  /** Of both runs. */
  readonly steps: number;
  readonly calls: Readonly<Record<StepKind, number>>;
  /** In what is generated: the mask without what the plate shows. */
  readonly maskPsnr: number | null;
  /** At the boundary of that; absent where it leaves none. */
  readonly marginPsnr?: number | null;
  /** Seconds of sampling as asked, and uncached. */
  readonly seconds: number;
  readonly fullSeconds: number;
  /** Of the pictures. */
  readonly width: number;
  readonly height: number;
}

/** The pictures of a check: RGB bytes from the top left, row by row, as base64. */
export interface CheckPictures {
  readonly width: number;
  readonly height: number;
  readonly cached: string;
  readonly full: string;
}

/** A glance at the picture that a job is generating, at most two a second. */
export interface JobPreview {
  readonly jobId: string;
  readonly width: number;
  readonly height: number;
  /** RGB bytes from the top left, row by row, as base64. */
  readonly rgb: string;
  /** Frame of the clip that it shows. */
  readonly frame: number;
  /** The part of the clip's picture that it shows, in pixels; may reach beyond the picture. */
  readonly crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** What the program looks at on its machine; execution providers go by their own names. */
export type DoctorPart =
  | 'processor'
  | 'memory'
  | 'home'
  | 'card'
  | 'cuda'
  | 'webgpu'
  | 'dml'
  | 'cpu'
  | 'ffmpeg'
  | 'ffprobe'
  | 'encoders'
  | 'models'
  | 'problem';

/** What the window has words for. */
export type DoctorWords = 'memory' | 'disk' | 'usable' | 'no-card' | 'not-here' | 'software' | 'no-models';

export interface DoctorFinding {
  readonly part: DoctorPart;
  /** `unused`: not there, which is no fault of this machine. */
  readonly state: 'ok' | 'unused' | 'wrong';
  /** All that is known, in English; what the window copies, and shows where it has no words of its own. */
  readonly text: string;
  /** The same for the window to say in its language. */
  readonly say?: { readonly code: DoctorWords; readonly values: Readonly<Record<string, string>> };
  /** Why a graphics card is not used, for the window to say in its language. */
  readonly gpu?: { readonly code: GpuProblemCode; readonly values: Readonly<Record<string, string>> };
}

/** Why a graphics card that is there is not used. */
export type GpuProblemCode =
  | 'driver-missing'
  | 'driver-broken'
  | 'driver-old'
  | 'card-old'
  | 'platform'
  | 'provider-missing'
  | 'provider-other-version'
  | 'provider-damaged'
  | 'libraries-missing'
  | 'library-unusable'
  | 'provider-crashes'
  | 'provider-refused';

/** Single files of a models folder that can be used, as paths. */
export interface ComfyListing {
  readonly root: string;
  readonly transformers: readonly string[];
  readonly vaes: readonly string[];
  readonly textEncoders: readonly string[];
  readonly loras: readonly string[];
}

/** A model that can be downloaded. */
export interface CatalogueModel {
  readonly id: string;
  readonly repository: string;
  readonly licence: string;
  /** About what is downloaded, and what an import in half precision takes. */
  readonly bytes: number;
  /** Of the network alone, in half precision: the least memory that a card needs for it. */
  readonly networkBytes: number;
}

/** What was selected in a frame. */
export interface SelectedMask {
  /** Text of `encodeMask`, of the clip's size; empty where nothing was found. */
  readonly mask: string;
  /** Whether a smaller object, and a larger one, may be meant. */
  readonly smaller: boolean;
  readonly larger: boolean;
}

/** In the clip's pixels, from the upper left corner. */
const place = z.tuple([z.number(), z.number()]).readonly();

/** How a tracking ended. */
export interface TrackEnd {
  /** The editor stopped it. */
  readonly stopped: boolean;
  /** One for each frame that was tracked, also where it was stopped; ascending. */
  readonly frames: readonly TrackedFrame[];
  readonly remarks: readonly TrackRemark[];
}

/** How the following of a shape ended; as `TrackEnd`. */
export interface FollowEnd extends Omit<TrackEnd, 'frames'> {
  readonly frames: readonly FollowedPose[];
}

/** What an edit's result depends on, but for the clip. */
const namedInput = {
  mask: editMaskSchema,
  settings: editSettingsSchema,
  /** Absent: the whole clip. */
  range: frameRangeSchema.optional(),
};

/** The editor was shown what the failure `licence-not-accepted` says, and accepts it. */
const acceptLicence = z.boolean().optional();

/** How a text encoder's weights can be stored, the largest first. */
export const textPrecisions = ['fp32', 'fp16', 'int8', 'int4'] as const;

const editInput = { clipPath: path, ...namedInput };

/** What computes, and how much of its memory is in use. */
export interface DeviceState {
  readonly provider: 'cuda' | 'webgpu' | 'dml' | 'cpu';
  readonly device: string;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** A graphics card that is there while the CPU computes. */
  readonly unusedCard?: string;
}

export interface SettingsState {
  readonly settings: ProgramSettings;
  /** Settings that a variable of the environment decides, and its name. */
  readonly fixed: Readonly<Partial<Record<'device' | 'memoryGb' | 'ffmpegPath', string>>>;
  /** Ids of the imported segmenters. */
  readonly segmenters: readonly string[];
}

/** Bytes of what the program keeps to be quicker, and could make again. */
export interface KeptData {
  /** Of jobs that have not ended. */
  readonly checkpoints: number;
  /** How much other frames show of a clip. */
  readonly plates: number;
  /** Encoded prompts. */
  readonly text: number;
}
export interface StorageState {
  readonly folder: string;
  readonly parts: KeptData;
}

/** Every request of the renderer to the main process. */
export const requests = {
  'app.info': request<AppInfo>()(nothing),
  /** The language of the window, for what the system draws: menu, dialogs, notifications. */
  'app.language': request<null>()(z.strictObject({ language: z.enum(['en', 'de']) })),
  'settings.read': request<SettingsState>()(nothing),
  'settings.write': request<SettingsState>()(z.strictObject({ settings: programSettingsSchema })),
  /** Takes in the folder of a segmenter; its graphs are opened where they are first used. */
  'segmenters.import': request<SettingsState>()(z.strictObject({ path, id })),
  'segmenters.remove': request<SettingsState>()(z.strictObject({ id })),
  'storage.read': request<StorageState>()(nothing),
  /** Deletes what could be made again; a paused job then begins anew. */
  'storage.clear': request<StorageState>()(nothing),
  'app.doctor': request<readonly DoctorFinding[]>()(nothing),
  'app.device': request<DeviceState>()(nothing),
  /** Adds the CUDA provider: of the file or folder `path`, else downloaded; `gpu.progress` tells how far it is. */
  'gpu.install': request<null>()(z.strictObject({ path: path.optional() })),
  'gpu.stop': request<null>()(nothing),
  'gpu.remove': request<null>()(nothing),
  /** A native dialog; null where it was closed. */
  'files.choose': request<string | null>()(
    z.strictObject({
      kind: fileKind,
      suggestedName: z.string().max(255).optional(),
    }),
  ),
  /** Folders and files of the machine that runs the program; absent: where one starts to look. */
  'files.list': request<FolderListing>()(z.strictObject({ folder: path.optional(), kind: fileKind })),
  'files.show': request<null>()(z.strictObject({ path })),
  /** A still picture, small. Fails with `not-a-picture` where the file is something else. */
  'files.picture': request<PicturePreview>()(z.strictObject({ path })),
  'project.open': request<OpenedProject>()(z.strictObject({ path })),
  /**
   * Saves at `path`, by default among the program's own projects. With `basedOn` it fails (`project-conflict`) where
   * the file has become another since that revision; without, it replaces what is there.
   */
  'project.save': request<SavedProject>()(
    z.strictObject({
      project: projectSchema,
      path: path.optional(),
      basedOn: z.string().min(1).max(64).optional(),
    }),
  ),
  /** Keeps a document that will not be saved as an earlier version of the project at `path`. */
  'project.keepVersion': request<null>()(z.strictObject({ project: projectSchema, path })),
  /** The project is closed properly: it is not offered again. */
  'project.close': request<null>()(nothing),
  /** Takes a project off the list of recent ones; its file, where there is one, stays. */
  'project.forget': request<null>()(z.strictObject({ path })),
  /** Newest first. */
  'project.backups': request<readonly ProjectBackup[]>()(z.strictObject({ path })),
  /** Puts an earlier version in the project's place; the version that was there becomes a backup. */
  'project.restore': request<OpenedProject>()(z.strictObject({ path, savedAt: z.int().nonnegative() })),
  'clip.open': request<OpenedClip>()(z.strictObject({ path })),
  /** Looks for a clip that has moved, by its name, in the folder of the file `near`; null where it is not there. */
  'clip.find': request<string | null>()(z.strictObject({ path, near: path })),
  /** A bundled clip with an edit that only has to be run, for a first try. */
  'clip.sample': request<SampleStart>()(z.strictObject({ name: z.enum(sampleNames) })),
  'edit.estimate': request<JobEstimate>()(z.strictObject(editInput)),
  /** What an edit is called as it is: see `JobEstimate.fingerprint`. */
  'edit.fingerprint': request<Pick<JobEstimate, 'fingerprint'>>()(z.strictObject(namedInput)),
  /** The tokens of one frame; null where nothing of it is generated. Fails with `superseded` as an estimate does. */
  'edit.partition': request<TokenGrid | null>()(
    z.strictObject({ ...editInput, frame: z.int().nonnegative() }),
  ),
  /**
   * Follows an object from the frames in which it was painted; an empty mask: it is not in the picture there. Only the
   * stretches `only` are tracked. `track.progress` tells how far it is, with each mask as soon as it is known.
   */
  'track.start': request<TrackEnd>()(
    z.strictObject({
      trackId: id,
      clipPath: path,
      range: frameRangeSchema.optional(),
      keys: z
        .array(z.strictObject({ frame: z.int().nonnegative(), mask: z.string() }))
        .min(1)
        .readonly(),
      only: z.array(frameRangeSchema).min(1).readonly(),
    }),
  ),
  /**
   * Follows a shape as a plane from the frame in which `inside`, a mask, is what lies in it; `track.progress` tells how far it is,
   * with each place as soon as it is known, and `track.stop` ends it.
   */
  'track.follow': request<FollowEnd>()(
    z.strictObject({
      trackId: id,
      clipPath: path,
      range: frameRangeSchema.optional(),
      at: z.strictObject({ frame: z.int().nonnegative(), inside: z.string().min(1) }),
      freedom: z.enum(planeFreedoms),
      direction: z.enum(['backward', 'both', 'forward']),
    }),
  ),
  /**
   * Finds the shadow of an object in the frames in which it has a mask; `track.progress` tells how far it is, and
   * `track.stop` ends it.
   */
  'track.shadow': request<TrackEnd>()(
    z.strictObject({
      trackId: id,
      clipPath: path,
      range: frameRangeSchema.optional(),
      masks: z
        .array(z.strictObject({ frame: z.int().nonnegative(), mask: z.string() }))
        .min(1)
        .readonly(),
    }),
  ),
  /** Ends a tracking; `track.start` answers with what is done. */
  'track.stop': request<null>()(z.strictObject({ trackId: id })),
  /**
   * The object at the clicks in one frame, as a mask in text; empty where nothing is found. Without clicks and box the
   * frame is only made ready. `size`: so many objects larger than the likeliest, or smaller.
   */
  'select.object': request<SelectedMask>()(
    z.strictObject({
      clipPath: path,
      frame: z.int().nonnegative(),
      range: frameRangeSchema.optional(),
      add: z.array(place).readonly(),
      remove: z.array(place).readonly(),
      box: z.strictObject({ from: place, to: place }).optional(),
      size: z.int().optional(),
      reachPx: z.int().min(0).max(64),
    }),
  ),
  /** A matte for a clip, from a video, a picture, a folder of PNGs or a clip's transparency: one text a frame. */
  'matte.read': request<{ readonly masks: readonly string[] }>()(z.strictObject({ clipPath: path, path })),
  /** The prompts that jobs were last started with, newest first. */
  'prompts.recent': request<readonly PromptRow[]>()(nothing),
  'jobs.list': request<readonly JobRow[]>()(nothing),
  'jobs.add': request<JobRow>()(z.strictObject({ ...jobOf, ...editInput })),
  /** Puts a check into the queue: the edit against its uncached run, on the few frames around one. */
  'edit.check': request<JobRow>()(
    z.strictObject({
      ...jobOf,
      frame: z.int().nonnegative(),
      ...editInput,
    }),
  ),
  /** What a check that is done has generated, as asked and uncached. */
  'jobs.checkPictures': request<CheckPictures>()(z.strictObject({ jobId: id })),
  'jobs.cancel': request<null>()(z.strictObject({ jobId: id })),
  /** Stops a job that runs at the next network call, and passes over one that waits, until `jobs.resume`. */
  'jobs.pause': request<null>()(z.strictObject({ jobId: id })),
  'jobs.resume': request<null>()(z.strictObject({ jobId: id })),
  /** Puts a job that waits or is paused before another such job; null: behind all of them. */
  'jobs.move': request<null>()(z.strictObject({ jobId: id, before: id.nullable() })),
  /** What happened to a job: stages with their times, notes, what was run, what was wrong. */
  'jobs.log': request<string>()(z.strictObject({ jobId: id })),
  /** `cpuFallback`: from now on the CPU does what the graphics card cannot. */
  'jobs.retry': request<null>()(z.strictObject({ jobId: id, cpuFallback: z.boolean().optional() })),
  'jobs.remove': request<null>()(z.strictObject({ jobId: id })),
  /** Writes what a job made as a file of the editor's, with the source's sound. */
  'result.export': request<{ readonly path: string; readonly frames: number }>()(
    z.strictObject({ jobId: id, path }),
  ),
  /** Of the result at `path`, by its own frames; null where none was kept, as of results of earlier versions. */
  'result.sources': request<SourceMap | null>()(z.strictObject({ path, frame: z.int().nonnegative() })),
  /** Formats and encoders; the first time, hardware encoders are tried. */
  'export.formats': request<ExportChoices>()(nothing),
  /** Everything that can be known to go wrong; without a path, all but the place. */
  'export.check': request<ExportPlan>()(z.strictObject({ ...exportFields, ...exportPlaceFields })),
  /** Checks, then writes in the background, one export after the other; see `exports.changed`. */
  'export.start': request<ExportRow>()(z.strictObject({ ...exportFields, ...exportPlaceFields })),
  /** Stops an export and waits for its end; nothing of it is left. */
  'export.cancel': request<null>()(z.strictObject({ exportId: id })),
  'export.list': request<readonly ExportRow[]>()(nothing),
  /** What of a models folder of ComfyUI can be used, as paths; null: the folder is none. */
  'models.inspect': request<ComfyListing | null>()(z.strictObject({ path })),
  /**
   * `path`: a folder in the diffusers layout or the models folder of ComfyUI, of which `files` are taken.
   * `models.progress` tells how far it is.
   */
  'models.import': request<ModelRow>()(
    z.strictObject({
      path,
      modelId: id,
      precision: z.enum(['fp32', 'fp16']).optional(),
      files: z.strictObject({ transformer: path, vae: path, textEncoder: path.exactOptional() }).optional(),
      /** Of the text encoder; absent: int8 beside fp16, else fp32. */
      textPrecision: z.enum(textPrecisions).exactOptional(),
      /** Merged into the network's weights, in their order. */
      loras: z
        .array(z.strictObject({ path, strength: z.number().min(-4).max(4) }))
        .max(16)
        .optional(),
      /** In place of the model's own, such as a few-step LoRA asks for. */
      steps: z.int().min(1).max(1000).exactOptional(),
      guidanceScale: z.number().min(1).max(100).exactOptional(),
      acceptLicence,
    }),
  ),
  /** The models that can be downloaded by their names. */
  'models.catalogue': request<readonly CatalogueModel[]>()(nothing),
  /** Downloads and imports one of them; `models.progress` and `models.stop` as of an import. What broke off is continued. */
  'models.get': request<ModelRow>()(
    z.strictObject({ modelId: id, precision: z.enum(['fp32', 'fp16']).optional(), acceptLicence }),
  ),
  /**
   * Finds the model's schedules from uncached runs: of the edit's clip under its steps and guidance, or of a bundled clip under
   * the model's own. `models.progress` and `models.stop` as of an import.
   */
  'models.calibrate': request<ModelRow>()(
    z.strictObject({ modelId: id, edit: z.strictObject(editInput).exactOptional() }),
  ),
  'models.verify': request<{ readonly ok: true }>()(z.strictObject({ modelId: id })),
  /** Stops the import or the check of a model; what was imported so far is removed. */
  'models.stop': request<null>()(z.strictObject({ modelId: id })),
  /** Room on the disk that holds the models. */
  'models.space': request<{ readonly folder: string; readonly freeBytes: number }>()(nothing),
  'models.remove': request<null>()(z.strictObject({ modelId: id })),
} as const satisfies Record<string, RequestShape>;

export type RequestName = keyof typeof requests;
export type RequestInput<Name extends RequestName> = z.input<(typeof requests)[Name]['input']>;
export type CheckedInput<Name extends RequestName> = z.output<(typeof requests)[Name]['input']>;
export type RequestOutput<Name extends RequestName> =
  NonNullable<(typeof requests)[Name]['output']> extends never
    ? null
    : Exclude<(typeof requests)[Name]['output'], undefined>;

/** What an editor can choose in the native menu; the page does it. */
export type MenuCommand =
  | 'project.new'
  | 'project.open'
  | 'project.save'
  | 'project.saveAs'
  | 'project.restore'
  | 'clip.open'
  | `sample.${SampleName}`
  | 'result.export'
  | 'edit.undo'
  | 'edit.redo'
  | 'edit.run'
  | 'app.models'
  | 'app.settings'
  | 'app.shortcuts'
  | 'app.doctor';

/** What the main process tells the renderer by itself. */
export interface Events {
  /** `path`, of `project.open` and `clip.open` alone: what was chosen; absent: the page asks. */
  'menu.chosen': { readonly command: MenuCommand; readonly path?: string };
  'jobs.changed': readonly JobRow[];
  /** Exports since the program started, the oldest first. */
  'exports.changed': readonly ExportRow[];
  'jobs.preview': JobPreview;
  'models.changed': readonly ModelRow[];
  /**
   * `share`: 0…1. `frames`: what was tracked since the last one; a later mask of a frame takes the place of an earlier.
   * `poses`: where a shape that is followed was found since then.
   */
  'track.progress': {
    readonly trackId: string;
    readonly share: number;
    readonly frames: readonly TrackedFrame[];
    readonly poses?: readonly FollowedPose[];
  };
  /** Of an import or a check that runs. `share`: 0…1. */
  'models.progress': { readonly modelId: string; readonly share: number; readonly text: string };
  /** Of the installation of a provider. `share`: 0…1. */
  'gpu.progress': { readonly share: number; readonly text: string };
  /** The window is about to close: the page saves and then says `project.close`. */
  'app.closing': Readonly<Record<string, never>>;
}
export type EventName = keyof Events;

/** A failure as it crosses the border. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type Reply<Output> =
  { readonly ok: true; readonly value: Output } | ({ readonly ok: false } & Failure);

/** One way to carry requests and events; Electron's IPC and a WebSocket both are one. */
export interface Carrier {
  call(name: string, input: unknown): Promise<Reply<unknown>>;
  onEvent(listener: (name: string, value: unknown) => void): void;
}

/**
 * Path of one picture of an opened clip as JPEG, at most `maxHeight` pixels high. `span`: any of so many frames from
 * `frame` on will do, and the one that is decoded soonest is given.
 */
export function framePath(mediaId: string, frame: number, maxHeight: number, span = 1): string {
  return `/media/${mediaId}/frame/${frame}.jpg?h=${maxHeight}${span === 1 ? '' : `&span=${span}`}`;
}

/** Path of an opened clip's loudness, as JSON `{pointsPerSec, min, max}`, each −128…127. */
export function peaksPath(mediaId: string): string {
  return `/media/${mediaId}/peaks.json`;
}

/** Path of an opened clip's sound, for playing. */
export function audioPath(mediaId: string): string {
  return `/media/${mediaId}/audio`;
}
