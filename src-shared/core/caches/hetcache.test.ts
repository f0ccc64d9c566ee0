import { describe, expect, it } from 'vitest';
import { keptCount, selections } from '../tokens/index.ts';
import type { CacheRun, ModelCalibration, NetworkOutput, PartialCall } from './cache-method.ts';
import { createMethod } from './index.ts';
import {
  kindLetters,
  oneTokenRun,
  runScript,
  type Script,
  type ScriptedStep,
} from './testing/scripted-run.ts';
import { toyPartition } from './testing/toy-run.ts';

/** Everything said, so that no default matters. */
const plain = {
  delta: 1,
  rho: 2.5,
  warmup: 0,
  partial: 'drop',
  caches: 'auto',
  ahead: 'forecast',
  schedule: 'drift',
  keep: 0.5,
  clusters: 2,
  margin: 1,
  marginTime: 1,
  ema: 1,
  context: 'cached',
  reuse: 'velocity',
  drift: 'embedding',
  weighting: 'none',
  spacing: 'greedy',
  partialAbove: 0,
  selection: 'uniform',
  queries: 4,
  unconditionalEvery: 1,
  anneal: 0,
};
type Options = Partial<Record<keyof typeof plain, number | string>>;
const hetcache = (options: Options = {}) =>
  createMethod({ name: 'hetcache', options: { ...plain, ...options } });

/** A hole of one token column: 2 generative tokens of 48, 6 around them, 40 of context. */
const partition = toyPartition(1, 16);
const { count, context, generative, margin } = partition;

/** Steps whose drift is `drift` each; the powers of two sum exactly. */
function run(steps: number, drift: number, changes: Partial<CacheRun> = {}): CacheRun {
  const even = Float32Array.from({ length: steps }, (_, i) => (i === 0 ? 0 : drift));
  return oneTokenRun(steps, { partition, drift: { embedding: even, projection: even }, ...changes });
}

const kinds = (options: Options, of: CacheRun, script: Script = {}): string =>
  kindLetters(runScript(hetcache(options), of, script));

/** Tokens of a partial call. */
function tokensOf(part: PartialCall | undefined): number[] {
  if (part === undefined || !('tokens' in part)) throw new Error('not a call on some tokens');
  return [...part.tokens];
}
const partsOf = (steps: readonly ScriptedStep[]): number[][] =>
  steps.flatMap(({ part }) => (part === undefined ? [] : [tokensOf(part)]));

/** Velocities of one number a token: `value` of the tokens of the call, in every stream, plus 1000 in the second. */
const outputOf =
  (value: (stepIndex: number, token: number) => number): NonNullable<Script['output']> =>
  (stepIndex, part, streams) => {
    const tokens = part === undefined ? Array.from({ length: count }, (_, i) => i) : tokensOf(part);
    return {
      velocities: Array.from({ length: streams }, (_, stream) =>
        Float32Array.from(tokens, (token) => value(stepIndex, token) + 1000 * stream),
      ),
    };
  };

it('the toy window is what these tests take it for', () => {
  expect([count, generative.length, margin.length, context.length]).toEqual([48, 2, 6, 40]);
});

describe('the schedule', () => {
  it.each([
    // One drift of δ a step. Since full: 1, 2, 3 against 2.5: two partials between fulls.
    [2.5, 1, 'FPPFPPFPPF'],
    // 1, 2 against 1.5: partial and full in turn.
    [1.5, 1, 'FPFPFPFPFF'],
    // Half of δ a step: a reuse before each of them. 1, 2, 3 against 2.5; 1, 2 against 1.5.
    [2.5, 0.5, 'FrPrPrFrPF'],
    [1.5, 0.5, 'FrPrFrPrFF'],
    // A quarter: three reuses.
    [1.5, 0.25, 'FrrrPrrrFF'],
    // What reaches ρ·δ is full, at ρ = 1 always; far more than δ in one step is full at once.
    [2, 1, 'FPFPFPFPFF'],
    [1, 0.5, 'FrFrFrFrFF'],
    [2.5, 4, 'FFFFFFFFFF'],
    [100, 1, 'FPPPPPPPPF'],
  ])('with ρ %f and a drift of %f a step is %s', (rho, drift, expected) => {
    expect(kinds({ rho }, run(10, drift))).toBe(expected);
  });

  it('scales with δ, and computes everything where δ is nothing', () => {
    expect(kinds({ delta: 2 }, run(10, 1))).toBe('FrPrPrFrPF');
    expect(kinds({ delta: 100 }, run(10, 1))).toBe('FrrrrrrrrF');
    expect(kinds({ delta: 0 }, run(10, 1))).toBe('FFFFFFFFFF');
    expect(kinds({ delta: 0 }, run(10, 0))).toBe('FFFFFFFFFF');
  });

  it('sums both drifts from nothing after each full step, and the one since a call after a partial one', () => {
    const embedding = Float32Array.of(0, 0.5, 0.75, 0.75, 0.5, 0.5, 0.5, 0.25, 1, 0, 0);
    const of = run(11, 0, { drift: { embedding, projection: embedding } });
    // Since call: 0.5 r, 1.25 P, 0.75 r, 1.25 (since full 2.5) F, 0.5 r, 1 P, 0.25 r, 1.25 (since full 2.25) P, 0 r.
    expect(kinds({ rho: 2.5 }, of)).toBe('FrPrFrPrPrF');
  });

  it('computes the first steps and the last in full', () => {
    expect(kinds({ warmup: 0.3 }, run(10, 1))).toBe('FFFPPFPPFF');
    expect(kinds({ warmup: 0.3, delta: 100 }, run(10, 1))).toBe('FFFrrrrrrF');
    // 0.04 of 10 is none, yet the first is.
    expect(kinds({ warmup: 0.04, delta: 100 }, run(10, 1))).toBe('FrrrrrrrrF');
    expect(kinds({ warmup: 1 }, run(10, 1))).toBe('FFFFFFFFFF');
    expect(kinds({ delta: 100 }, run(1, 1))).toBe('F');
  });

  it('is full, not partial, at noise levels down from where that is asked', () => {
    // Exactly 0.5 is full already.
    const sigmas = Float32Array.of(1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0);
    expect(kinds({ partialAbove: 0.5, rho: 100 }, run(7, 1, { sigmas }))).toBe('FPPPFFF');
    expect(kinds({ partialAbove: 0.4, rho: 100 }, run(7, 1, { sigmas }))).toBe('FPPPPFF');
    expect(kinds({ partialAbove: 0.5, rho: 100, delta: 2 }, run(7, 1, { sigmas }))).toBe('FrPrFrF');
    expect(kinds({ partialAbove: 1 }, run(7, 1, { sigmas }))).toBe('FFFFFFF');
  });

  it('is full where a partial step would drop nothing', () => {
    expect(kinds({ keep: 1 }, run(10, 1))).toBe('FFFFFFFFFF');
    expect(kinds({ keep: 1 }, run(10, 0.5))).toBe('FrFrFrFrFF');
    // 0.99 of 40 rounds to 40.
    expect(kinds({ keep: 0.99 }, run(10, 1))).toBe('FFFFFFFFFF');
    const noContext = {
      ...partition,
      margin: Int32Array.from([...margin, ...context]),
      context: new Int32Array(0),
    };
    expect(kinds({ keep: 0.5 }, run(10, 0.5, { partition: noContext }))).toBe('FrFrFrFrFF');
  });
});

describe('the drift', () => {
  const embedding = Float32Array.of(0, 1, 1, 1, 1, 1);
  const projection = Float32Array.of(0, 0.5, 0.5, 0.5, 0.5, 0.5);
  const of = (calibration: ModelCalibration = {}): CacheRun =>
    run(6, 0, { drift: { embedding, projection }, calibration });

  it('is that of the time embedding, or of its projection', () => {
    expect(kinds({ drift: 'embedding' }, of())).toBe('FPPFPF');
    expect(kinds({ drift: 'projection' }, of())).toBe('FrPrPF');
  });

  it('goes through the model’s polynomial where it is the embedding’s', () => {
    // x/2 on 0 … 1
    const calibration: ModelCalibration = { driftPolynomial: [0.5, 0], driftRange: [0, 1] };
    expect(kinds({ drift: 'embedding' }, of(calibration))).toBe('FrPrPF');
    expect(kinds({ drift: 'projection' }, of(calibration))).toBe('FrPrPF');
  });

  it('counts by what reaches the result: by how far the logarithm of sigma falls, 1 in the mean', () => {
    // Halvings of sigma before each step: 1, 2, 1 of a mean of 4/3: weights 3/4, 3/2, 3/4 on drifts of 1.
    const sigmas = Float32Array.of(1, 0.5, 0.125, 0.0625, 0);
    const weighted = (delta: number): string =>
      kinds({ weighting: 'contribution', delta, rho: 100 }, run(4, 1, { sigmas }));
    expect(weighted(0.74)).toBe('FPPF');
    expect(weighted(0.76)).toBe('FrPF');
    expect(weighted(2.24)).toBe('FrPF');
    expect(weighted(2.26)).toBe('FrrF');
    // Where sigma falls by the same factor every time, all weights are 1.
    const even = Float32Array.from({ length: 11 }, (_, i) => (i === 10 ? 0 : 2 ** -i));
    expect(kinds({ weighting: 'contribution', rho: 1.5 }, run(10, 0.5, { sigmas: even }))).toBe('FrPrFrPrFF');
    expect(kinds({ weighting: 'contribution' }, run(1, 1))).toBe('F');
  });

  it('of the content follows the modulated input, through the polynomial', () => {
    const inputs = [1, 2, 2.5, 2.5, 7.5, 7.5];
    // Changes 1, 0.25, 0, 2, 0.
    const script: Script = { modulatedInput: (step) => Float32Array.of(inputs[step]) };
    expect(kinds({ drift: 'content' }, of(), script)).toBe('FPrrFF');
    // Four times as much: 4, 1, 0, 8.
    const calibration: ModelCalibration = { driftPolynomial: [4, 0] };
    expect(kinds({ drift: 'content' }, of(calibration), script)).toBe('FFPrFF');
    expect(hetcache({ drift: 'content' }).needs.modulatedInput).toBe(true);
    expect(hetcache({ drift: 'embedding' }).needs.modulatedInput).toBe(false);
    expect(() => runScript(hetcache({ drift: 'content' }), of())).toThrow(/no modulated input/);
  });
});

describe('the tokens of partial steps', () => {
  /** Clusters by the parity of the token, importance by its number, or the other way round after step 3. */
  const selecting: Script = {
    output: (stepIndex, part, streams): NetworkOutput => {
      const zeros = outputOf(() => 0)(stepIndex, part, streams);
      if (part !== undefined) return zeros;
      const sign = stepIndex < 3 ? 1 : -1;
      return {
        ...zeros,
        importance: Float32Array.from({ length: count }, (_, token) => 100 + sign * token),
        features: Float32Array.from({ length: count * 64 }, (_, i) =>
          Math.floor(i / 64) % 2 === 0 ? 5 : -5,
        ),
      };
    },
  };
  const active = (kept: readonly number[]): number[] =>
    [...generative, ...margin, ...kept].sort((a, b) => a - b);

  it('are generative, margin and the share of the context, ascending', () => {
    const [part] = partsOf(runScript(hetcache({ keep: 0.3 }), run(3, 1)));
    const kept = part.filter((token) => context.includes(token));
    expect(kept).toHaveLength(12);
    expect(part).toEqual(active(kept));
    expect(kept).toEqual([...selections.uniform.select({ context, keep: 0.3, seed: 1 })]);
    expect(tokensOf(runScript(hetcache({ keep: 0 }), run(3, 1))[1].part)).toEqual(active([]));
  });

  it('are the most important ones of each cluster', () => {
    const options = { selection: 'clusters+importance', keep: 0.5 };
    const [part] = partsOf(runScript(hetcache(options), run(3, 1), selecting));
    const best = [0, 1].flatMap((parity) => {
      const cluster = [...context].filter((token) => token % 2 === parity);
      return cluster.slice(-cluster.length / 2);
    });
    expect(part).toEqual(active(best));
    // Without clusters, the most important of all.
    const [plainPart] = partsOf(runScript(hetcache({ selection: 'importance' }), run(3, 1), selecting));
    expect(plainPart).toEqual(active([...context].slice(-20)));
  });

  it('come from the last full step and are shared by the partial steps that follow', () => {
    const steps = runScript(hetcache({ selection: 'importance' }), run(7, 1), selecting);
    expect(kindLetters(steps)).toBe('FPPFPPF');
    const [first, second, third, fourth] = partsOf(steps);
    expect(first).toEqual(active([...context].slice(-20)));
    expect(second).toEqual(first);
    expect(third).toEqual(active([...context].slice(0, 20)));
    expect(fourth).toEqual(third);
    const [one, two] = steps.flatMap(({ part }) => part ?? []);
    expect('tokens' in one && 'tokens' in two && one.tokens === two.tokens).toBe(true);
  });

  it('are clustered again after each full step', () => {
    // By parity first, from step 3 on by halves; then the lower tokens are the more important ones.
    const script: Script = {
      output: (stepIndex, part, streams) => {
        const output = selecting.output!(stepIndex, part, streams);
        if (part !== undefined || stepIndex < 3) return output;
        const features = Float32Array.from({ length: count * 64 }, (_, i) =>
          context.indexOf(Math.floor(i / 64)) < context.length / 2 ? 5 : -5,
        );
        return { ...output, features };
      },
    };
    const steps = runScript(hetcache({ selection: 'clusters+importance' }), run(7, 1), script);
    const third = partsOf(steps)[2];
    const halves = [context.subarray(0, 20), context.subarray(20)];
    expect(third).toEqual(active(halves.flatMap((half) => [...half.subarray(0, 10)])));
  });

  it('become fewer over the run by as much as is asked', () => {
    const steps = runScript(hetcache({ keep: 0.8, anneal: 0.5, rho: 100 }), run(11, 1));
    expect(kindLetters(steps)).toBe('FPPPPPPPPPF');
    // 40 · 0.8 · (1 − 0.5·i/10)
    expect(partsOf(steps).map(({ length }) => length - 8)).toEqual(
      [30.4, 28.8, 27.2, 25.6, 24, 22.4, 20.8, 19.2, 17.6].map(Math.round),
    );
    // Nothing is dropped at the first partial step except for the annealing: 40 · 0.9.
    const whole = runScript(hetcache({ keep: 1, anneal: 1, rho: 100 }), run(11, 1));
    expect(partsOf(whole).map(({ length }) => length - 8)).toEqual([36, 32, 28, 24, 20, 16, 12, 8, 4]);
    expect(keptCount(context.length, 0.9)).toBe(36);
  });

  it('say what the method needs of the network and of the window', () => {
    expect(hetcache({ selection: 'clusters+importance', queries: 7 }).needs).toMatchObject({
      selection: { queries: 7 },
      margin: { space: 1, time: 1 },
    });
    for (const selection of ['clusters', 'uniform']) {
      expect(hetcache({ selection, margin: 3, marginTime: 0 }).needs).toMatchObject({
        selection: { queries: 0 },
        margin: { space: 3, time: 0 },
      });
    }
  });
});

describe('velocities', () => {
  /** 100·step + token */
  const byStep = outputOf((step, token) => 100 * step + token);
  const contextVelocity = Float32Array.from({ length: count }, (_, token) => -token - 0.5);
  const isContext = (token: number): boolean => context.includes(token);
  /** The step at which the conditional stream's velocity of each token was computed. */
  const computedAt = ({ velocities }: ScriptedStep): number[] =>
    [...velocities[0]].map((value, token) => (value - token) / 100);

  it('of dropped tokens are those of the last step that computed them', () => {
    const steps = runScript(hetcache(), run(7, 0.5), { output: byStep });
    expect(kindLetters(steps)).toBe('FrPrPrF');
    const part = partsOf(steps)[0];
    const at = (step: number) =>
      Array.from({ length: count }, (_, token) => (part.includes(token) ? step : 0));
    expect(steps.map(computedAt)).toEqual([
      ...[at(0), at(0), at(2), at(2), at(4), at(4)],
      new Array<number>(count).fill(6),
    ]);
  });

  it('of the context are smoothed where that is asked, of the hole and its margin never', () => {
    const steps = runScript(hetcache({ ema: 0.25 }), run(4, 1), { output: byStep });
    expect(kindLetters(steps)).toBe('FPPF');
    const part = partsOf(steps)[0];
    // 0.25·1 = 0.25; 0.25·2 + 0.75·0.25 = 0.6875
    for (const [step, smoothed] of [
      [1, 0.25],
      [2, 0.6875],
    ]) {
      expect(computedAt(steps[step])).toEqual(
        Array.from({ length: count }, (_, token) => {
          if (!part.includes(token)) return 0;
          return isContext(token) ? smoothed : step;
        }),
      );
    }
    expect(computedAt(steps[3])).toEqual(new Array(count).fill(3));
  });

  it('of dropped tokens are the known ones until the next full step, in both streams', () => {
    const of = run(5, 0.5, { contextVelocity, streams: 2 });
    const steps = runScript(hetcache({ context: 'analytic' }), of, { output: byStep });
    expect(kindLetters(steps)).toBe('FrPrF');
    const kept = tokensOf(steps[2].part);
    expect(kept.length).toBeLessThan(count);
    const isDropped = (step: number, token: number): boolean => step > 1 && !kept.includes(token);
    for (const [step, last] of [
      [1, 0],
      [2, 2],
      [3, 2],
    ]) {
      for (const stream of [0, 1]) {
        expect([...steps[step].velocities[stream]]).toEqual(
          Array.from({ length: count }, (_, token) =>
            isDropped(step, token) ? contextVelocity[token] : 100 * last + token + 1000 * stream,
          ),
        );
      }
    }
    // A full step knows better.
    expect(computedAt(steps[4])).toEqual(new Array(count).fill(4));
    expect(computedAt(steps[0])).toEqual(new Array(count).fill(0));
  });

  it('of the context are the cached ones where nothing is known of it', () => {
    const script = { output: byStep };
    const cached = runScript(hetcache({ context: 'cached' }), run(5, 0.5, { contextVelocity }), script);
    expect(runScript(hetcache({ context: 'analytic' }), run(5, 0.5), script)).toEqual(cached);
    expect(computedAt(cached[1])).toEqual(new Array(count).fill(0));
  });

  it('of reuse steps are forecast over sigma where that is asked', () => {
    const steps = runScript(hetcache({ reuse: 'forecast', keep: 0 }), run(7, 0.5), { output: byStep });
    expect(kindLetters(steps)).toBe('FrPrPrF');
    // From steps 0 and 2, or 2 and 4, at even noise levels: one step further. The dropped tokens stay.
    const hole = generative[0];
    expect(steps.map((step) => Math.round(1e4 * computedAt(step)[hole]) / 1e4)).toEqual([
      0, 0, 2, 3, 4, 5, 6,
    ]);
    expect(steps.map((step) => computedAt(step)[context[0]])).toEqual([0, 0, 0, 0, 0, 0, 6]);
  });
});

describe('the unconditional stream', () => {
  /** 10·step, and in the second stream 10·step + 2·step + 1: their difference changes. */
  const output: NonNullable<Script['output']> = (stepIndex, part, streams) => {
    const tokens = part === undefined ? count : tokensOf(part).length;
    return {
      velocities: [10 * stepIndex, 12 * stepIndex + 1]
        .slice(0, streams)
        .map((value) => new Float32Array(tokens).fill(value)),
    };
  };
  const alone = (steps: readonly ScriptedStep[]): string =>
    steps.map(({ conditionalOnly }) => (conditionalOnly === true ? 'c' : '.')).join('');

  it('runs every so many computed steps', () => {
    const walk = (unconditionalEvery: number, drift: number, streams = 2) =>
      alone(runScript(hetcache({ unconditionalEvery }), run(10, drift, { streams }), { output }));
    // Computed: all of FPPFPPFPPF; 0, 2, 4, 6, 8, 9 of FrPrPrFrPF.
    expect(walk(1, 1)).toBe('..........');
    expect(walk(2, 1)).toBe('.c.c.c.c.c');
    expect(walk(3, 1)).toBe('.cc.cc.cc.');
    expect(walk(2, 0.5)).toBe('..c...c..c');
    expect(walk(2, 1, 1)).toBe('..........');
  });

  it('else follows by the difference when both last ran', () => {
    const options = { unconditionalEvery: 3, keep: 0 };
    const steps = runScript(hetcache(options), run(10, 1, { streams: 2 }), { output });
    expect(kindLetters(steps)).toBe('FPPFPPFPPF');
    const hole = generative[0];
    // Differences: 1 from step 0, 7 from step 3, 13 from step 6, 19 at step 9.
    expect(steps.map(({ velocities }) => velocities.map((velocity) => velocity[hole]))).toEqual(
      [1, 1, 1, 7, 7, 7, 13, 13, 13, 19].map((difference, step) => [10 * step, 10 * step + difference]),
    );
    // The context was dropped in partial steps: both streams are as the last full step left them.
    expect(steps.map(({ velocities }) => velocities.map((velocity) => velocity[context[0]]))).toEqual(
      [0, 0, 0, 3, 3, 3, 6, 6, 6, 9].map((step) => [10 * step, 12 * step + 1]),
    );
  });
});

describe('partial steps that look at the kept context', () => {
  const kv = { partial: 'kv', keep: 0, rho: 100 };
  const of = (changes: Partial<CacheRun> = {}): CacheRun => run(9, 0.5, { partialCost: 0.3, ...changes });
  const letters = 'FrFPrFfP';
  /** Calibrated for the conditions of `eight`, with one schedule that has partial steps. */
  const eight = oneTokenRun(8, { partition, streams: 2, guidanceScale: 3, partialCost: 0.3 });
  const point = { calls: 1, letters: 'Frrrrrrr', error: 1 };
  const calibration: ModelCalibration = {
    schedules: [
      {
        guidanceScale: 3,
        timesteps: [...eight.timesteps],
        sigmas: [...eight.sigmas],
        runs: 1,
        gram: [],
        sensitivity: [],
        points: [point, ...[2, 3, 4, 5, 6, 7, 8].map((calls) => ({ ...point, calls, error: 0.9 }))],
        partial: {
          errors: { after: [1], ages: [1], errors: [[0.1]] },
          curves: [{ share: 0.3, points: [{ full: 3, partial: 2, letters, error: 0.1 }] }],
        },
      },
    ],
  };

  it('come one after a full one, and keep nothing in the last step', () => {
    const steps = runScript(hetcache(kv), of());
    expect(kindLetters(steps)).toBe('FrPrFrPrF');
    expect(steps.map(({ keep }) => keep)).toEqual([
      context,
      ...[undefined, undefined, undefined],
      context,
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  it('compute the hole and its margin, and are given the rest as it was kept, carried on', () => {
    const parts = runScript(hetcache(kv), of()).flatMap(({ part }) => (part === undefined ? [] : [part]));
    const hole = [...generative, ...margin].sort((a, b) => a - b);
    expect(parts.map(tokensOf)).toEqual([hole, hole]);
    // Noise levels run evenly: kept at steps 0 and 4, looked at at step 6.
    const expected = [
      { tokens: context, reach: 0 },
      { tokens: context, reach: expect.closeTo(0.5, 5) as number },
    ];
    expect(parts.map((part) => 'tokens' in part && part.cached)).toEqual(expected);
    const last = runScript(hetcache({ ...kv, ahead: 'last' }), of())[6].part!;
    expect('tokens' in last && last.cached?.reach).toBe(0);
  });

  it('compute a share r of the context afresh, and look at the rest', () => {
    const { part } = runScript(hetcache({ ...kv, keep: 0.25 }), of())[2];
    const tokens = tokensOf(part);
    expect(tokens).toHaveLength(generative.length + margin.length + 10);
    const cached = part !== undefined && 'tokens' in part ? [...part.cached!.tokens] : [];
    expect([...tokens, ...cached].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it.each([
    ['there is no graph or memory', {}, { partialCost: undefined }],
    ['the other stream does not always run', { unconditionalEvery: 2 }, {}],
    ['none are asked for', { partial: 'none' }, {}],
    ['the calibration is to decide', { partial: 'auto' }, {}],
  ])('are none where %s', (_, options, changes) => {
    const { partialCost, ...rest } = { ...of(), ...changes };
    const plan = { ...rest, ...(partialCost !== undefined && { partialCost }) };
    const steps = runScript(hetcache({ ...kv, ...options }), plan);
    expect(kindLetters(steps)).toBe('FrFrFrFrF');
    expect(steps.every(({ keep }) => keep === undefined)).toBe(true);
  });

  it('are where the calibrated schedule has them; the full steps before them keep the context', () => {
    const options = { schedule: 'calibrated', partial: 'auto', delta: 0.2, keep: 0 };
    const calibrated = { ...eight, calibration };
    const steps = runScript(hetcache(options), calibrated);
    expect(kindLetters(steps)).toBe(letters.replaceAll('f', 'r'));
    expect(steps.flatMap(({ keep }, i) => (keep === undefined ? [] : [i]))).toEqual([0, 2, 5]);
    const without = runScript(hetcache({ ...options, partial: 'none' }), calibrated);
    expect(kindLetters(without)).not.toContain('P');
  });

  it('ask for the graph that keeps, for the selection only where they select, for neither without', () => {
    const needs = (options: Options) => hetcache({ partial: 'auto', ...options }).needs;
    expect(needs({ keep: 0 })).toMatchObject({ cached: { form: 'auto', keep: 0 } });
    expect(needs({ keep: 0 }).selection).toBeUndefined();
    expect(needs({ keep: 0.5, caches: 'int8' })).toMatchObject({
      cached: { form: 'int8', keep: 0.5 },
      selection: { queries: 0 },
    });
    expect(needs({ partial: 'none' })).toEqual({ margin: { space: 1, time: 1 }, modulatedInput: false });
    expect(needs({ partial: 'drop' }).cached).toBeUndefined();
    expect(needs({ partial: 'drop' }).selection).toEqual({ queries: 0 });
  });
});
