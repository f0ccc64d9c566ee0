import { HetcutError, usageError } from '../errors/index.ts';
import { readConfigFields, type ConfigFields } from '../json/index.ts';
import { FlowMatchEuler, parseFlowMatchEuler } from './flow-match-euler.ts';
import type { Scheduler, SchedulerRun } from './scheduler.ts';
import { parseUniPC, UniPC } from './unipc.ts';

/** A checked scheduler configuration, ready to start runs. */
export interface SchedulerConfig {
  readonly className: SchedulerClass;
  /**
   * A scheduler for one run.
   * @throws HetcutError where steps or flowShift are out of range, or a token count is needed and absent
   */
  create(run: SchedulerRun): Scheduler;
}

type Creator = (run: SchedulerRun) => Scheduler;

/** The known samplers by `_class_name` of scheduler_config.json. A new one is one file and one row. */
const schedulers = {
  UniPCMultistepScheduler: (fields: ConfigFields): Creator => {
    const config = parseUniPC(fields);
    return (run) => new UniPC(config, run);
  },
  FlowMatchEulerDiscreteScheduler: (fields: ConfigFields): Creator => {
    const config = parseFlowMatchEuler(fields);
    return (run) => new FlowMatchEuler(config, run);
  },
} as const;

type SchedulerClass = keyof typeof schedulers;

/**
 * Reads a scheduler_config.json in the diffusers layout.
 *
 * @param json  the parsed file
 * @param file  its name, for the messages
 * @throws HetcutError where the class is unknown or an option is unsupported, naming it
 */
export function parseSchedulerConfig(json: unknown, file: string): SchedulerConfig {
  const fields = readConfigFields(json, file);
  const className = fields.string('_class_name');
  if (!isSchedulerClass(className)) {
    throw new HetcutError('scheduler-unknown', `${file}: unknown scheduler class "${className}".`, {
      hint: `Known classes: ${Object.keys(schedulers).join(', ')}.`,
      details: { file, className },
    });
  }
  const create = schedulers[className](fields);
  return {
    className,
    create(run) {
      if (!Number.isInteger(run.steps) || run.steps < 1) {
        throw usageError('steps', `A run of ${run.steps} steps.`, 'Give a whole number of at least 1.');
      }
      if (run.flowShift !== undefined && !(run.flowShift > 0 && Number.isFinite(run.flowShift))) {
        throw usageError('flow-shift', `A flow shift of ${run.flowShift}.`, 'Give a number above 0.');
      }
      const scheduler = create(run);
      if ([...scheduler.sigmas, ...scheduler.timesteps].every(Number.isFinite)) return scheduler;
      throw usageError(
        'noise-levels',
        `${file}: a step of ${run.steps} has a noise level that is no number.`,
        "Give a flow shift between 0.01 and 100, and take the model's own scheduler_config.json.",
      );
    },
  };
}

function isSchedulerClass(name: string): name is SchedulerClass {
  return Object.hasOwn(schedulers, name);
}
