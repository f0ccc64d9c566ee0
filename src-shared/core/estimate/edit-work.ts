import type { Precision, TextPrecision } from '../graph/index.ts';
import type { StageMemory, WeightBytes } from './part-memory.ts';
import type { PlannedStep } from './planned-step.ts';

/** One window, as far as its time and memory depend on it. */
export interface WindowWork {
  /** Frames that are read, and those of them that are new. */
  readonly frames: number;
  readonly freshFrames: number;
  /** Pixels of one frame's crop, and of its working picture. */
  readonly cropPixels: number;
  readonly workingPixels: number;
  /** Frames the model sees. */
  readonly modelFrames: number;
  readonly tokens: number;
  /** Of the window's size: a picture of one frame is a part of one. */
  readonly encodePasses: number;
  /** Floating-point operations of one encoder pass and of the decoder's pass. */
  readonly encodeFlops: number;
  readonly decodeFlops: number;
  readonly steps: readonly PlannedStep[];
  /** What a pass of each VAE part and the largest network call take, beyond weights and pictures. */
  readonly encoder: StageMemory;
  readonly decoder: StageMemory;
  /** What is live in it, where the CPU computes it in float32 and where a card does in the model's precision. */
  readonly callCpuBytes: number;
  readonly callCardBytes: number;
  /** What steps keep of the context in the machine's memory, wherever they are computed. */
  readonly keptBytes: number;
  /** What a partial step that looks at it costs, of a full one; absent: there can be none. */
  readonly partialCost?: number;
}

/** What a job has to do. */
export interface EditWork {
  readonly frames: number;
  /** Frames that the export encodes, the others are copied; absent: all, as far as is known. */
  readonly encodedFrames?: number;
  /** Pixels of one frame of the clip. */
  readonly framePixels: number;
  /** Decoded frames that are kept for the whole of the job. */
  readonly keptFrameBytes: number;
  /** Over all frames: pixels of the mask, and of the boxes around it. */
  readonly maskedPixels: number;
  readonly boxPixels: number;
  readonly plate: 'auto' | 'only' | 'off' | 'file';
  /** Pixels that are filled by texture: over all frames, and in the frame with the most. */
  readonly textured: { readonly pixels: number; readonly mostInFrame: number };
  readonly windows: readonly WindowWork[];
  /** Encoding the prompts; nothing without windows or encoder. */
  readonly textFlops: number;
  /** Of the parts' files, and of what is in them. */
  readonly weightBytes: WeightBytes;
  readonly precision: Precision;
  readonly textPrecision: TextPrecision;
  /** Frames that are decoded again after the export. */
  readonly checkedFrames: number;
  /** Whether the result is measured against a truth. */
  readonly hasTruth: boolean;
}

/** Floating-point operations of network calls. */
export function stepFlops(steps: readonly { readonly flops: number }[]): number {
  return steps.reduce((sum, { flops }) => sum + flops, 0);
}

/** Floating-point operations of text encoder and VAE. */
export function codecFlops({ textFlops, windows }: EditWork): number {
  return windows.reduce(
    (sum, { encodePasses, encodeFlops, decodeFlops }) => sum + encodePasses * encodeFlops + decodeFlops,
    textFlops,
  );
}

/** Floating-point operations of all networks. */
export function workFlops(work: EditWork): number {
  return work.windows.reduce((sum, { steps }) => sum + stepFlops(steps), codecFlops(work));
}
