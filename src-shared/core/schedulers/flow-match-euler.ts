import { usageError } from '../errors/index.ts';
import type { ConfigFields } from '../json/index.ts';
import {
  dynamicShiftAmount,
  linspace,
  shiftSigma,
  shiftSigmaFloat32,
  stretchToTerminal,
  timeShifts,
  type DynamicShift,
  type TimeShiftType,
} from './flow-sigmas.ts';
import { requireStep, type Scheduler, type SchedulerRun } from './scheduler.ts';

export interface FlowMatchEulerConfig {
  readonly trainTimesteps: number;
  readonly shift: number;
  /** Shift by the number of tokens instead of `shift`; absent: `shift` rules. */
  readonly dynamicShift?: DynamicShift & { readonly type: TimeShiftType };
  /** Last noise level before 0; absent: whatever the shift makes it. */
  readonly shiftTerminal?: number;
}

/** Reads a scheduler_config.json of FlowMatchEulerDiscreteScheduler; absent fields take diffusers' defaults. */
export function parseFlowMatchEuler(fields: ConfigFields): FlowMatchEulerConfig {
  for (const option of ['invert_sigmas', 'stochastic_sampling'] as const) fields.only(option, [false]);
  for (const option of ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas'] as const) {
    fields.only(option, [false]);
  }
  const types = Object.keys(timeShifts);
  fields.only('time_shift_type', types);
  const terminal = fields.optionalNumber('shift_terminal');
  return {
    trainTimesteps: fields.count('num_train_timesteps', 1000),
    shift: fields.positive('shift', 1),
    ...(fields.boolean('use_dynamic_shifting', false) && {
      dynamicShift: {
        type: fields.string('time_shift_type', 'exponential') as TimeShiftType,
        baseTokens: fields.number('base_image_seq_len', 256),
        maxTokens: fields.number('max_image_seq_len', 4096),
        baseShift: fields.number('base_shift', 0.5),
        maxShift: fields.number('max_shift', 1.15),
      },
    }),
    ...(terminal !== undefined && { shiftTerminal: terminal }),
  };
}

/**
 * Euler's method on the flow ODE: x ← x + (σ' − σ)·velocity. First order: one network call a step, no memory.
 */
export class FlowMatchEuler implements Scheduler {
  readonly steps: number;
  readonly timesteps: Float32Array;
  readonly sigmas: Float32Array;

  constructor(config: FlowMatchEulerConfig, run: SchedulerRun) {
    this.steps = run.steps;
    const sigmas = noiseLevels(config, run);
    this.sigmas = Float32Array.from([...sigmas, 0]);
    // From the rounded levels: one unit in the last place of a timestep near 1000 is 6e-5 of an angle.
    this.timesteps = this.sigmas.subarray(0, -1).map((sigma) => sigma * config.trainTimesteps);
  }

  step(velocity: Float32Array, sample: Float32Array, stepIndex: number): Float32Array {
    requireStep(this, velocity, sample, stepIndex);
    const change = this.sigmas[stepIndex + 1] - this.sigmas[stepIndex];
    return sample.map((value, i) => value + change * velocity[i]);
  }

  reset(): void {
    // Nothing to forget: every step stands alone.
  }

  save(): undefined {
    return undefined;
  }
}

function noiseLevels(config: FlowMatchEulerConfig, run: SchedulerRun): number[] {
  const { dynamicShift } = config;
  if (dynamicShift === undefined || run.flowShift !== undefined) {
    const shift = run.flowShift ?? config.shift;
    // The grid ends at the lowest *shifted* training level and is then shifted again, as diffusers does: the first
    // time in float32, the second in double precision, on a grid of timesteps.
    const { trainTimesteps } = config;
    const lowest = shiftSigmaFloat32(1 / trainTimesteps, shift);
    const grid = linspace(trainTimesteps, lowest * trainTimesteps, run.steps);
    return terminated(
      grid.map((timestep) => shiftSigma(timestep / trainTimesteps, shift)),
      config,
    );
  }
  if (run.tokenCount === undefined) {
    throw usageError(
      'token-count-missing',
      'This scheduler shifts its noise levels by the number of tokens, which was not given.',
      'Pass tokenCount, or set a fixed flow shift.',
    );
  }
  const mu = dynamicShiftAmount(dynamicShift, run.tokenCount);
  // Pipelines that shift by length hand the scheduler a grid from 1 to 1/steps.
  const grid = linspace(1, 1 / run.steps, run.steps);
  return terminated(
    grid.map((sigma) => timeShifts[dynamicShift.type](mu, sigma)),
    config,
  );
}

function terminated(sigmas: number[], config: FlowMatchEulerConfig): number[] {
  return config.shiftTerminal === undefined ? sigmas : stretchToTerminal(sigmas, config.shiftTerminal);
}
