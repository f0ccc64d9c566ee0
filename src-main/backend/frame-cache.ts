/** Chunks that may wait: whoever races through a clip soon wants something else than what was passed long ago. */
const mostWaiting = 64;

/** What the cache decodes of: frames [startFrame, endFrame) in order, as JPEG. */
export interface PictureSource {
  readonly frames: number;
  read(
    startFrame: number,
    endFrame: number,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly index: number; readonly jpeg: Uint8Array }>;
}

interface Slot {
  readonly picture: Promise<Uint8Array>;
  settle(jpeg: Uint8Array): void;
  fail(error: unknown): void;
}

interface Chunk {
  readonly key: string;
  readonly source: PictureSource;
  readonly startFrame: number;
  /** One per frame; each settles as soon as its picture is there. */
  readonly slots: readonly Slot[];
  state: 'waiting' | 'decoding' | 'done';
  bytes: number;
}

function openSlot(): Slot {
  let settle: (jpeg: Uint8Array) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const picture = new Promise<Uint8Array>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // A picture that nobody waits for may fail as well.
  picture.catch(() => undefined);
  return { picture, settle, fail };
}

/**
 * Pictures of clips, decoded in chunks, the longest unused chunk thrown out first. A chunk that is being decoded is
 * never decoded a second time. Reading on into the next frame has the chunk after this one decoded before it is asked
 * for. A source's name stands for pictures that never change.
 */
export class FrameCache {
  readonly #maxBytes: number;
  readonly #maxPasses: number;
  readonly #chunkFrames: number;
  readonly #closing = new AbortController();
  /** In the order of their last use. */
  readonly #chunks = new Map<string, Chunk>();
  /** Chunks that wait for a pass; the last is the most urgent. */
  #waiting: Chunk[] = [];
  readonly #passes = new Set<Promise<void>>();
  /** Frame that was read last, by source. */
  readonly #lastFrames = new Map<string, number>();
  #bytes = 0;

  /**
   * `maxBytes`: more keeps more pictures. `maxPasses`: decoders at a time. `chunkFrames`: pictures that are decoded in
   * one pass; a seek costs more than a few of them.
   */
  constructor({
    maxBytes,
    maxPasses,
    chunkFrames = 16,
  }: {
    readonly maxBytes: number;
    readonly maxPasses: number;
    readonly chunkFrames?: number;
  }) {
    this.#maxBytes = maxBytes;
    this.#maxPasses = maxPasses;
    this.#chunkFrames = chunkFrames;
  }

  /** Bytes of the pictures that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One picture of the source called `name`; `frame` must be one of its. Fails as reading the source does. */
  read(name: string, source: PictureSource, frame: number): Promise<Uint8Array> {
    const last = this.#lastFrames.get(name);
    this.#lastFrames.set(name, frame);
    const number = Math.floor(frame / this.#chunkFrames);
    const chunk = this.#chunk(name, source, number);
    if (chunk.state === 'waiting') this.#promote(chunk);
    // Requests of a player overtake each other: the order need not be strict.
    const readsOn = last !== undefined && frame > last && frame - last <= 4;
    const next = number + 1;
    if (readsOn && next * this.#chunkFrames < source.frames) this.#chunk(name, source, next);
    this.#giveUpOldest();
    this.#startPasses();
    return chunk.slots[frame - chunk.startFrame].picture;
  }

  /** Ends all passes; their pictures fail. */
  async close(): Promise<void> {
    this.#closing.abort();
    const error = new Error('the frame cache is closed');
    for (const chunk of this.#waiting) for (const slot of chunk.slots) slot.fail(error);
    this.#waiting = [];
    await Promise.all(this.#passes);
  }

  /** The chunk of that number, asked for if it is not here; an unknown one waits behind all others. */
  #chunk(name: string, source: PictureSource, number: number): Chunk {
    const key = `${name} ${number}`;
    const known = this.#chunks.get(key);
    this.#chunks.delete(key);
    const startFrame = number * this.#chunkFrames;
    const length = Math.min(this.#chunkFrames, source.frames - startFrame);
    const chunk: Chunk = known ?? {
      key,
      source,
      startFrame,
      slots: Array.from({ length }, openSlot),
      state: 'waiting',
      bytes: 0,
    };
    this.#chunks.set(key, chunk);
    if (known === undefined) this.#waiting.unshift(chunk);
    return chunk;
  }

  #promote(chunk: Chunk): void {
    this.#waiting = [...this.#waiting.filter((other) => other !== chunk), chunk];
  }

  #giveUpOldest(): void {
    while (this.#waiting.length > mostWaiting) {
      const [chunk] = this.#waiting.splice(0, 1);
      this.#chunks.delete(chunk.key);
      for (const slot of chunk.slots) slot.fail(new Error('newer pictures are wanted'));
    }
  }

  #startPasses(): void {
    while (this.#passes.size < this.#maxPasses && !this.#closing.signal.aborted) {
      const chunk = this.#waiting.pop();
      if (chunk === undefined) return;
      chunk.state = 'decoding';
      const pass = this.#decode(chunk).finally(() => {
        this.#passes.delete(pass);
        this.#startPasses();
      });
      this.#passes.add(pass);
    }
  }

  async #decode(chunk: Chunk): Promise<void> {
    const { source, startFrame, slots } = chunk;
    try {
      const pictures = source.read(startFrame, startFrame + slots.length, this.#closing.signal);
      for await (const { index, jpeg } of pictures) {
        slots[index - startFrame].settle(jpeg);
        chunk.bytes += jpeg.length;
      }
      chunk.state = 'done';
      this.#bytes += chunk.bytes;
      this.#throwOut();
    } catch (error) {
      // The next request tries again.
      this.#chunks.delete(chunk.key);
      for (const slot of slots) slot.fail(error);
    }
  }

  #throwOut(): void {
    for (const chunk of this.#chunks.values()) {
      if (this.#bytes <= this.#maxBytes) return;
      if (chunk.state !== 'done') continue;
      this.#chunks.delete(chunk.key);
      this.#bytes -= chunk.bytes;
    }
  }
}
