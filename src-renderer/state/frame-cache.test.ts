import { describe, expect, it } from 'vitest';
import { createFrameCache, framesAround } from './frame-cache.ts';

interface Request {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly answer: (picture: FakePicture) => Promise<void>;
  readonly fail: () => Promise<void>;
}

class FakePicture {
  width = 10;
  height = 10;
  closed = false;
  close(): void {
    this.closed = true;
  }
}

function harness(maxPictures: number, maxLoading: number) {
  const requests: Request[] = [];
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const cache = createFrameCache<FakePicture>({
    maxBytes: maxPictures * 400,
    maxLoading,
    load: (path, signal) =>
      new Promise((resolve, reject) => {
        requests.push({
          path,
          signal,
          answer: (picture) => {
            resolve(picture);
            return settled();
          },
          fail: () => {
            reject(new Error('gone'));
            return settled();
          },
        });
      }),
  });
  return { cache, requests, paths: () => requests.map(({ path }) => path) };
}

describe('createFrameCache', () => {
  it('loads the most urgent first, so many at a time, and the next as one comes', async () => {
    const { cache, requests, paths } = harness(10, 2);
    const came: string[] = [];
    cache.onArrival((path) => came.push(path));
    cache.want(['a', 'b', 'c']);
    expect(paths()).toEqual(['a', 'b']);
    const picture = new FakePicture();
    await requests[0].answer(picture);
    expect(cache.get('a')).toBe(picture);
    expect(came).toEqual(['a']);
    expect(paths()).toEqual(['a', 'b', 'c']);
  });

  it('gives up what is no longer wanted, and closes it where it comes all the same', async () => {
    const { cache, requests, paths } = harness(10, 1);
    cache.want(['a']);
    cache.want(['b']);
    expect(requests[0].signal.aborted).toBe(true);
    expect(paths()).toEqual(['a', 'b']);
    const late = new FakePicture();
    await requests[0].answer(late);
    expect(late.closed).toBe(true);
    expect(cache.get('a')).toBeUndefined();
    expect(requests[1].signal.aborted).toBe(false);
  });

  it('throws out the longest unused beyond its bytes', async () => {
    const { cache, requests } = harness(2, 3);
    cache.want(['a', 'b', 'c']);
    const pictures = [new FakePicture(), new FakePicture(), new FakePicture()];
    await requests[0].answer(pictures[0]);
    await requests[1].answer(pictures[1]);
    cache.get('a');
    await requests[2].answer(pictures[2]);
    expect(pictures.map(({ closed }) => closed)).toEqual([false, true, false]);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')).toBe(pictures[0]);
  });

  it('goes on after a failure, and tries that picture again only once it is the most urgent', async () => {
    const { cache, requests, paths } = harness(4, 1);
    cache.want(['a', 'b']);
    await requests[0].fail();
    expect(paths()).toEqual(['a', 'b']);
    await requests[1].answer(new FakePicture());
    cache.want(['b', 'a']);
    expect(paths()).toEqual(['a', 'b']);
    cache.want(['a']);
    expect(paths()).toEqual(['a', 'b', 'a']);
  });
});

describe('framesAround', () => {
  it('looks ahead in the direction of play, within the clip', () => {
    expect(framesAround(5, 100, 1, 3, 1)).toEqual([5, 6, 4, 7, 8]);
    expect(framesAround(5, 100, -1, 3, 1)).toEqual([5, 4, 6, 3, 2]);
    expect(framesAround(1, 3, -1, 3, 2)).toEqual([1, 0, 2]);
  });
});
