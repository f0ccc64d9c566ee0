import { afterEach, describe, expect, it } from 'vitest';
import { FrameCache, type PictureSource } from './frame-cache.ts';

/** A source whose passes the test lets run: each picture is 10 bytes that say its number. */
class FakeSource implements PictureSource {
  readonly frames: number;
  readonly passes: string[] = [];
  readonly #gates = new Map<number, () => void>();
  readonly #isHeld: boolean;
  /** Passes that are over, whatever ended them. */
  returned = 0;
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
    try {
      for (let index = startFrame; index < endFrame; index++) {
        if (this.#isHeld) {
          await Promise.race([new Promise<void>((go) => this.#gates.set(index, go)), stopped]);
        }
        if (this.failure !== undefined) throw this.failure;
        yield { index, jpeg: new Uint8Array(10).fill(index) };
      }
    } finally {
      this.returned++;
    }
  }

  /** Lets the picture out, once its pass has come to it. */
  async release(index: number): Promise<void> {
    while (!this.#gates.has(index)) await new Promise((resume) => setImmediate(resume));
    this.#gates.get(index)?.();
  }
}

let cache: FrameCache;
const open = (maxBytes = 1e6, maxDecoders = 2): FrameCache =>
  (cache = new FrameCache({ maxBytes, maxDecoders }));
afterEach(() => cache.close());
/** Lets what is ready happen. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resume) => setImmediate(resume));
};

describe('the frame cache', () => {
  it('decodes what is near in one pass, from a little before it, and only once', async () => {
    const source = new FakeSource(60, true);
    open();
    const asked = [10, 14, 8, 10].map((frame) => cache.read('a', source, frame));
    for (let frame = 7; frame <= 10; frame++) await source.release(frame);
    // Each picture is there before the pass is over.
    expect([(await asked[0])[0], (await asked[2])[0], (await asked[3])[0]]).toEqual([10, 8, 10]);
    for (let frame = 11; frame <= 14; frame++) await source.release(frame);
    expect((await asked[1])[0]).toBe(14);
    expect((await cache.read('a', source, 7))[0]).toBe(7);
    expect(source.passes).toEqual(['7-60']);
  });

  it('goes on where a pass has stopped: playing enters a file once', async () => {
    const source = new FakeSource(200);
    open();
    for (let frame = 50; frame < 120; frame++) {
      expect((await cache.read('a', source, frame))[0]).toBe(frame);
      await settled();
    }
    expect(source.passes).toEqual(['47-200']);
    // No further than was asked for.
    expect(cache.bytes).toBe(10 * (120 - 47));
    await cache.read('a', source, 140);
    expect(source.passes).toHaveLength(1);
    await cache.read('a', source, 199);
    expect(source.passes).toEqual(['47-200', '196-200']);
  });

  it('enters a file again for what lies behind or far ahead, and keeps few passes', async () => {
    const source = new FakeSource(400);
    open();
    for (const frame of [100, 20, 200, 101]) {
      await cache.read('a', source, frame);
      await settled();
    }
    // The third pass ended the first one, as two may wait.
    expect(source.passes).toEqual(['97-400', '17-400', '197-400', '98-400']);
    expect(source.returned).toBe(2);
  });

  it('decodes single pictures where they are far apart', async () => {
    const source = new FakeSource(40);
    cache = new FrameCache({ maxBytes: 1e6, maxDecoders: 1, goesOn: false });
    await cache.read('a', source, 20);
    await cache.read('a', source, 21);
    expect(source.passes).toEqual(['20-21', '21-22']);
  });

  it('keeps sources apart', async () => {
    const [a, b] = [new FakeSource(10), new FakeSource(10)];
    open();
    await Promise.all([cache.read('a', a, 1), cache.read('b', b, 1)]);
    expect([a.passes, b.passes]).toEqual([['0-10'], ['0-10']]);
  });

  it('throws out the longest unused pictures when there is no more room', async () => {
    const source = new FakeSource(160);
    // Four pictures of 10 bytes.
    open(40);
    for (const frame of [0, 1, 2, 3]) await cache.read('a', source, frame);
    await cache.read('a', source, 0);
    await cache.read('a', source, 4);
    await settled();
    expect(cache.bytes).toBe(40);
    await cache.read('a', source, 0);
    expect(source.passes).toHaveLength(1);
    await cache.read('a', source, 1);
    expect(source.passes).toEqual(['0-160', '0-160']);
  });

  it('takes what was asked for last first, and few at a time', async () => {
    const source = new FakeSource(400, true);
    open(1e6, 1);
    for (const frame of [0, 100, 200, 300]) void cache.read('a', source, frame).catch(() => undefined);
    const last = cache.read('a', source, 100);
    await source.release(0);
    for (let frame = 97; frame <= 100; frame++) await source.release(frame);
    await last;
    await source.release(297);
    expect(source.passes).toEqual(['0-400', '97-400', '297-400']);
  });

  it('gives up what has waited longest when too much is wanted', async () => {
    const source = new FakeSource(9000, true);
    open(1e6, 1);
    const reads = Array.from({ length: 70 }, (_, place) => cache.read('a', source, place * 100));
    for (const read of reads) read.catch(() => undefined);
    for (const place of [1, 2, 3, 4, 5]) await expect(reads[place]).rejects.toThrow('newer');
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
  });

  it('says so where a source ends too early', async () => {
    const source = new FakeSource(10);
    open();
    await expect(
      cache.read('a', { ...source, frames: 20, read: (_from, _to, signal) => source.read(0, 3, signal) }, 5),
    ).rejects.toThrow('frame 3 of 20 is missing');
  });

  it('ends its passes when it is closed, those that wait as well', async () => {
    const source = new FakeSource(500, true);
    open(1e6, 1);
    const first = cache.read('a', source, 0);
    await source.release(0);
    await first;
    await settled();
    const [running, waiting] = [cache.read('a', source, 100), cache.read('a', source, 400)];
    for (const read of [running, waiting]) read.catch(() => undefined);
    await settled();
    await cache.close();
    await expect(running).rejects.toThrow(/stopped|closed/);
    await expect(waiting).rejects.toThrow('closed');
    await expect(cache.read('a', source, 1)).rejects.toThrow('closed');
    expect(source.passes).toEqual(['0-500', '97-500']);
    expect(source.returned).toBe(2);
  });
});
