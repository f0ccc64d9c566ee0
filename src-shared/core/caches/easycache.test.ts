import { describe, expect, it } from 'vitest';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript, type Script } from './testing/scripted-run.ts';

const walk = (options: { delta: number; warmup: number }, steps: number, script: Script, streams = 1) =>
  runScript(createMethod({ name: 'easycache', options }), oneTokenRun(steps, { streams }), script);

/** The sample is the step's number; the velocities are given. */
const script = (velocity: readonly number[]): Script => ({
  sample: (step) => Float32Array.of(step),
  output: (step, _part, streams) => ({
    // The second stream changes wildly: the first one tells.
    velocities: [Float32Array.of(velocity[step]), Float32Array.of(1000 * (step % 2))].slice(0, streams),
  }),
});

describe('easycache', () => {
  it('takes k from the last two computed steps, and what is expected from the step’s own change', () => {
    const velocity = [10, 12, 0, 0, 20, 0, 0, 0, 24, 0, 0, 0];
    // Steps 0, 1 forced: k = |12 − 10| / |1 − 0| = 2; a step adds 2·1/12 = 1/6: the third reaches 1/2 at step 4.
    // k = |20 − 12| / |4 − 1| = 8/3; a step adds 8/3/20 = 2/15: the fourth reaches 8/15 at step 8.
    // k = |24 − 20| / |8 − 4| = 1; a step adds 1/24; the last step is forced.
    const steps = walk({ delta: 0.45, warmup: 1 / 6 }, 12, script(velocity));
    expect(kindLetters(steps)).toBe('FFrrFrrrFrrF');
    // Reuse: the sample plus the last velocity − sample.
    expect(steps.map(({ velocities: [[value]] }) => value)).toEqual([
      ...[10, 12, 13, 14],
      ...[20, 21, 22, 23],
      ...[24, 25, 26, 0],
    ]);
  });

  it('has one schedule for both streams, and keeps them apart', () => {
    const velocity = [10, 12, 0, 0, 20, 0, 0, 0, 24, 0, 0, 0];
    const steps = walk({ delta: 0.45, warmup: 1 / 6 }, 12, script(velocity), 2);
    expect(kindLetters(steps)).toBe('FFrrFrrrFrrF');
    // 1000 at step 1, minus that sample, plus this one's.
    expect(steps[3].velocities[1][0]).toBe(1002);
  });

  it('sums from nothing after each computed step', () => {
    // k = 3, a step adds 3/3 = 1 until the velocity is 6 at step 3: k = 3/2, a step adds 1/4.
    const velocity = [0, 3, 0, 6, 0, 0, 0, 0];
    expect(kindLetters(walk({ delta: 1.5, warmup: 0.25 }, 8, script(velocity)))).toBe('FFrFrrrF');
  });

  it('computes until two steps have said how the output follows the input', () => {
    expect(kindLetters(walk({ delta: 10, warmup: 0 }, 5, script([1, 1, 1, 1, 1])))).toBe('FFrrF');
  });

  it('keeps k where the sample has not moved', () => {
    const velocity = [1, 2, 3, 0, 0, 0];
    const still: Script = {
      ...script(velocity),
      sample: (step) => Float32Array.of([0, 1, 1, 2, 3, 4][step]),
    };
    // k = 1 from steps 0 and 1; from step 3 on a step adds 1/3.
    expect(kindLetters(walk({ delta: 0.5, warmup: 0.5 }, 6, still))).toBe('FFFrFF');
  });
});
