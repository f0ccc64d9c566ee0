import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors, type TensorStore } from '../../../src-main/models/safetensors.ts';
import type { HetcutError } from '../errors/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  firstStepFor,
  guide,
  noiseTo,
  parseSchedulerConfig,
  type Scheduler,
  type SchedulerConfig,
} from './index.ts';

const golden = fileURLToPath(new URL('../../../e2e/fixtures/golden/D_schedulers/', import.meta.url));
const tolerance = { atol: 1e-5 };

function json(variant: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`${golden}${variant}/scheduler_config.json`, 'utf8')) as Record<
    string,
    unknown
  >;
}

function config(variant: string, change: Readonly<Record<string, unknown>> = {}): SchedulerConfig {
  return parseSchedulerConfig({ ...json(variant), ...change }, `${variant}/scheduler_config.json`);
}

/** The "network" of the traces: tanh(x/2) + 0.1·t/1000. */
function toyVelocity(sample: Float32Array, timestep: number): Float32Array {
  return sample.map((value) => Math.tanh(0.5 * value) + (0.1 * timestep) / 1000);
}

/** Runs `scheduler` from `firstStep` on; the samples after each step. */
function trace(scheduler: Scheduler, init: Float32Array, firstStep = 0): Float32Array[] {
  const samples: Float32Array[] = [];
  let sample = init;
  for (let i = firstStep; i < scheduler.steps; i++) {
    sample = scheduler.step(toyVelocity(sample, scheduler.timesteps[i]), sample, i);
    samples.push(sample);
  }
  return samples;
}

const flatten = (arrays: readonly Float32Array[]): number[] => arrays.flatMap((array) => [...array]);

describe('golden traces', () => {
  let store: TensorStore;
  let init: Float32Array;
  beforeAll(async () => {
    store = await openSafetensors(`${golden}case.safetensors`);
    init = await store.float32('sample_init');
  });
  afterAll(() => store.close());

  const variants = ['unipc_shift3', 'unipc_shift5', 'euler_shift3', 'euler_shift5'];
  for (const variant of variants) {
    it.each([10, 20, 50])(`${variant}, %d steps`, async (steps) => {
      const name = `${variant}_steps${steps}`;
      const scheduler = config(variant).create({ steps });
      expectClose(scheduler.sigmas, await store.float32(`${name}_sigmas`), { atol: 1e-6 });
      if (variant.startsWith('unipc')) {
        expect([...scheduler.timesteps]).toEqual([...(await store.int32(`${name}_timesteps`))]);
      } else {
        expectClose(scheduler.timesteps, await store.float32(`${name}_timesteps`), { atol: 1e-3 });
      }
      const samples = trace(scheduler, init);
      expectClose(flatten(samples), await store.float32(`${name}_samples`), tolerance);
      // The traces themselves tell the samplers apart by far more than the tolerance.
      const velocities = [init, ...samples.slice(0, -1)].map((sample, i) =>
        toyVelocity(sample, scheduler.timesteps[i]),
      );
      expectClose(flatten(velocities), await store.float32(`${name}_model_outputs`), tolerance);
    });
  }

  it('euler_ltx: shift by the token count, stretched to the terminal level', async () => {
    const [tokenCount] = await store.int32('euler_ltx_seq_len');
    const scheduler = config('euler_ltx').create({ steps: 10, tokenCount });
    expectClose(scheduler.sigmas, await store.float32('euler_ltx_sigmas'), { atol: 1e-6 });
    expectClose(scheduler.timesteps, await store.float32('euler_ltx_timesteps'), { atol: 1e-3 });
    expectClose(flatten(trace(scheduler, init)), await store.float32('euler_ltx_samples'), tolerance);
  });

  it('an override of the flow shift equals a configuration with that shift', async () => {
    const scheduler = config('unipc_shift3').create({ steps: 10, flowShift: 5 });
    const expected = await store.float32('unipc_shift5_steps10_samples');
    expectClose(flatten(trace(scheduler, init)), expected, tolerance);
    const euler = config('euler_shift5').create({ steps: 10, flowShift: 3 });
    expectClose(flatten(trace(euler, init)), await store.float32('euler_shift3_steps10_samples'), tolerance);
  });
});

describe.each(['unipc_shift3', 'euler_shift3'])('%s', (variant) => {
  const init = Float32Array.of(0.3, -1.2, 2);

  it('follows a constant velocity exactly: x(0) = x(σ₀) − σ₀·v', () => {
    const velocity = Float32Array.of(0.5, -2, 1);
    for (const steps of [1, 2, 7]) {
      const scheduler = config(variant).create({ steps });
      let sample: Float32Array = init;
      for (let i = 0; i < steps; i++) sample = scheduler.step(velocity, sample, i);
      const [sigma] = scheduler.sigmas;
      expectClose(
        sample,
        init.map((value, i) => value - sigma * velocity[i]),
        { atol: 2e-6 },
      );
    }
  });

  it('is as new after reset', () => {
    const scheduler = config(variant).create({ steps: 6 });
    const first = trace(scheduler, init);
    scheduler.reset();
    expect(trace(scheduler, init)).toEqual(first);
  });

  it('continues after any step from what it saved there, bit for bit', () => {
    const steps = 6;
    const scheduler = config(variant).create({ steps });
    const saved: ReturnType<Scheduler['save']>[] = [];
    const samples = trace(
      {
        ...{ steps, timesteps: scheduler.timesteps, sigmas: scheduler.sigmas },
        reset: () => scheduler.reset(),
        save: () => scheduler.save(),
        step(...given) {
          const next = scheduler.step(...given);
          saved.push(structuredClone(scheduler.save()));
          return next;
        },
      },
      init,
    );
    for (let done = 1; done < steps; done++) {
      const other = config(variant).create({ steps });
      trace(other, Float32Array.of(7, 7, 7));
      other.reset(saved[done - 1]);
      expect(trace(other, samples[done - 1], done)).toEqual(samples.slice(done));
    }
  });

  it('starts late without the steps before', () => {
    const steps = 8;
    const scheduler = config(variant).create({ steps });
    const firstStep = firstStepFor(scheduler, 0.6);
    expect(scheduler.sigmas[firstStep]).toBeLessThanOrEqual(0.6);
    expect(scheduler.sigmas[firstStep - 1]).toBeGreaterThan(0.6);
    // With the true velocity noise − clean the run must end at the clean sample.
    const clean = Float32Array.of(1, -1, 0.25);
    const noise = Float32Array.of(0.2, 0.4, -2);
    const velocity = noise.map((value, i) => value - clean[i]);
    let sample: Float32Array = noiseTo(clean, noise, scheduler.sigmas[firstStep]);
    for (let i = firstStep; i < steps; i++) sample = scheduler.step(velocity, sample, i);
    expectClose(sample, clean, { atol: 2e-6 });
  });

  it('leaves its arguments alone', () => {
    const scheduler = config(variant).create({ steps: 3 });
    const sample = init.slice();
    const velocity = Float32Array.of(1, 2, 3);
    const returned = scheduler.step(velocity, sample, 0);
    expect([...sample]).toEqual([...init]);
    expect([...velocity]).toEqual([1, 2, 3]);
    // Writing over the arrays of one step must not reach the next one.
    const kept = returned.slice();
    sample.fill(9);
    velocity.fill(9);
    const next = scheduler.step(Float32Array.of(1, 2, 3), kept, 1);
    const undisturbed = config(variant).create({ steps: 3 });
    const start = undisturbed.step(Float32Array.of(1, 2, 3), init, 0);
    expect([...undisturbed.step(Float32Array.of(1, 2, 3), start, 1)]).toEqual([...next]);
  });

  it('refuses impossible steps and runs', () => {
    const scheduler = config(variant).create({ steps: 3 });
    expect(() => scheduler.step(init, init, 3)).toThrow(RangeError);
    expect(() => scheduler.step(init, init.slice(1), 0)).toThrow(/arrays of 3 and 2 values/);
    for (const steps of [0, 2.5, NaN]) {
      expect(() => config(variant).create({ steps })).toThrow(/A run of/);
    }
    expect(() => config(variant).create({ steps: 3, flowShift: 0 })).toThrow(/flow shift of 0/);
  });
});

describe('UniPC', () => {
  const init = Float32Array.of(0.3, -1.2, 2);

  it('is closer than Euler to the solution of the same ODE', () => {
    const end = (variant: string, steps: number): Float32Array =>
      trace(config(variant).create({ steps }), init)[steps - 1];
    // Both solve the same ODE; a fine Euler run stands for the exact solution, whose start differs by 1e-6.
    const exact = end('euler_shift3', 4000);
    const error = (result: Float32Array): number =>
      Math.max(...result.map((value, i) => Math.abs(value - exact[i])));
    expect(error(end('unipc_shift3', 10))).toBeLessThan(error(end('euler_shift3', 10)) / 2);
  });

  it('refuses a step out of turn', () => {
    const scheduler = config('unipc_shift3').create({ steps: 5 });
    scheduler.step(init, init, 1);
    expect(() => scheduler.step(init, init, 3)).toThrow(/Step 3 after step 1/);
    scheduler.reset();
    expect(() => scheduler.step(init, init, 3)).not.toThrow();
  });

  it('can do without the corrector, step by step', () => {
    const corrected = trace(config('unipc_shift3').create({ steps: 5 }), init);
    const change = { disable_corrector: [0] };
    const without0 = trace(config('unipc_shift3', change).create({ steps: 5 }), init);
    expect(without0[0]).toEqual(corrected[0]);
    expect(without0[1]).not.toEqual(corrected[1]);
  });

  it('of order 1 without corrector is the exact exponential integrator, which Euler is for flow', () => {
    const change = { solver_order: 1, disable_corrector: [0, 1, 2, 3, 4] };
    const scheduler = config('unipc_shift3', change).create({ steps: 5 });
    const [sample] = trace(scheduler, init);
    const [from, to] = scheduler.sigmas;
    const velocity = toyVelocity(init, scheduler.timesteps[0]);
    expectClose(
      sample,
      init.map((value, i) => value + (to - from) * velocity[i]),
      { atol: 1e-6 },
    );
  });
});

describe('parseSchedulerConfig', () => {
  it.each([5e-324, 1e-300])('refuses a flow shift of %s, which makes no noise levels', (flowShift) => {
    for (const variant of ['euler_shift3', 'unipc_shift3']) {
      expect(() => config(variant).create({ steps: 4, flowShift })).toThrow(
        expect.objectContaining({
          code: 'noise-levels',
          message: expect.stringContaining(variant) as string,
        }) as Error,
      );
    }
  });

  it('takes what the file leaves out from the defaults of the class', () => {
    const bare = parseSchedulerConfig({ _class_name: 'FlowMatchEulerDiscreteScheduler' }, 'x.json');
    const shift1 = config('euler_shift3', { shift: 1 });
    expect(bare.create({ steps: 4 }).sigmas).toEqual(shift1.create({ steps: 4 }).sigmas);
    expect([...bare.create({ steps: 2 }).timesteps]).toEqual([1000, 1]);
  });

  it('names an unknown class and the known ones', () => {
    const parse = (): unknown => parseSchedulerConfig({ _class_name: 'DDIMScheduler' }, 's.json');
    expect(parse).toThrow(/s.json: unknown scheduler class "DDIMScheduler"/);
    try {
      parse();
    } catch (error) {
      expect((error as HetcutError).hint).toMatch(/UniPCMultistepScheduler, FlowMatchEuler/);
    }
    expect(() => parseSchedulerConfig({ _class_name: 'toString' }, 's.json')).toThrow(/unknown scheduler/);
    expect(() => parseSchedulerConfig({}, 's.json')).toThrow(/"_class_name" must be a text/);
  });

  it.each([
    ['unipc_shift3', 'solver_order', 3],
    ['unipc_shift3', 'solver_type', 'bh1'],
    ['unipc_shift3', 'prediction_type', 'epsilon'],
    ['unipc_shift3', 'use_flow_sigmas', false],
    ['unipc_shift3', 'predict_x0', false],
    ['unipc_shift3', 'lower_order_final', false],
    ['unipc_shift3', 'thresholding', true],
    ['unipc_shift3', 'use_dynamic_shifting', true],
    ['unipc_shift3', 'use_karras_sigmas', true],
    ['unipc_shift3', 'final_sigmas_type', 'sigma_min'],
    ['unipc_shift3', 'shift_terminal', 0.1],
    ['euler_shift3', 'stochastic_sampling', true],
    ['euler_shift3', 'invert_sigmas', true],
    ['euler_shift3', 'use_beta_sigmas', true],
    ['euler_shift3', 'time_shift_type', 'cubic'],
  ])('%s refuses %s: %j by name', (variant, option, value) => {
    expect(() => config(variant, { [option]: value })).toThrow(
      `${variant}/scheduler_config.json: "${option}": ${JSON.stringify(value)} is not supported`,
    );
  });

  it('refuses a flow scheduler whose prediction type is left to the default', () => {
    expect(() => parseSchedulerConfig({ _class_name: 'UniPCMultistepScheduler' }, 's.json')).toThrow(
      /"prediction_type": nothing is not supported/,
    );
  });

  it('asks for the token count where the shift depends on it', () => {
    expect(() => config('euler_ltx').create({ steps: 4 })).toThrow(/number of tokens/);
    expect(config('euler_ltx').create({ steps: 4, flowShift: 2 }).steps).toBe(4);
  });
});

describe('guide and noiseTo', () => {
  it('extrapolate and interpolate', () => {
    const cond = Float32Array.of(1, 2);
    const uncond = Float32Array.of(0, 4);
    expect([...guide(cond, uncond, 5)]).toEqual([5, -6]);
    expect([...guide(cond, uncond, 1)]).toEqual([1, 2]);
    expect([...noiseTo(cond, uncond, 0.25)]).toEqual([0.75, 2.5]);
    expect(() => guide(cond, uncond.slice(1), 2)).toThrow(RangeError);
  });

  it('starts at step 0 for strength 1, at the last step for one below every level', () => {
    const scheduler = config('unipc_shift5').create({ steps: 4 });
    expect(firstStepFor(scheduler, 1)).toBe(0);
    expect(firstStepFor(scheduler, 1e-4)).toBe(3);
  });
});
