import { describe, expect, it } from 'vitest';
import type { CacheMethod, CacheRun } from './cache-method.ts';
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

/** A method with options under which it must hold as well as with its own. */
interface Variant {
  readonly label: string;
  readonly name: MethodName;
  readonly options: Readonly<Record<string, number | string>>;
}
const hetcacheBase = {
  delta: 0.12,
  rho: 2.5,
  partial: 'drop',
  keep: 0.5,
  margin: 2,
  marginTime: 1,
  warmup: 0,
  drift: 'embedding',
  weighting: 'none',
  partialAbove: 0,
};
const variants: Variant[] = [
  ...names.map((name) => ({ label: name, name, options: reusing[name] })),
  {
    label: 'hetcache, smoothed cached context, unconditional every other call',
    name: 'hetcache',
    options: { ...hetcacheBase, context: 'cached', ema: 0.3, unconditionalEvery: 2, reuse: 'velocity' },
  },
  {
    label: 'hetcache, content drift, fewer tokens over time',
    name: 'hetcache',
    options: { ...hetcacheBase, drift: 'content', delta: 0.5, anneal: 0.8, reuse: 'residual' },
  },
  {
    label: 'hetcache, no selection, no known context',
    name: 'hetcache',
    options: {
      ...hetcacheBase,
      selection: 'uniform',
      context: 'cached',
      reuse: 'forecast',
      weighting: 'contribution',
    },
  },
  {
    label: 'hetcache, looking at the kept context',
    name: 'hetcache',
    options: { ...hetcacheBase, partial: 'kv', keep: 0.25, margin: 0, marginTime: 0, reuse: 'velocity' },
  },
  { label: 'taylorseer of order 3', name: 'taylorseer', options: { interval: 3, order: 3 } },
];
const full = createMethod({ name: 'full', options: {} });
const uncached = (streams: number) =>
  runToy(full, toyRun({ streams }), { guidanceScale: streams === 2 ? 4 : 1 });
const contextVelocity = Float32Array.from({ length: 48 * tokenWidth }, (_, i) => Math.sin(i));

/** A method whose parts can be replaced one by one: some are classes, whose methods do not spread. */
function bound(method: CacheMethod): CacheMethod {
  return {
    needs: method.needs,
    start: (...run) => method.start(...run),
    save: (nextStep) => method.save(nextStep),
    decide: (step) => method.decide(step),
    part: (step) => method.part(step),
    observe: (...output) => method.observe(...output),
    velocities: (step) => method.velocities(step),
  };
}

/** The method, with `look` called before each of its steps. */
function beforeSteps(
  method: CacheMethod,
  look: (stepIndex: number, method: CacheMethod) => void,
): CacheMethod {
  return {
    ...bound(method),
    decide(step) {
      look(step.stepIndex, method);
      return method.decide(step);
    },
  };
}

/** Everything that passes to and from a method, together with a copy of it as it then was. */
function watched(method: CacheMethod): { method: CacheMethod; changed(): number } {
  const seen: [Float32Array | Int32Array, Float32Array | Int32Array][] = [];
  const watch = (...arrays: readonly (Float32Array | Int32Array | undefined)[]): void => {
    for (const array of arrays) if (array !== undefined) seen.push([array, array.slice()]);
  };
  return {
    method: {
      ...bound(method),
      start(run: CacheRun) {
        const { partition, drift } = run;
        watch(run.timesteps, run.sigmas, run.contextVelocity, drift.embedding, drift.projection);
        watch(partition.generative, partition.margin, partition.context);
        method.start(run);
      },
      decide(step) {
        watch(step.sample, step.modulatedInput);
        return method.decide(step);
      },
      part(step) {
        const part = method.part(step);
        if ('tokens' in part) watch(part.tokens);
        return part;
      },
      observe(step, output) {
        watch(...output.velocities, output.importance, output.features);
        method.observe(step, output);
      },
      velocities(step) {
        const velocities = method.velocities(step);
        watch(...velocities);
        return velocities;
      },
    },
    changed: () => seen.filter(([array, copy]) => array.some((value, i) => value !== copy[i])).length,
  };
}

describe.each(variants)('$label', ({ name, options }) => {
  const row = cacheMethods[name];
  const method = (): CacheMethod => createMethod({ name, options });

  it.each([1, 2])(
    'with its threshold at nothing equals the uncached run bit for bit, %i streams',
    (streams) => {
      const exact = createMethod({ name, options: { ...options, ...row.exact } });
      const result = runToy(exact, toyRun({ streams, contextVelocity }), {
        guidanceScale: streams === 2 ? 4 : 1,
      });
      expect(result.kinds).toEqual(new Array(20).fill('full'));
      expect(result.sample).toEqual(uncached(streams).sample);
    },
  );

  it('saves something otherwise, begins in full and returns finite velocities of the right size', () => {
    const run = toyRun({ streams: 2 });
    const { kinds, velocities, calls } = runToy(method(), run, { guidanceScale: 4 });
    expect(kinds).toHaveLength(run.steps);
    expect(kinds[0]).toBe('full');
    if (name !== 'full') expect(kinds.some((kind) => kind !== 'full')).toBe(true);
    expect(calls.map(({ stepIndex }) => stepIndex)).toEqual(
      kinds.flatMap((kind, stepIndex) => (kind === 'reuse' ? [] : [stepIndex])),
    );
    expect(velocities).toHaveLength(run.steps);
    for (const streams of velocities) {
      expect(streams).toHaveLength(2);
      for (const velocity of streams) {
        expect(velocity).toHaveLength(run.partition.count * tokenWidth);
        expect(velocity.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('partial calls have each token once, ascending, and all of the hole and its margin', () => {
    const run = toyRun({ streams: 2 });
    const { generative, margin } = run.partition;
    for (const { kind, part } of runToy(method(), run, { guidanceScale: 4 }).calls) {
      if (part === undefined) continue;
      expect(kind).toBe('partial');
      expect([...part]).toEqual([...new Set(part)].sort((a, b) => a - b));
      expect(part.length).toBeLessThan(run.partition.count);
      for (const token of [...generative, ...margin]) expect(part).toContain(token);
    }
  });

  it.each([
    ['another mask and number of streams', toyRun({ streams: 2, partition: toyPartition(2, 40) })],
    ['another shape', toyRun({ partition: toyPartition(1, 16, 144) })],
    ['another number of steps', toyRun({ steps: 7 })],
    ['a known context', toyRun({ contextVelocity })],
  ])('started again after %s is as fresh: nothing of the window or prompt before is found', (_, before) => {
    const used = method();
    runToy(used, before, { networkSeed: 5, guidanceScale: 3 });
    const again = runToy(used, toyRun(), { networkSeed: 1, noiseSeed: 9 });
    const fresh = runToy(method(), toyRun(), { networkSeed: 1, noiseSeed: 9 });
    expect(again).toEqual(fresh);
  });

  it('is the same in two runs side by side: nothing is shared between instances', () => {
    const [one, other] = [method(), method()];
    const alone = runToy(method(), toyRun());
    one.start(toyRun());
    runToy(other, toyRun({ partition: toyPartition(2, 40) }), { networkSeed: 5 });
    expect(runToy(one, toyRun())).toEqual(alone);
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

  it.each([1, 2])(
    'continues from what it saved, bit for bit, between any two steps, %i streams',
    (streams) => {
      const run = toyRun({ streams, contextVelocity });
      const options = { guidanceScale: streams === 2 ? 4 : 1 };
      const savable: number[] = [];
      const watched = beforeSteps(method(), (at, inner) => {
        if (at > 0 && inner.save(at) !== undefined) savable.push(at);
      });
      const uninterrupted = runToy(watched, run, options);
      // Where attention outputs stay with the network, a run continues at the next step that computes them all.
      if (watched.needs.modules !== true) expect(savable).toHaveLength(run.steps - 1);
      expect(savable.length).toBeGreaterThan(5);
      for (const at of savable) {
        // By an instance that has seen another run.
        const by = method();
        runToy(by, toyRun({ streams: 2, partition: toyPartition(2, 40) }), { guidanceScale: 3 });
        const { sample, kinds } = runToy(method(), run, {
          ...options,
          takeover: { at, by, copy: structuredClone },
        });
        expect(kinds).toEqual(uninterrupted.kinds);
        expect(sample).toEqual(uninterrupted.sample);
      }
    },
  );

  it('does not change what it saved as the run continues', () => {
    const saved: [memory: unknown, copy: unknown][] = [];
    const watched = beforeSteps(method(), (at, inner) => {
      const memory = inner.save(at);
      if (at % 6 === 0) saved.push([memory, structuredClone(memory)]);
    });
    runToy(watched, toyRun({ streams: 2, contextVelocity }), { guidanceScale: 4 });
    expect(saved).toHaveLength(4);
    for (const [memory, copy] of saved) expect(memory).toEqual(copy);
  });

  it('does not write to what it is given or gave', () => {
    const watch = watched(method());
    runToy(watch.method, toyRun({ streams: 2, contextVelocity }), { guidanceScale: 4 });
    runToy(watch.method, toyRun(), { noiseSeed: 4 });
    expect(watch.changed()).toBe(0);
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

it('the watch on arrays sees one that is written to', () => {
  const watch = watched({
    ...full,
    observe(step, output) {
      full.observe(step, output);
      output.velocities[0][3] += 1;
    },
  });
  runToy(watch.method, toyRun({ steps: 2 }));
  expect(watch.changed()).toBeGreaterThan(0);
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
