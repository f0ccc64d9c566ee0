import { describe, expect, it } from 'vitest';
import type { SampleState, StepRecord } from './sampling-loop.ts';
import { createCheckpointWriter } from './checkpoint-writer.ts';

const stateOf = (stepSeconds: readonly number[]): SampleState => ({
  sample: new Float32Array(0),
  steps: stepSeconds.map((networkSec): StepRecord => ({
    kind: 'full',
    tokens: 1,
    streams: 1,
    flops: 1,
    networkSec,
    selectionSec: 0,
    restSec: 0,
  })),
  scheduler: undefined,
  method: undefined,
});

/** A checkpoint writer whose writes take `writeSec`, shown steps of these seconds; after which of them it wrote. */
function checkpointWriterOf({ writeSec = 0, keptSteps = 0, fails = () => false as boolean }) {
  let now = 0;
  const written: number[] = [];
  const notes: string[] = [];
  let tries = 0;
  const checkpointWriter = createCheckpointWriter({
    async write({ steps }) {
      now += writeSec;
      tries++;
      if (fails()) throw new Error('The disk is full.');
      written.push(steps.length);
    },
    keptSteps,
    clock: () => now,
    onNote: (text) => notes.push(text),
  });
  return {
    checkpointWriter,
    written,
    notes,
    tries: () => tries,
    walk: async (seconds: readonly number[]): Promise<void> => {
      for (let step = keptSteps + 1; step <= seconds.length; step++) {
        await checkpointWriter.onState(stateOf(seconds.slice(0, step)));
      }
    },
  };
}

describe('step checkpointWriter', () => {
  it('writes about once a minute of sampling where steps are quick, and the newest at the end', async () => {
    const { checkpointWriter, written, walk } = checkpointWriterOf({ writeSec: 0.1 });
    await walk(new Array<number>(145).fill(0.9));
    expect(written).toEqual([67, 134]);
    await checkpointWriter.flush();
    expect(written).toEqual([67, 134, 145]);
    await checkpointWriter.flush();
    expect(written).toHaveLength(3);
  });

  it('writes nothing before the first step, nor what an earlier run has kept', async () => {
    const { checkpointWriter, written, walk } = checkpointWriterOf({ keptSteps: 70 });
    await checkpointWriter.flush();
    expect(written).toEqual([]);
    await walk(new Array<number>(72).fill(0.9));
    expect(written).toEqual([]);
    await checkpointWriter.flush();
    expect(written).toEqual([72]);
  });

  it('writes every step where steps outlast a stop, but not those that only reused', async () => {
    const { written, walk } = checkpointWriterOf({ writeSec: 0.1 });
    await walk([6, 0.01, 0.01, 6, 0.01, 6, 6]);
    expect(written).toEqual([1, 4, 6, 7]);
  });

  it('spends a fiftieth of the time on it at most, except for once a minute', async () => {
    const slow = checkpointWriterOf({ writeSec: 0.5 });
    await slow.walk(new Array<number>(20).fill(6));
    // The first tells what a write takes: then every 25 s.
    expect(slow.written).toEqual([1, 6, 11, 16]);
    const slower = checkpointWriterOf({ writeSec: 3 });
    await slower.walk(new Array<number>(25).fill(6));
    expect(slower.written).toEqual([1, 11, 21]);
  });

  it('continues where it cannot write, says so once, and tries again a minute later', async () => {
    let full = true;
    const { checkpointWriter, written, notes, tries, walk } = checkpointWriterOf({ fails: () => full });
    await walk(new Array<number>(25).fill(6));
    expect(tries()).toBe(3);
    expect(notes).toEqual([expect.stringContaining('The disk is full.')]);
    full = false;
    await checkpointWriter.flush();
    expect(written).toEqual([25]);
  });
});
