import { afterEach, describe, expect, it } from 'vitest';
import { FrameCache, type PictureSource } from './frame-cache.ts';

/** A source whose passes the test lets run: each picture is 10 bytes that say its number. */
class FakeSource implements PictureSource {
  readonly frames: number;
  readonly passes: string[] = [];
  readonly #gates = new Map<number, () => void>();
  readonly #isHeld: boolean;
  ended = 0;
  failure: Error | undefined;

  constructor(frames: number, isHeld = false) {
    this.frames = frames;
    this.#isHeld = isHeld;
  }

  async *read(
    startFrame: number,
    endFrame: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ index: number; jpeg: Uint8Array }> {
    this.passes.push(`${startFrame}-${endFrame}`);
    const stopped = new Promise<never>((_, stop) => {
      signal.addEventListener('abort', () => stop(new Error('stopped')));
    });
    stopped.catch(() => undefined);
    for (let index = startFrame; index < endFrame; index++) {
      if (this.#isHeld) {
        await Promise.race([new Promise<void>((go) => this.#gates.set(index, go)), stopped]);
      }
      if (this.failure !== undefined) throw this.failure;
      yield { index, jpeg: new Uint8Array(10).fill(index) };
    }
    this.ended++;
  }

  /** Lets the picture out, once its pass has come to it. */
  async release(index: number): Promise<void> {
    while (!this.#gates.has(index)) await new Promise((resume) => setImmediate(resume));
    this.#gates.get(index)?.();
  }

  async hasEnded(passes: number): Promise<void> {
    while (this.ended < passes) await new Promise((resume) => setImmediate(resume));
    await new Promise((resume) => setImmediate(resume));
  }
}

let cache: FrameCache;
const open = (maxBytes = 1e6, maxPasses = 2): FrameCache => (cache = new FrameCache({ maxBytes, maxPasses }));
afterEach(() => cache.close());

describe('the frame cache', () => {
  it('decodes a chunk once for all its frames, also while it is being decoded', async () => {
    const source = new FakeSource(40, true);
    open();
    const asked = [3, 0, 15].map((frame) => cache.read('a', source, frame));
    await source.release(0);
    // The first picture is there before the pass is over.
    expect((await asked[1])[0]).toBe(0);
    for (let frame = 1; frame < 16; frame++) await source.release(frame);
    expect((await Promise.all(asked)).map(([value]) => value)).toEqual([3, 0, 15]);
    expect(source.passes).toEqual(['0-16']);
  });

  it('reads ahead where frames are read in order, and not past the end', async () => {
    const source = new FakeSource(40);
    open();
    await cache.read('a', source, 5);
    await source.hasEnded(1);
    expect(source.passes).toEqual(['0-16']);
    await cache.read('a', source, 6);
    await source.hasEnded(2);
    expect(source.passes).toEqual(['0-16', '16-32']);
    await cache.read('a', source, 39);
    await source.hasEnded(3);
    expect(source.passes).toEqual(['0-16', '16-32', '32-40']);
    // Backwards, and the last chunk: nothing to come.
    await cache.read('a', source, 38);
    await cache.read('a', source, 39);
    expect(source.passes).toHaveLength(3);
  });

  it('decodes single pictures where they are far apart', async () => {
    const source = new FakeSource(40);
    cache = new FrameCache({ maxBytes: 1e6, maxPasses: 1, chunkFrames: 1 });
    await cache.read('a', source, 20);
    await cache.read('a', source, 39);
    expect(source.passes).toEqual(['20-21', '39-40']);
  });

  it('keeps sources apart', async () => {
    const [a, b] = [new FakeSource(10), new FakeSource(10)];
    open();
    await Promise.all([cache.read('a', a, 1), cache.read('b', b, 1)]);
    expect([a.passes, b.passes]).toEqual([['0-10'], ['0-10']]);
  });

  it('throws out the longest unused chunk when there is no more room', async () => {
    const source = new FakeSource(160);
    // Two chunks of 16 pictures of 10 bytes.
    open(320);
    const read = async (chunk: number): Promise<void> => {
      const before = source.passes.length;
      await cache.read('a', source, chunk * 16);
      if (source.passes.length > before) await source.hasEnded(source.passes.length);
      expect(cache.bytes).toBeLessThanOrEqual(320);
    };
    for (const chunk of [0, 5, 0, 9]) await read(chunk);
    expect(source.passes).toEqual(['0-16', '80-96', '144-160']);
    await read(0);
    expect(source.passes).toHaveLength(3);
    await read(5);
    expect(source.passes.at(-1)).toBe('80-96');
  });

  it('takes what was asked for last first, and few at a time', async () => {
    const source = new FakeSource(200, true);
    open(1e6, 1);
    for (const frame of [0, 32, 64, 96]) void cache.read('a', source, frame).catch(() => undefined);
    const last = cache.read('a', source, 32);
    for (let frame = 0; frame < 16; frame++) await source.release(frame);
    for (let frame = 32; frame < 48; frame++) await source.release(frame);
    await last;
    await source.release(96);
    expect(source.passes).toEqual(['0-16', '32-48', '96-112']);
  });

  it('gives up what has waited longest when too much is wanted', async () => {
    const source = new FakeSource(2000, true);
    open(1e6, 1);
    const reads = Array.from({ length: 70 }, (_, chunk) => cache.read('a', source, chunk * 16));
    for (const read of reads) read.catch(() => undefined);
    // One is decoded, 64 wait.
    for (const chunk of [1, 2, 3, 4, 5]) await expect(reads[chunk]).rejects.toThrow('newer');
    await source.release(0);
    expect((await reads[0])[0]).toBe(0);
  });

  it('tries again after a failure', async () => {
    const source = new FakeSource(10);
    open();
    source.failure = new Error('no disk');
    await expect(cache.read('a', source, 1)).rejects.toThrow('no disk');
    source.failure = undefined;
    expect((await cache.read('a', source, 1))[0]).toBe(1);
    await source.hasEnded(1);
    expect(cache.bytes).toBe(100);
  });

  it('ends its passes when it is closed', async () => {
    const source = new FakeSource(100, true);
    open(1e6, 1);
    const [running, waiting] = [cache.read('a', source, 0), cache.read('a', source, 50)];
    running.catch(() => undefined);
    waiting.catch(() => undefined);
    await cache.close();
    await expect(running).rejects.toThrow('stopped');
    await expect(waiting).rejects.toThrow('closed');
    expect(source.passes).toEqual(['0-16']);
  });
});
