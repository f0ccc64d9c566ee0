import { describe, expect, it } from 'vitest';
import { sideBySide } from './side-by-side.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let value = 0; value < count; value++) yield value;
}

/** Results that are there when they are told to be. */
function controlled() {
  const started: number[] = [];
  const finish = new Map<number, () => void>();
  const fail = new Map<number, (reason: Error) => void>();
  const start = async (entry: number) => {
    started.push(entry);
    const result = new Promise<string>((resolve, reject) => {
      finish.set(entry, () => resolve(`result ${entry}`));
      fail.set(entry, reject);
    });
    return { result };
  };
  return { started, finish: (entry: number) => finish.get(entry)!(), fail, start };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('sideBySide', () => {
  it('starts as many as there are lanes and one more, and yields in order, whichever is done first', async () => {
    const work = controlled();
    const results: string[] = [];
    const all = (async () => {
      for await (const result of sideBySide(numbers(5), 2, work.start)) results.push(result);
    })();
    await settle();
    expect(work.started).toEqual([0, 1, 2]);
    work.finish(1);
    await settle();
    expect([results, work.started]).toEqual([[], [0, 1, 2]]);
    work.finish(0);
    await settle();
    expect([results, work.started]).toEqual([
      ['result 0', 'result 1'],
      [0, 1, 2, 3, 4],
    ]);
    for (const entry of [4, 3, 2]) work.finish(entry);
    await all;
    expect(results).toEqual([0, 1, 2, 3, 4].map((entry) => `result ${entry}`));
  });

  it('tells a failure when it is its turn', async () => {
    const work = controlled();
    const results: string[] = [];
    const all = (async () => {
      for await (const result of sideBySide(numbers(9), 2, work.start)) results.push(result);
    })();
    await settle();
    work.fail.get(1)!(new Error('the second'));
    await settle();
    expect(results).toEqual([]);
    work.finish(0);
    await expect(all).rejects.toThrow('the second');
    expect(results).toEqual(['result 0']);
    expect(work.started.length).toBeLessThan(9);
  });
});
