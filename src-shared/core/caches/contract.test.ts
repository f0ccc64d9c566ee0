import { describe, expect, it } from 'vitest';
import { cacheMethods, createMethod, type MethodName } from './index.ts';
import { runToy, tokenWidth, toyPartition, toyRun } from './testing/toy-run.ts';

/** Options with which a method of 20 toy steps reuses something: a contract on nothing would hold too easily. */
const reusing: Record<MethodName, Record<string, number | string>> = {
  full: {},
  teacache: { delta: 0.2 },
  pab: {},
  adacache: { delta: 10 },
  fastcache: { delta: 0.3 },
  easycache: { delta: 0.2 },
  magcache: { delta: 0.5 },
  taylorseer: {},
  hetcache: { delta: 0.12 },
};
const names = Object.keys(cacheMethods) as MethodName[];
const full = createMethod({ name: 'full', options: {} });
const uncached = (streams: number) =>
  runToy(full, toyRun({ streams }), { guidanceScale: streams === 2 ? 4 : 1 });

describe.each(names)('%s', (name) => {
  const row = cacheMethods[name];
  const method = () => createMethod({ name, options: reusing[name] });

  it.each([1, 2])(
    'with its threshold at nothing equals the uncached run bit for bit, %i streams',
    (streams) => {
      const exact = createMethod({ name, options: { ...reusing[name], ...row.exact } });
      const result = runToy(exact, toyRun({ streams }), { guidanceScale: streams === 2 ? 4 : 1 });
      expect(result.kinds).toEqual(new Array(20).fill('full'));
      expect(result.sample).toEqual(uncached(streams).sample);
    },
  );

  it('saves something otherwise, begins in full and gives finite velocities of the right size', () => {
    const run = toyRun({ streams: 2 });
    const { kinds, velocities, calls } = runToy(method(), run, { guidanceScale: 4 });
    expect(kinds).toHaveLength(run.steps);
    expect(kinds[0]).toBe('full');
    if (name !== 'full') expect(kinds.some((kind) => kind !== 'full')).toBe(true);
    expect(calls.map(({ stepIndex }) => stepIndex)).toEqual(
      kinds.flatMap((kind, stepIndex) => (kind === 'reuse' ? [] : [stepIndex])),
    );
    for (const streams of velocities) {
      expect(streams).toHaveLength(2);
      for (const velocity of streams) {
        expect(velocity).toHaveLength(run.partition.count * tokenWidth);
        expect(velocity.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('started again is as fresh: another window, mask, prompt or shape finds nothing of the one before', () => {
    const used = method();
    runToy(used, toyRun({ streams: 2, partition: toyPartition(2, 40) }), {
      networkSeed: 5,
      guidanceScale: 3,
    });
    const again = runToy(used, toyRun(), { networkSeed: 1, noiseSeed: 9 });
    const fresh = runToy(method(), toyRun(), { networkSeed: 1, noiseSeed: 9 });
    expect(again.sample).toEqual(fresh.sample);
    expect(again.kinds).toEqual(fresh.kinds);
  });

  it('keeps the streams apart: the conditional one is what it is alone', () => {
    const [alone, both] = [1, 2].map((streams) => runToy(method(), toyRun({ streams })).velocities);
    // Guidance 1 takes the conditional stream alone to the next step, so both runs see the same samples.
    both.forEach((streams, step) => expect(streams[0]).toEqual(alone[step][0]));
    const unconditional = both.map((streams) => streams[1]);
    expect(
      unconditional.some((velocity, step) => velocity.some((value, i) => value !== both[step][0][i])),
    ).toBe(true);
  });

  it('does not write to what it is given or gave', () => {
    const frozen = method();
    const run = toyRun();
    const first = runToy(frozen, run);
    const copies = first.velocities.map((streams) => streams.map((velocity) => velocity.slice()));
    runToy(frozen, run, { noiseSeed: 4 });
    expect(first.velocities).toEqual(copies);
  });

  it.each([1, 2, 3])('runs %i steps', (steps) => {
    const { kinds, sample } = runToy(method(), toyRun({ steps }));
    expect(kinds).toHaveLength(steps);
    expect(sample.every(Number.isFinite)).toBe(true);
  });

  it('names an option that it does not have, or a value out of range', () => {
    expect(() => createMethod({ name, options: { nonsense: 1 } })).toThrow(/nonsense/);
    for (const [option, spec] of Object.entries(row.options)) {
      const bad = spec.kind === 'number' ? [spec.min - 1, spec.max + 1, NaN, 'much'] : ['nothing', 3];
      for (const value of bad) {
        expect(() => createMethod({ name, options: { [option]: value } })).toThrow(
          expect.objectContaining({
            code: 'cache-option',
            exitCode: 2,
            message: expect.stringContaining(option) as string,
          }),
        );
      }
    }
  });
});

it.each(names.filter((name) => cacheMethods[name].schedule === 'fixed'))(
  '%s has a schedule that no output of the network moves',
  (name) => {
    const schedules = [0, 1, 2].map((seed) => {
      const method = createMethod({ name, options: reusing[name] });
      return runToy(method, toyRun(), { networkSeed: seed, noiseSeed: seed }).kinds;
    });
    expect(schedules[1]).toEqual(schedules[0]);
    expect(schedules[2]).toEqual(schedules[0]);
  },
);

it('an unknown method is named, with those that there are', () => {
  expect(() => createMethod({ name: 'nocache', options: {} })).toThrow(
    expect.objectContaining({ code: 'cache-method', hint: expect.stringContaining('hetcache') as string }),
  );
});
