import { describe, expect, it } from 'vitest';
import { createJobMeter } from './job-meter.ts';
import type { ProgressEvent } from './progress.ts';

function meterAt(times: number[]) {
  const events: ProgressEvent[] = [];
  const meter = createJobMeter(
    () => times.shift() ?? 0,
    (event) => events.push(event),
  );
  return { meter, events };
}

describe('job meter', () => {
  it('adds up what each stage took, also where it fails', async () => {
    const { meter } = meterAt([0, 10, 13, 20, 21]);
    await meter.time('plate', async () => undefined);
    await expect(meter.time('plate', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    meter.addTime('sample', 2);
    expect(meter.measured()).toMatchObject({ plate: 4, sample: 2, encode: 0 });
  });

  it('tells the time left once the plan is known, window by window', () => {
    const { meter, events } = meterAt([0, 0, 5]);
    meter.report('plate', 1, 2, 'frames');
    expect(events[0]).toEqual({ stage: 'plate', step: 1, steps: 2, unit: 'frames' });
    meter.foresee({ plate: 0, text: 0, encode: 0, sample: 10, decode: 0, media: 0 });
    meter.report('sample', 4, 4, 'steps', { index: 0, count: 2 });
    // The first of two windows is done: half of the ten seconds, in no time so far.
    expect(events[1]).toMatchObject({ window: 1, windows: 2 });
    expect(events[1].etaSec).toBeCloseTo(2.5, 9);
  });
});
