import type { FrameRange } from '../../src-shared/project/index.ts';
import type { ExportFormat, ExportQuality } from '../../src-shared/core/export/index.ts';

/**
 * Pictures as the media layer hands them over: the source's own planes, in display space (rotation applied),
 * so that what is not edited stays bit for bit what the decoder gave.
 */
export interface PixelFormat {
  /** ffmpeg's name: one of yuv420p, yuv422p, yuv444p, and their 10-bit little-endian forms. */
  readonly name: string;
  readonly bitDepth: 8 | 10;
  /** log2 of the chroma subsampling, horizontally and vertically: 4:2:0 is (1, 1), 4:4:4 is (0, 0). */
  readonly chromaShiftX: 0 | 1;
  readonly chromaShiftY: 0 | 1;
}

/** How Y'CbCr numbers map to R'G'B'. `matrix` and `range` are always decided, never `unknown`. */
export interface ColourInfo {
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  readonly range: 'limited' | 'full';
  /** True where the file did not say and the usual rule was taken (SD: 601, HD: 709, limited range). */
  readonly assumed: boolean;
  /** The file's own tags, to be written again on export; absent ones are left absent. */
  readonly tags: {
    readonly space?: string;
    readonly primaries?: string;
    readonly transfer?: string;
    readonly range?: string;
    readonly chromaLocation?: string;
  };
}

/**
 * One picture. Planes are Y, Cb, Cr, tightly packed, row by row: Y [height, width],
 * Cb and Cr [ceil(height / 2^shiftY), ceil(width / 2^shiftX)]; Uint8Array for 8 bit, Uint16Array for 10 bit.
 */
export interface VideoFrame {
  /** Position in the clip, from 0, in presentation order. */
  readonly index: number;
  readonly planes: readonly [Plane, Plane, Plane];
  /**
   * [height, width] in the depth of the planes, 0 transparent, the highest number opaque; the planes are not multiplied
   * with it ("straight"). Only where it was asked for.
   */
  readonly alpha?: Plane;
}
export type Plane = Uint8Array | Uint16Array;

export interface AudioInfo {
  /** The stream's number in the file. */
  readonly index: number;
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  readonly startSec: number;
}

export interface ClipInfo {
  readonly path: string;
  readonly container: string;
  readonly codec: string;
  /** Display space: after rotation, before the sample aspect ratio. */
  readonly width: number;
  readonly height: number;
  /** Degrees clockwise that were applied. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Sample aspect ratio in display space, e.g. "1:1". */
  readonly sampleAspectRatio: string;
  readonly pixelFormat: PixelFormat;
  /** Pixel format of the file itself where it had to be converted on decode (RGB, alpha, 4:1:1, 12 bit …). */
  readonly sourcePixelFormat: string;
  /** The pictures have transparency, which frames carry where `openClip` is asked for it. */
  readonly alpha?: boolean;
  readonly colour: ColourInfo;
  /**
   * Presentation times in seconds as the file states them (not shifted to start at 0), one per frame, ascending;
   * their count is the clip's frame count. Each is a whole number of ticks of `timeBase`.
   */
  readonly ptsSec: Float64Array;
  /** Length of one tick of the video stream, seconds = num / den. */
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Earliest time of any stream in the file, seconds. */
  readonly startSec: number;
  /** Frames per second as ffprobe's fraction, e.g. "30000/1001"; the average rate for VFR clips. */
  readonly frameRate: string;
  readonly variableFrameRate: boolean;
  /** The timecode of the first frame, and the rate (as `frameRate`) by which it counts; absent: the file has none. */
  readonly timecode?: { readonly start: string; readonly frameRate: string };
  readonly audio: readonly AudioInfo[];
  /** From the first picture's start to the last picture's end. */
  readonly durationSec: number;
  /**
   * Where only a part of the file is meant: its times in the file, seconds. Sound outside is left out of an export,
   * whose clock starts at `startSec`. Absent: the whole file; either end absent: the file's own.
   */
  readonly excerpt?: { readonly startSec?: number; readonly endSec?: number };
  /** What the user should know: alpha dropped, HDR, damaged frames. */
  readonly warnings: readonly string[];
}

export interface FrameSource {
  readonly info: ClipInfo;
  /** Frames [startFrame, endFrame) in order. Stops decoding when the iteration ends or `signal` aborts. */
  frames(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncIterable<VideoFrame>;
  /**
   * Frames whose data is damaged, ascending: the last good picture is given in their place.
   * Known once the decoder has met the first of them; empty before.
   */
  damagedFrames(): readonly number[];
}

/** A mask track in the clip's display space; 255 = remove, 0 = keep, between them a soft edge. */
export interface MaskSource {
  readonly frameCount: number;
  /**
   * One mask [height, width] per frame of [startFrame, endFrame): coverage, 0…255. Of pictures and videos 0 or 255 only;
   * soft strokes of a project mask have what is between. Frames that follow each other with the same mask may be
   * given the same array: do not change it.
   */
  masks(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface FrameSink {
  /** The temporary file next to the target; whoever kills this process removes it. */
  readonly partialPath: string;
  /** What the user should know about the file: odd sizes stored as 4:4:4, sound that could not be kept. */
  readonly warnings: readonly string[];
  /** The frames that it wants to be given; the others are copied as the clip has them stored. */
  readonly wanted: readonly FrameRange[];
  /** How many frames are copied; where none could be, why. Absent: it was not asked to. */
  readonly copied?: { readonly frames: number; readonly reason?: string };
  /** Frames in the clip's order, those of `wanted`. The planes belong to the sink from here on: do not change them. */
  write(frame: VideoFrame): Promise<void>;
  /**
   * Finishes the file, checks it, and moves it into place. Throws HetcutError; then nothing is left behind. `smart-render`:
   * without copying it would have gone well.
   */
  close(): Promise<void>;
  /** Stops the encoder and removes the partial file. Safe to call at any time, also after close. */
  abort(): Promise<void>;
}

/** An encoder of the machine's hardware, by ffmpeg's name. */
export type HardwareEncoder = `${'h264' | 'hevc'}_${'nvenc' | 'videotoolbox' | 'qsv' | 'amf' | 'vaapi'}`;

export interface EncodeSettings {
  /**
   * `visually-lossless`: H.264 CRF 12, HEVC CRF 14, ProRes. `lossless`: H.264 QP 0 (or FFV1 in .mkv where no
   * format is named), HEVC lossless, PNG.
   */
  readonly quality: ExportQuality;
  /** Absent: what the ending of the path asks for, as the command line has it. */
  readonly format?: ExportFormat;
  /** In place of the format's own encoder; it must work here and take such pictures. */
  readonly hardware?: HardwareEncoder;
  /** The pictures are grey, their chroma neutral: PNG files are written with one channel. */
  readonly grey?: boolean;
  /** The frames carry transparency, to be written: ProRes 4444 and PNG only. */
  readonly alpha?: boolean;
  /** Sound is decoded to PCM instead of being copied; tracks that are PCM are copied all the same. */
  readonly sound?: 'pcm';
  /** Number of the first PNG file; the others count on. Absent: 0. */
  readonly firstNumber?: number;
  /** Every frame is encoded, also where the clip's stored pictures could be copied. */
  readonly reencode?: boolean;
}

/** What the edit job asks of the media layer. */
export interface Media {
  probe(path: string, signal?: AbortSignal): Promise<ClipInfo>;
  /** `alpha`: frames carry the clip's transparency, where it has any. */
  openClip(path: string, signal?: AbortSignal, wanted?: { readonly alpha?: boolean }): Promise<FrameSource>;
  /** Decodes the whole clip once and returns the numbers of its damaged frames, ascending. */
  findDamage(path: string, signal?: AbortSignal): Promise<readonly number[]>;
  /**
   * Opens a mask: a video, a PNG (held for the whole clip), a folder of PNGs, or a project mask JSON.
   * Checks its size and length against the clip.
   */
  openMask(path: string, clip: ClipInfo, signal?: AbortSignal): Promise<MaskSource>;
  /** A still picture as RGB bytes [height, width, 3]. */
  readPicture(path: string): Promise<{ width: number; height: number; rgb: Uint8Array }>;
  writePicture(path: string, picture: { width: number; height: number; rgb: Uint8Array }): Promise<void>;
  /**
   * Everything that can be known to go wrong with an export before the work is done: the place, the disk, the kind of
   * file, sound that it cannot hold. Call it first; `openSink` calls it again.
   */
  checkExport(path: string, clip: ClipInfo, settings: EncodeSettings): Promise<void>;
  /**
   * Opens an MP4/MOV/MKV for writing: same pts, colour tags, sample aspect ratio; all audio tracks copied. For PNG,
   * `path` is a folder that is not there yet or is empty. `changed`: whether a frame is another than the clip's file has it;
   * then groups of pictures without such a frame are copied where they can be (docs/export.md, "Smart rendering").
   */
  openSink(
    path: string,
    clip: ClipInfo,
    settings: EncodeSettings,
    signal?: AbortSignal,
    changed?: (frame: number) => boolean,
  ): Promise<FrameSink>;
  /** The last ffmpeg command lines, oldest first, for a support report. */
  recentCommands(): readonly string[];
}
