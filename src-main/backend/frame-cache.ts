/** Pictures that may wait: whoever races through a clip soon wants something else than what was passed long ago. */
const mostWaiting = 64;
/** A decoder goes on to a picture that is so near; entering the file again costs more. */
const nearFrames = 24;
/** A decoder that is entered anew begins so many frames earlier: who looks at a frame often steps back. */
const leadFrames = 3;
/** A decoder that nobody has asked anything for so long is ended. */
const idleMs = 10_000;

/** What the cache decodes of: frames [startFrame, endFrame) in order, as JPEG. */
export interface PictureSource {
  readonly frames: number;
  read(startFrame: number, endFrame: number, signal: AbortSignal): AsyncIterable<Picture, void>;
}

interface Picture {
  readonly index: number;
  readonly jpeg: Uint8Array;
}

/** A picture that was asked for and is not there yet. */
interface Wanted {
  readonly name: string;
  readonly source: PictureSource;
  readonly frame: number;
  readonly picture: Promise<Uint8Array>;
  settle(jpeg: Uint8Array): void;
  fail(error: unknown): void;
}

/** A decoder somewhere in a source. */
interface Decoder {
  readonly name: string;
  readonly pictures: AsyncIterator<Picture, void>;
  /** The frame that it gives next. */
  next: number;
}

function want(name: string, source: PictureSource, frame: number): Wanted {
  let settle: (jpeg: Uint8Array) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const picture = new Promise<Uint8Array>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // A picture that nobody waits for may fail as well.
  picture.catch(() => undefined);
  return { name, source, frame, picture, settle, fail };
}

/**
 * Pictures of clips, the longest unused thrown out first. A decoder that has given what was wanted waits where it is, and goes on
 * from there: playing enters a file once. A source's name stands for pictures that never change.
 */
export class FrameCache {
  readonly #maxBytes: number;
  readonly #maxDecoders: number;
  readonly #goesOn: boolean;
  readonly #closing = new AbortController();
  /** By source and frame, in the order of their last use. */
  readonly #pictures = new Map<string, Uint8Array>();
  /** By source and frame, the last is the most urgent. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #running = new Map<Decoder, Promise<void>>();
  /** Decoders that wait where they are, the longest first. */
  #parked: Decoder[] = [];
  #idle: NodeJS.Timeout | undefined;
  #bytes = 0;

  /**
   * `maxBytes`: more keeps more pictures. `maxDecoders`: at a time, and as many more that wait. `goesOn`: false where
   * pictures are far apart, so that a decoder is of no use once it has given one.
   */
  constructor({
    maxBytes,
    maxDecoders,
    goesOn = true,
  }: {
    readonly maxBytes: number;
    readonly maxDecoders: number;
    readonly goesOn?: boolean;
  }) {
    this.#maxBytes = maxBytes;
    this.#maxDecoders = maxDecoders;
    this.#goesOn = goesOn;
  }

  /** Bytes of the pictures that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One picture of the source called `name`; `frame` must be one of its. Fails as reading the source does. */
  async read(name: string, source: PictureSource, frame: number): Promise<Uint8Array> {
    if (this.#closing.signal.aborted) throw closed();
    const key = keyOf(name, frame);
    const kept = this.#pictures.get(key);
    if (kept !== undefined) {
      this.#pictures.delete(key);
      this.#pictures.set(key, kept);
      return kept;
    }
    const wanted = this.#wanted.get(key) ?? want(name, source, frame);
    this.#wanted.delete(key);
    this.#wanted.set(key, wanted);
    this.#giveUpOldest();
    this.#startDecoders();
    return wanted.picture;
  }

  /** Ends all decoders; what is wanted fails. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const wanted of this.#wanted.values()) wanted.fail(closed());
    this.#wanted.clear();
    await Promise.all([...this.#running.values(), this.#endParked(0)]);
  }

  #giveUpOldest(): void {
    if (this.#wanted.size <= mostWaiting) return;
    for (const [key, wanted] of this.#wanted) {
      if (this.#isComing(wanted)) continue;
      this.#wanted.delete(key);
      wanted.fail(new Error('newer pictures are wanted'));
      return;
    }
  }

  #startDecoders(): void {
    while (this.#running.size < this.#maxDecoders && !this.#closing.signal.aborted) {
      const urgent = [...this.#wanted.values()].findLast((wanted) => !this.#isComing(wanted));
      if (urgent === undefined) return;
      const decoder = this.#decoderFor(urgent);
      const run = this.#run(decoder, urgent).finally(() => {
        this.#running.delete(decoder);
        this.#startDecoders();
      });
      this.#running.set(decoder, run);
    }
  }

  /** Whether a decoder that runs will come to a picture soon. */
  #isComing(wanted: Wanted): boolean {
    return [...this.#running.keys()].some((decoder) => isNear(decoder, wanted));
  }

  /** One that waits near in front of the picture, else a new one. */
  #decoderFor(wanted: Wanted): Decoder {
    const { name, source, frame } = wanted;
    const waiting = this.#parked.find((decoder) => isNear(decoder, wanted));
    if (waiting !== undefined) {
      this.#parked = this.#parked.filter((other) => other !== waiting);
      return waiting;
    }
    const start = this.#goesOn ? Math.max(0, frame - leadFrames) : frame;
    const end = this.#goesOn ? source.frames : frame + 1;
    const pictures = source.read(start, end, this.#closing.signal)[Symbol.asyncIterator]();
    return { name, pictures, next: start };
  }

  /** Goes on until nothing near is wanted. */
  async #run(decoder: Decoder, first: Wanted): Promise<void> {
    try {
      for (let nearest: Wanted | undefined = first; nearest !== undefined; nearest = this.#nearest(decoder)) {
        const { done, value } = await decoder.pictures.next();
        if (done === true) throw new Error(`frame ${decoder.next} of ${first.source.frames} is missing`);
        decoder.next = value.index + 1;
        this.#keep(decoder.name, value.index, value.jpeg);
      }
    } catch (error) {
      // The next request tries again.
      for (const [key, wanted] of this.#wanted) {
        if (wanted !== first && !isNear(decoder, wanted)) continue;
        this.#wanted.delete(key);
        wanted.fail(error);
      }
      return;
    }
    if (this.#goesOn && decoder.next < first.source.frames) this.#park(decoder);
    else await decoder.pictures.return?.();
  }

  #nearest(decoder: Decoder): Wanted | undefined {
    return [...this.#wanted.values()].find((wanted) => isNear(decoder, wanted));
  }

  #keep(name: string, frame: number, jpeg: Uint8Array): void {
    const key = keyOf(name, frame);
    this.#wanted.get(key)?.settle(jpeg);
    this.#wanted.delete(key);
    if (this.#pictures.has(key)) return;
    this.#pictures.set(key, jpeg);
    this.#bytes += jpeg.length;
    for (const [oldest, picture] of this.#pictures) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#pictures.delete(oldest);
      this.#bytes -= picture.length;
    }
  }

  #park(decoder: Decoder): void {
    this.#parked.push(decoder);
    void this.#endParked(this.#closing.signal.aborted ? 0 : this.#maxDecoders);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#endParked(0), idleMs).unref();
  }

  /** Ends decoders that wait, but for the last `kept`. */
  async #endParked(kept: number): Promise<void> {
    const over = this.#parked.slice(0, Math.max(0, this.#parked.length - kept));
    this.#parked = this.#parked.slice(over.length);
    // A decoder that fails on its way out has nothing more to give.
    await Promise.allSettled(over.map(async ({ pictures }) => pictures.return?.()));
  }
}

const keyOf = (name: string, frame: number): string => `${name} ${frame}`;
const closed = (): Error => new Error('the frame cache is closed');

function isNear({ name, next }: Decoder, wanted: Wanted): boolean {
  return wanted.name === name && wanted.frame >= next && wanted.frame < next + nearFrames;
}
