import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobEstimate } from '../../src-shared/ipc/index.ts';
import { newEdit } from '../../src-shared/project/index.ts';
import { createEstimator, type EstimateQuestion, type EstimateState } from './estimator.ts';

const { mask, settings } = newEdit('e', 'Remove');
const question = (seed: number): EstimateQuestion => ({
  clipPath: 'clip.mp4',
  mask,
  settings: { ...settings, seed },
});
const noMemory = { ramMb: 0, cardMb: 0 };
const answerOf = (seconds: number): JobEstimate => ({
  seconds,
  stages: { plate: 0, text: 0, load: 0, encode: 0, sample: seconds, decode: 0, media: 0 },
  calls: { full: 1, partial: 0, reuse: 0 },
  memoryMb: 1,
  memory: {
    cardMb: 0,
    stages: { text: noMemory, encode: noMemory, sample: noMemory, decode: noMemory },
  },
  windows: 1,
  fill: 'network',
  steps: ['full'],
  fingerprint: 'f',
});

/** An estimator whose answers are given by hand, in any order. */
function byHand() {
  const asked: { seed: number; settle: (estimate: JobEstimate) => void; fail: (error: Error) => void }[] = [];
  const states: EstimateState[] = [];
  const estimate = createEstimator({
    ask: ({ settings: { seed } }) =>
      new Promise((settle, fail) => {
        asked.push({ seed, settle, fail });
      }),
    publish: (state) => states.push(state),
    describe: (error) => ({ code: 'failed', message: (error as Error).message, hint: 'Try another.' }),
    delayMs: 60,
  });
  return { asked, estimate, now: () => states.at(-1) };
}

describe('estimator', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks once for changes that follow one another, with the last of them', async () => {
    const { asked, estimate } = byHand();
    for (const seed of [1, 2, 3]) {
      estimate(question(seed));
      await vi.advanceTimersByTimeAsync(59);
    }
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ seed }) => seed)).toEqual([3]);
  });

  it('keeps the old figure as stale until the new one is there, and drops late answers to older questions', async () => {
    const { asked, estimate, now } = byHand();
    estimate(question(1));
    await vi.advanceTimersByTimeAsync(60);
    asked[0].settle(answerOf(10));
    await vi.advanceTimersByTimeAsync(0);
    expect(now()).toEqual({ estimate: answerOf(10), stale: false, failure: null });

    estimate(question(2));
    await vi.advanceTimersByTimeAsync(60);
    estimate(question(3));
    await vi.advanceTimersByTimeAsync(60);
    asked[2].settle(answerOf(30));
    await vi.advanceTimersByTimeAsync(0);
    asked[1].settle(answerOf(20));
    await vi.advanceTimersByTimeAsync(0);
    expect(now()).toEqual({ estimate: answerOf(30), stale: false, failure: null });

    estimate(question(4));
    expect(now()).toEqual({ estimate: answerOf(30), stale: true, failure: null });
  });

  it('shows why there is no figure, and forgets it with the next', async () => {
    const { asked, estimate, now } = byHand();
    estimate(question(1));
    await vi.advanceTimersByTimeAsync(60);
    asked[0].fail(new Error('The model is not there.'));
    await vi.advanceTimersByTimeAsync(0);
    expect(now()?.failure).toEqual({
      code: 'failed',
      message: 'The model is not there.',
      hint: 'Try another.',
    });
    estimate(question(2));
    await vi.advanceTimersByTimeAsync(60);
    asked[1].settle(answerOf(5));
    await vi.advanceTimersByTimeAsync(0);
    expect(now()).toEqual({ estimate: answerOf(5), stale: false, failure: null });
  });

  it('asks nothing where nothing is painted, and takes no answer to what was asked before', async () => {
    const { asked, estimate, now } = byHand();
    estimate(question(1));
    await vi.advanceTimersByTimeAsync(60);
    estimate(null);
    asked[0].settle(answerOf(10));
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toHaveLength(1);
    expect(now()).toEqual({ estimate: null, stale: false, failure: null });
  });
});
