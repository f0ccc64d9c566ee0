import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import {
  cacheMethods,
  createMethod,
  scriptedSchedule,
  type CacheMethod,
  type CacheNeeds,
  type StepDecision,
} from '../../../src-shared/core/caches/index.ts';
import { predictClean } from '../../../src-shared/core/preview/index.ts';
import { parseSchedulerConfig } from '../../../src-shared/core/schedulers/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import { gatherRows } from '../../../src-shared/core/tokens/index.ts';
import type { Denoiser, NetworkCall } from '../network/denoiser.ts';
import type { DriftProbe } from '../network/drift-probe.ts';
import {
  countCalls,
  flopsSaved,
  sampleLoop,
  stepsToRun,
  type SampleState,
  type SamplingInput,
} from './sampling-loop.ts';

/** 8 tokens of 8 numbers: two generative, two margin, four context. */
const count = 8;
const width = 8;
const partition = {
  grid: { frames: 1, rows: 2, cols: 4 },
  count,
  generative: Int32Array.of(1, 2),
  margin: Int32Array.of(0, 3),
  context: Int32Array.of(4, 5, 6, 7),
};
const clean = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i));
const noise = Float32Array.from({ length: count * width }, (_, i) => Math.cos(3 * i));
const exactVelocity = clean.map((value, i) => noise[i] - value);
const scheduler = parseSchedulerConfig(
  { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 },
  'test',
).create({ steps: 6 });
const full = (): CacheMethod => createMethod({ name: 'full', options: {} });

/**
 * The exact velocity noise − x₀ of a straight path, of the tokens of the call, plus what each stream adds. A call
 * costs its tokens times its streams.
 */
function exactDenoiser(offsets: readonly number[], calls: NetworkCall[] = []): Denoiser {
  const tokensOf = ({ part }: NetworkCall): Int32Array =>
    part !== undefined && 'tokens' in part ? part.tokens : Int32Array.from({ length: count }, (_, i) => i);
  const streamsOf = (call: NetworkCall): number => (call.conditionalOnly === true ? 1 : offsets.length);
  return {
    streams: offsets.length,
    async run(call) {
      calls.push(call);
      const rows = gatherRows(exactVelocity, width, tokensOf(call));
      return {
        velocities: offsets.slice(0, streamsOf(call)).map((offset) => rows.map((value) => value + offset)),
      };
    },
    flops: (call) => tokensOf(call).length * streamsOf(call),
  };
}

/** Counts its readings: 0, 1, 2 … */
function tickingClock(): () => number {
  let reading = 0;
  return () => reading++;
}

function run(changes: Partial<SamplingInput> & Pick<SamplingInput, 'denoiser'>) {
  return sampleLoop({
    scheduler,
    method: full(),
    cache: {
      partition,
      drift: { embedding: new Float32Array(6), projection: new Float32Array(6) },
      calibration: {},
    },
    noise,
    strength: 1,
    guidanceScale: 1,
    clock: tickingClock(),
    ...changes,
  });
}

/**
 * A method that follows a script and keeps, like every method, what it was given; partial steps run tokens 1, 2 and 6.
 * `log` is the order in which it was asked.
 */
function scripted(script: readonly StepDecision[], log: string[] = [], needs: CacheNeeds = {}): CacheMethod {
  let kept: Float32Array[] = [];
  const tokens = Int32Array.of(1, 2, 6);
  return {
    needs,
    start: ({ steps, streams }) => log.push(`start ${steps} ${streams}`),
    save: () => undefined,
    decide({ stepIndex }) {
      log.push(`decide ${stepIndex}`);
      return script[stepIndex];
    },
    part({ stepIndex }) {
      log.push(`part ${stepIndex}`);
      return { tokens };
    },
    observe({ stepIndex }, { velocities }) {
      log.push(`observe ${stepIndex} ${velocities.map(({ length }) => length / width).join('+')}`);
      if (script[stepIndex].kind === 'full') {
        kept = velocities.length === 2 ? [...velocities] : [velocities[0], kept[1] ?? velocities[0]];
      }
    },
    velocities({ stepIndex }) {
      log.push(`velocities ${stepIndex}`);
      return kept;
    },
  };
}

describe('sampleLoop', () => {
  it('follows the exact velocity back to the clean sample and counts its calls', async () => {
    const calls: NetworkCall[] = [];
    const seen: (string | number)[][] = [];
    const sigmas: number[] = [];
    const { tokens, steps } = await run({
      denoiser: exactDenoiser([0], calls),
      onStep: (...step) => seen.push(step),
      onPrediction: (sample, velocity, sigma) => {
        sigmas.push(sigma);
        // The exact velocity points at the clean sample at every noise level.
        expectClose(predictClean(sample, velocity, sigma), clean, { atol: 1e-5 });
      },
    });
    expect(sigmas).toEqual([...scheduler.sigmas.subarray(0, 6)]);
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    expect(countCalls(steps)).toEqual({ full: 6, partial: 0, reuse: 0 });
    expect(calls.map(({ timestep }) => timestep)).toEqual([...scheduler.timesteps]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((step) => [step, 6, 'full']));
  });

  it('guides: uncond + scale · (cond − uncond)', async () => {
    // cond is off by 1, uncond by 1.5: scale 3 puts both errors out.
    const { tokens, steps } = await run({ denoiser: exactDenoiser([1, 1.5]), guidanceScale: 3 });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    expect(steps.map(({ streams }) => streams)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('starts late from a given picture, and tells the method of the steps that are run', async () => {
    const calls: NetworkCall[] = [];
    const inner = full();
    const started: Parameters<CacheMethod['start']>[0][] = [];
    const method: CacheMethod = {
      ...inner,
      start(cacheRun) {
        started.push(cacheRun);
        inner.start(cacheRun);
      },
    };
    const { tokens, steps } = await run({
      denoiser: exactDenoiser([0], calls),
      method,
      clean,
      strength: 0.6,
    });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    const left = stepsToRun(scheduler, 0.6);
    expect(steps).toHaveLength(left);
    expect(left).toBeLessThan(6);
    expect(calls[0].timestep).toBeLessThanOrEqual(600);
    expect(started).toHaveLength(1);
    expect(started[0]).toMatchObject({ steps: left, streams: 1, partition });
    expect([...started[0].timesteps]).toEqual([...scheduler.timesteps].slice(6 - left));
    expect([...started[0].sigmas]).toEqual([...scheduler.sigmas].slice(6 - left));
  });

  it('runs the network on part of the tokens in partial steps, and not at all in reuse steps', async () => {
    const calls: NetworkCall[] = [];
    const log: string[] = [];
    const kinds = ['full', 'reuse', 'partial', 'reuse', 'partial', 'full'] as const;
    const method = scripted(
      kinds.map((kind) => ({ kind })),
      log,
    );
    const { tokens, steps } = await run({ denoiser: exactDenoiser([0], calls), method });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    expect(log).toEqual([
      'start 6 1',
      ...['decide 0', 'observe 0 8', 'velocities 0'],
      ...['decide 1', 'velocities 1'],
      ...['decide 2', 'part 2', 'observe 2 3', 'velocities 2'],
      ...['decide 3', 'velocities 3'],
      ...['decide 4', 'part 4', 'observe 4 3', 'velocities 4'],
      ...['decide 5', 'observe 5 8', 'velocities 5'],
    ]);
    expect(calls.map(({ timestep }) => timestep)).toEqual(
      [0, 2, 4, 5].map((step) => scheduler.timesteps[step]),
    );
    expect(calls.map(({ part }) => part)).toEqual([
      undefined,
      { tokens: Int32Array.of(1, 2, 6) },
      { tokens: Int32Array.of(1, 2, 6) },
      undefined,
    ]);
    // The whole sample goes to the denoiser: it gathers.
    for (const { sample } of calls) expect(sample).toHaveLength(count * width);
    expect(steps.map((step) => step.kind)).toEqual(kinds);
    expect(steps.map((step) => step.tokens)).toEqual([8, 0, 3, 0, 3, 8]);
    expect(steps.map((step) => step.flops)).toEqual([8, 0, 3, 0, 3, 8]);
    expect(countCalls(steps)).toEqual({ full: 2, partial: 2, reuse: 2 });
  });

  it('a partial step that drops attention modules runs on all tokens', async () => {
    const modules = { selfAttention: false, crossAttention: true };
    const method: CacheMethod = {
      ...scripted(
        ['full', 'partial', 'full', 'full', 'full', 'full'].map((kind) => ({ kind }) as StepDecision),
      ),
      part: () => ({ modules }),
    };
    const calls: NetworkCall[] = [];
    const { steps } = await run({ denoiser: exactDenoiser([0], calls), method });
    expect(calls[1].part).toEqual({ modules });
    expect(steps[1]).toMatchObject({ kind: 'partial', tokens: 8 });
  });

  it('samples queries of generative tokens on full steps only, where the method needs the selection', async () => {
    const kinds = ['full', 'partial', 'full', 'reuse', 'partial', 'full'] as const;
    const queriesOf = async (needs: CacheNeeds): Promise<(number[] | undefined)[]> => {
      const calls: NetworkCall[] = [];
      const method = scripted(
        kinds.map((kind) => ({ kind })),
        [],
        needs,
      );
      await run({ denoiser: exactDenoiser([0], calls), method });
      return calls.map(({ queries }) => (queries === undefined ? undefined : [...queries]));
    };
    const both = [1, 2];
    expect(await queriesOf({ selection: { queries: 5 } })).toEqual([both, undefined, both, undefined, both]);
    expect(await queriesOf({ selection: { queries: 0 } })).toEqual([[], undefined, [], undefined, []]);
    expect(await queriesOf({})).toEqual(new Array(5).fill(undefined));
    const [one] = await queriesOf({ selection: { queries: 1 } });
    expect(both).toContain(one?.[0]);
    expect(one).toHaveLength(1);
  });

  it('runs the conditional stream alone where the method says so, in full and partial steps', async () => {
    const script: StepDecision[] = [
      { kind: 'full' },
      { kind: 'full', conditionalOnly: true },
      { kind: 'partial', conditionalOnly: true },
      { kind: 'partial' },
      { kind: 'reuse' },
      { kind: 'full' },
    ];
    const calls: NetworkCall[] = [];
    const log: string[] = [];
    const { tokens, steps } = await run({
      denoiser: exactDenoiser([1, 1.5], calls),
      method: scripted(script, log),
      guidanceScale: 3,
    });
    expect(calls.map(({ conditionalOnly }) => conditionalOnly)).toEqual([
      undefined,
      true,
      true,
      undefined,
      undefined,
    ]);
    expect(log.filter((line) => line.startsWith('observe'))).toEqual([
      'observe 0 8+8',
      'observe 1 8',
      'observe 2 3',
      'observe 3 3+3',
      'observe 5 8+8',
    ]);
    expect(steps.slice(0, 4).map(({ streams, flops }) => [streams, flops])).toEqual([
      [2, 16],
      [1, 8],
      [1, 3],
      [2, 6],
    ]);
    // Guidance always has both streams' velocities, and so cancels the offsets at every step.
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
  });

  it('asks the probe before the method, with the sample of the step', async () => {
    const asked: [Float32Array, number][] = [];
    const probe: DriftProbe = {
      async modulatedInput(sample, timestep) {
        asked.push([sample, timestep]);
        return Float32Array.of(asked.length);
      },
    };
    const seen: unknown[] = [];
    const inner = full();
    const method: CacheMethod = {
      ...inner,
      decide(step) {
        seen.push(step.modulatedInput?.[0]);
        expect(step.sample).toBe(asked.at(-1)?.[0]);
        return inner.decide(step);
      },
    };
    await run({ denoiser: exactDenoiser([0]), method, probe });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked.map(([, timestep]) => timestep)).toEqual([...scheduler.timesteps]);
    seen.length = 0;
    const withoutProbe = {
      ...method,
      decide: (step: Parameters<CacheMethod['decide']>[0]) => {
        seen.push('modulatedInput' in step);
        return inner.decide(step);
      },
    };
    await run({ denoiser: exactDenoiser([0]), method: withoutProbe });
    expect(seen).toEqual(new Array(6).fill(false));
  });

  it('divides each step between choosing, the network and the rest', async () => {
    // Four readings a step: its start, after the choice, after the call, at its end.
    const { steps } = await run({ denoiser: exactDenoiser([0]) });
    for (const { selectionSec, networkSec, restSec } of steps) {
      expect([selectionSec, networkSec, restSec]).toEqual([1, 1, 1]);
    }
  });

  it('stops between calls when it is cancelled', async () => {
    const abort = new AbortController();
    const calls: NetworkCall[] = [];
    const cancelled = run({
      denoiser: exactDenoiser([0], calls),
      signal: abort.signal,
      onStep: (step) => step === 2 && abort.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(calls).toHaveLength(2);
  });

  it('handles messages that came while a call blocked the process before the next one', async () => {
    const abort = new AbortController();
    const calls: NetworkCall[] = [];
    const exact = exactDenoiser([0], calls);
    const cancelled = run({
      denoiser: {
        ...exact,
        run(call) {
          // As a message is that has arrived meanwhile: it waits for the process to be idle.
          setImmediate(() => abort.abort());
          return exact.run(call);
        },
      },
      signal: abort.signal,
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toHaveLength(1);
  });

  it('stops before a step that would only reuse, too, and before the first', async () => {
    const abort = new AbortController();
    const log: string[] = [];
    const kinds = ['full', 'reuse', 'reuse', 'full', 'full', 'full'] as const;
    const cancelled = run({
      denoiser: exactDenoiser([0]),
      method: scripted(
        kinds.map((kind) => ({ kind })),
        log,
      ),
      signal: abort.signal,
      onStep: (step) => step === 2 && abort.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(log.at(-1)).toBe('velocities 1');
    const calls: NetworkCall[] = [];
    const never = run({ denoiser: exactDenoiser([0], calls), signal: AbortSignal.abort() });
    await expect(never).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toEqual([]);
  });
});

/** Not linear in the sample, so that whatever is lost between two steps is seen in all that follow. */
function bentDenoiser(streams: number, calls: NetworkCall[]): Denoiser {
  const exact = exactDenoiser(new Array<number>(streams).fill(0), calls);
  return {
    ...exact,
    async run(call) {
      const { velocities } = await exact.run(call);
      const rows =
        call.part !== undefined && 'tokens' in call.part
          ? gatherRows(call.sample, width, call.part.tokens)
          : call.sample;
      return {
        velocities: velocities.map((velocity, stream) =>
          velocity.map((value, i) => value + Math.sin(3 * rows[i] + 0.002 * call.timestep + stream)),
        ),
        ...(call.queries !== undefined && {
          importance: call.sample.filter((_, i) => i % width === 0).map(Math.abs),
          features: Float32Array.from({ length: count * 64 }, (_, i) => call.sample[i % call.sample.length]),
        }),
      };
    },
  };
}

describe('a run that is stopped continues in another process', () => {
  const steps = 14;
  const samplers = {
    UniPC: {
      _class_name: 'UniPCMultistepScheduler',
      prediction_type: 'flow_prediction',
      use_flow_sigmas: true,
      flow_shift: 3,
    },
    Euler: { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 },
  };
  /** Options with which the methods save something here. */
  const saving: Record<string, Record<string, number | string>> = {
    adacache: { delta: 10 },
    fastcache: { delta: 0.5 },
    easycache: { delta: 0.5 },
    hetcache: { drift: 'content', delta: 0.3, partialAbove: 0 },
  };
  /** Everything as a new process has it: nothing is shared between two runs. */
  const input = (name: string, sampler: object, calls: NetworkCall[]) => ({
    denoiser: bentDenoiser(2, calls),
    scheduler: parseSchedulerConfig(sampler, 'test').create({ steps }),
    method: createMethod({ name, options: saving[name] ?? {} }),
    cache: {
      partition,
      drift: {
        embedding: new Float32Array(steps).fill(0.03),
        projection: new Float32Array(steps).fill(0.03),
      },
      calibration: { magnitudeRatios: new Array<number>(steps).fill(0.99) },
      contextVelocity: exactVelocity,
    },
    probe: {
      modulatedInput: async (sample: Float32Array) => sample.map((value) => value + 0.5),
    },
    guidanceScale: 4,
    clean,
    strength: 0.9,
  });

  it.each(
    Object.keys(cacheMethods).flatMap((name) => Object.keys(samplers).map((sampler) => [name, sampler])),
  )('%s over %s: wherever it stops, bit for bit, and takes no step twice', async (name, sampler) => {
    const config = samplers[sampler as keyof typeof samplers];
    const allCalls: NetworkCall[] = [];
    const whole = await run(input(name, config, allCalls));
    const last = whole.steps.length;
    expect(last).toBeGreaterThan(8);
    if (name !== 'full') expect(countCalls(whole.steps).full).toBeLessThan(last);
    for (let stopAfter = 1; stopAfter <= last; stopAfter++) {
      const abort = new AbortController();
      let newest: SampleState | undefined;
      const stopped = run({
        ...input(name, config, []),
        signal: abort.signal,
        onState: async (state) => void (newest = state),
        onStep: (step) => step === stopAfter && abort.abort(),
      });
      if (stopAfter < last) await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
      else await stopped;
      // Written when the run has ended: what came after must not have changed it.
      const from = deserialize(serialize(newest)) as SampleState | undefined;
      const kept = from?.steps.length ?? 0;
      // Only what reuses attention outputs has to go back to where they are all computed again.
      if (name === 'pab') expect(kept).toBeGreaterThan(stopAfter - 6);
      else expect(kept).toBe(stopAfter);
      const calls: NetworkCall[] = [];
      const seen: number[] = [];
      const resumed = await run({
        ...input(name, config, calls),
        from,
        onStep: (step) => void seen.push(step),
      });
      expect(serialize(resumed.tokens).equals(serialize(whole.tokens))).toBe(true);
      expect(resumed.steps.map(({ kind, flops }) => [kind, flops])).toEqual(
        whole.steps.map(({ kind, flops }) => [kind, flops]),
      );
      expect(seen).toEqual(Array.from({ length: last - kept }, (_, i) => kept + i + 1));
      const { reuse } = countCalls(whole.steps.slice(kept));
      expect(calls).toHaveLength(last - kept - reuse);
    }
  });
});

describe('a run whose partial steps look at what was kept', () => {
  const steps = 12;
  const letters = 'FrFPrfFrPFPF';
  const config = {
    _class_name: 'UniPCMultistepScheduler',
    prediction_type: 'flow_prediction',
    use_flow_sigmas: true,
    flow_shift: 3,
  };

  /** What is kept of a call is its sample; a partial call moves by the two last, carried on. */
  function keepingDenoiser(calls: NetworkCall[]): Denoiser {
    const bent = bentDenoiser(2, calls);
    const kept: Float32Array[] = [];
    return {
      ...bent,
      async run(call) {
        const { velocities } = await bent.run(call);
        if (call.keep !== undefined) kept.push(call.sample);
        const cached = call.part !== undefined && 'tokens' in call.part ? call.part.cached : undefined;
        if (cached === undefined) return { velocities };
        const [before, last] = kept.slice(-2);
        const seen = cached.tokens.reduce(
          (sum, token) =>
            sum + last[token * width] + cached.reach * (last[token * width] - before[token * width]),
          0,
        );
        return { velocities: velocities.map((velocity) => velocity.map((value) => value + 0.1 * seen)) };
      },
    };
  }
  const methods: Record<string, () => CacheMethod> = {
    'as written': () => scriptedSchedule(letters),
    'hetcache by drift': () =>
      createMethod({
        name: 'hetcache',
        options: { schedule: 'drift', delta: 0.05, partial: 'kv', partialAbove: 0, warmup: 0.2, rho: 5 },
      }),
  };
  const input = (method: CacheMethod, calls: NetworkCall[]) => ({
    denoiser: keepingDenoiser(calls),
    scheduler: parseSchedulerConfig(config, 'test').create({ steps }),
    method,
    cache: {
      partition,
      drift: {
        embedding: new Float32Array(steps).fill(0.03),
        projection: new Float32Array(steps).fill(0.03),
      },
      calibration: {},
      contextVelocity: exactVelocity,
      partialCost: 0.4,
    },
    guidanceScale: 4,
  });

  it.each(Object.keys(methods))(
    '%s: continues bit for bit, and computes again what was kept',
    async (name) => {
      const whole = await run(input(methods[name](), []));
      const { partial } = countCalls(whole.steps);
      expect(partial).toBeGreaterThan(1);
      let again = 0;
      for (let stopAfter = 1; stopAfter < steps; stopAfter++) {
        const abort = new AbortController();
        let newest: SampleState | undefined;
        const stopped = run({
          ...input(methods[name](), []),
          signal: abort.signal,
          onState: async (state) => void (newest = state),
          onStep: (step) => step === stopAfter && abort.abort(),
        });
        await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
        const from = deserialize(serialize(newest)) as SampleState;
        expect(from.steps).toHaveLength(stopAfter);
        const calls: NetworkCall[] = [];
        const resumed = await run({ ...input(methods[name](), calls), from });
        expect(serialize(resumed.tokens).equals(serialize(whole.tokens))).toBe(true);
        expect(resumed.steps.map(({ kind, flops }) => [kind, flops])).toEqual(
          whole.steps.map(({ kind, flops }) => [kind, flops]),
        );
        const { reuse } = countCalls(whole.steps.slice(stopAfter));
        const extra = calls.length - (steps - stopAfter - reuse);
        expect(extra).toBeLessThanOrEqual(2);
        expect(calls.slice(0, extra).every(({ keep }) => keep !== undefined)).toBe(true);
        again += extra;
      }
      expect(again).toBeGreaterThan(3);
    },
  );

  it('stops while it computes again what was kept', async () => {
    let from: SampleState | undefined;
    const abort = new AbortController();
    const stopped = run({
      ...input(methods['as written'](), []),
      signal: abort.signal,
      onState: async (state) => void (from = state),
      onStep: (step) => step === 3 && abort.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    const calls: NetworkCall[] = [];
    const again = run({
      ...input(methods['as written'](), calls),
      from,
      signal: AbortSignal.abort(),
    });
    await expect(again).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toEqual([]);
  });
});

describe('flopsSaved', () => {
  it('holds every window against its own first step', () => {
    const steps = [10, 5, 0, 0, 20, 0, 0, 20].map((flops) => ({ flops }));
    // 15 of 40 and 40 of 80.
    expect(flopsSaved(steps, 4)).toBeCloseTo(1 - 55 / 120, 12);
    expect(flopsSaved([{ flops: 7 }, { flops: 7 }], 2)).toBe(0);
    expect(flopsSaved([], 4)).toBe(0);
  });
});
