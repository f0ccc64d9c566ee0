/** Sizes of a segmenter of SAM 2's kind, as its `constants.json` names them. */
export interface BankSizes {
  /** Tokens of a frame's memory: the square of `feat_size`. */
  readonly tokens: number;
  /** Width of features and object pointers (`hidden_dim`). */
  readonly hidden: number;
  /** Width of a memory token (`mem_dim`); a pointer is split into hidden / memory of them. */
  readonly memory: number;
  /** Memories of frames that are attended to (`num_maskmem`): the prompted one and the most recent ones. */
  readonly frames: number;
  /** Object pointers that are attended to (`max_object_pointers`). */
  readonly pointers: number;
}

/** What a frame leaves behind once its mask is known. */
export interface FrameMemory {
  readonly frame: number;
  /** [tokens, memory] */
  readonly features: Float32Array;
  /** [tokens, memory]: where in the picture each token is. */
  readonly positions: Float32Array;
  /** [hidden] */
  readonly pointer: Float32Array;
}

/** What the memory attention of a frame reads. */
export interface BankReading {
  /** [frames · tokens + pointers · hidden / memory, memory] */
  readonly memory: Float32Array;
  /** As `memory`; the pointers' part is 0 until `placePointers`. */
  readonly positions: Float32Array;
  /** [pointers]: how far away the frame of each pointer is, as a share of the farthest. */
  readonly pointerOffsets: Float32Array;
}

/**
 * The memory of an object that is followed: the frame in which it was prompted, for good, and the most recent frames. As
 * in SAM 2 (Ravi et al. 2024; `sam2_base.py`, `_prepare_memory_conditioned_features`): the prompted frame has the last row
 * of the temporal encoding, the frame k steps back row k − 1; pointers are the prompted frame's, then the newest first.
 * Graphs of a fixed shape want a full bank: what is missing repeats the last that is there.
 */
export class MemoryBank {
  private readonly sizes: BankSizes;
  /** [frames, memory] */
  private readonly temporal: Float32Array;
  private readonly prompted: FrameMemory;
  private readonly farthest: number;
  /** Newest first. */
  private recent: readonly FrameMemory[] = [];

  /**
   * @param temporal [frames, memory]: `memory_temporal_positional_encoding`.
   * @param clipFrames Frames that there are at most: in a short clip pointers cannot be far away.
   */
  constructor(sizes: BankSizes, temporal: Float32Array, prompted: FrameMemory, clipFrames: number) {
    this.sizes = sizes;
    this.temporal = temporal;
    this.prompted = prompted;
    this.farthest = Math.max(1, Math.min(clipFrames, sizes.pointers) - 1);
  }

  add(memory: FrameMemory): void {
    const most = Math.max(this.sizes.frames, this.sizes.pointers) - 1;
    this.recent = [memory, ...this.recent].slice(0, most);
  }

  read(frame: number): BankReading {
    const { tokens, hidden, memory: width, frames, pointers } = this.sizes;
    const parts = hidden / width;
    const total = (frames * tokens + pointers * parts) * width;
    const reading = {
      memory: new Float32Array(total),
      positions: new Float32Array(total),
      pointerOffsets: new Float32Array(pointers),
    };
    for (let slot = 0; slot < frames; slot++) {
      const back = Math.min(slot, this.recent.length);
      const source = back === 0 ? this.prompted : this.recent[back - 1];
      const row = back === 0 ? frames - 1 : back - 1;
      const at = slot * tokens * width;
      reading.memory.set(source.features, at);
      for (let k = 0; k < tokens * width; k++)
        reading.positions[at + k] = source.positions[k] + this.temporal[row * width + (k % width)];
    }
    const known = [this.prompted, ...this.recent].slice(0, pointers);
    for (let index = 0; index < pointers; index++) {
      const source = known[Math.min(index, known.length - 1)];
      reading.memory.set(source.pointer, (frames * tokens + index * parts) * width);
      reading.pointerOffsets[index] = Math.abs(frame - source.frame) / this.farthest;
    }
    return reading;
  }

  /** Puts the encoding of the pointers' offsets, [pointers, memory], into a reading: the same for each part of a pointer. */
  placePointers({ positions }: BankReading, encoded: Float32Array): void {
    const { tokens, hidden, memory: width, frames, pointers } = this.sizes;
    const parts = hidden / width;
    for (let index = 0; index < pointers; index++) {
      for (let part = 0; part < parts; part++) {
        const at = (frames * tokens + index * parts + part) * width;
        positions.set(encoded.subarray(index * width, (index + 1) * width), at);
      }
    }
  }
}
