import type { ClipInfo, VideoFrame } from '../frames.ts';

/** Pixels from the upper left corner of the clip. */
export type Place = readonly [number, number];

/** What is said of an object in one frame. */
export type Prompt =
  /** [height, width] of the clip: its mask. */
  | { readonly kind: 'mask'; readonly mask: Uint8Array }
  /** Places on it and beside it, and a box around it; at least one place on it, or the box. */
  | {
      readonly kind: 'places';
      readonly add: readonly Place[];
      readonly remove: readonly Place[];
      readonly box?: { readonly from: Place; readonly to: Place };
    };

/** An object in one frame: [height, width] of the segmenter's masks, 255 and 0; `confidence` 0…1, 0: not seen. */
export interface Segmented {
  readonly mask: Uint8Array;
  readonly confidence: number;
}

/**
 * Finds an object in the frames of a clip. The built-in one and imported networks are used through this alone. `Encoded` is
 * what it makes of a frame, `Memory` what it knows of the object.
 */
export interface Segmenter<Encoded, Memory> {
  /** A frame made ready; the same for all objects. */
  encode(frame: VideoFrame): Promise<Encoded>;
  /** The object in a frame, as is said of it there, and a memory to follow it by. */
  prompt(encoded: Encoded, prompt: Prompt): Promise<Segmented & { readonly memory: Memory }>;
  /** The object in the frame that follows, in the direction in which it is followed; the memory learns from it. */
  propagate(encoded: Encoded, memory: Memory): Promise<Segmented>;
}

/** One whose ways are its own: what it encodes and remembers is handed back to it, and read by nobody else. */
export type AnySegmenter = Segmenter<unknown, unknown>;

/** An imported segmenter for a clip, with masks of a size. */
export type OpenSegmenter = (
  clip: ClipInfo,
  size: { readonly width: number; readonly height: number },
) => AnySegmenter;
