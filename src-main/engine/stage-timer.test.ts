import { describe, expect, it } from 'vitest';
import { totalSeconds, zeroSeconds } from '../../src-shared/core/estimate/index.ts';
import { createStageTimer } from './stage-timer.ts';
import type { ProgressEvent } from './progress.ts';

/** A timer on a clock that stops until it is set. */
function timerAt(startSec: number) {
  const events: ProgressEvent[] = [];
  const clock = { nowSec: startSec };
  const timer = createStageTimer(
    () => clock.nowSec,
    (event) => events.push(event),
  );
  return { timer, events, clock };
}

describe('job timer', () => {
  it('counts every second for one stage', () => {
    const { timer, clock } = timerAt(100);
    clock.nowSec = 101;
    timer.enter('plate');
    clock.nowSec = 104;
    timer.enter('sample');
    clock.nowSec = 106;
    timer.enter('plate');
    clock.nowSec = 110;
    expect(timer.measured()).toEqual({ ...zeroSeconds(), open: 1, plate: 7, sample: 2 });
    clock.nowSec = 110.5;
    expect(totalSeconds(timer.measured())).toBe(10.5);
  });

  it('tells the time left once it is estimated, window by window', () => {
    const { timer, events, clock } = timerAt(0);
    timer.report('probe', 1, 2, 'files');
    expect(events.at(-1)).toEqual({ stage: 'probe', step: 1, steps: 2, unit: 'files' });
    timer.setEstimate({ ...zeroSeconds(), plate: 4, read: 2, sample: 10, settle: 2, export: 6 });
    timer.report('plate', 0, 4, 'frames');
    expect(events.at(-1)?.etaSec).toBeCloseTo(24, 9);
    clock.nowSec = 2;
    timer.report('plate', 2, 4, 'frames');
    expect(events.at(-1)?.etaSec).toBeCloseTo(22, 9);
    // The first of two windows has been read and half sampled: 4 + 1 + 2.5 are done.
    clock.nowSec = 7.5;
    timer.report('sample', 2, 4, 'steps', { index: 0, count: 2 });
    expect(events.at(-1)).toMatchObject({ window: 1, windows: 2 });
    expect(events.at(-1)?.etaSec).toBeCloseTo(16.5, 9);
    // And the second as far: its first is composited too.
    clock.nowSec = 14.5;
    timer.report('sample', 2, 4, 'steps', { index: 1, count: 2 });
    expect(events.at(-1)?.etaSec).toBeCloseTo(9.5, 9);
  });

  it('takes what an earlier run has done for done, and its own pace for its own', () => {
    const { timer, events, clock } = timerAt(0);
    const estimated = { ...zeroSeconds(), text: 2, read: 4, sample: 20, settle: 4, export: 6 };
    // One of two windows is finished, and half of the steps of the other.
    timer.setEstimate(estimated, { ...zeroSeconds(), read: 0.5, sample: 0.75, settle: 0.5 });
    const last = { index: 1, count: 2 };
    timer.report('text', 0, 1, 'prompts');
    expect(events.at(-1)?.etaSec).toBeCloseTo(2 + 2 + 5 + 2 + 6, 9);
    clock.nowSec = 4;
    timer.report('sample', 10, 20, 'steps', last);
    // 4 estimated seconds, of the 17 that were left, took 4.
    expect(events.at(-1)?.etaSec).toBeCloseTo(5 + 2 + 6, 9);
    clock.nowSec = 6.5;
    timer.report('sample', 15, 20, 'steps', last);
    expect(events.at(-1)?.etaSec).toBeCloseTo(2.5 + 2 + 6, 9);
  });

  it('starts again with a better forecast', () => {
    const { timer, events, clock } = timerAt(0);
    timer.setEstimate({ ...zeroSeconds(), plate: 4, export: 20 });
    timer.report('plate', 0, 4, 'frames');
    clock.nowSec = 8;
    timer.report('plate', 4, 4, 'frames');
    // 4 estimated seconds of 24 took 8: pace 2, a sixth of it believed.
    expect(events.at(-1)?.etaSec).toBeCloseTo(20 * (1 + 1 / 6), 9);
    timer.setEstimate({ ...zeroSeconds(), plate: 4, export: 6 });
    timer.report('export', 0, 4, 'frames');
    expect(events.at(-1)?.etaSec).toBeCloseTo(6, 9);
    clock.nowSec = 11;
    timer.report('export', 2, 4, 'frames');
    expect(events.at(-1)?.etaSec).toBeCloseTo(3, 9);
  });
});
