import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { registerBench } from './bench.ts';
import { registerDemo } from './demo.ts';
import { registerDoctor } from './doctor.ts';
import { registerEdit, registerRemove } from './edit.ts';
import { registerEstimate } from './estimate.ts';
import { registerExport } from './export.ts';
import { registerGpu } from './gpu.ts';
import { registerMask } from './mask.ts';
import { registerModel } from './model.ts';
import { registerParity } from './parity.ts';
import { registerProbe } from './probe.ts';
import { registerQuality } from './quality.ts';
import { registerServe } from './serve.ts';

/** A command is one file and one row here. */
export const commandTable: readonly ((program: Command, context: CliContext) => void)[] = [
  registerRemove,
  registerEdit,
  registerEstimate,
  registerExport,
  registerDemo,
  registerServe,
  registerMask,
  registerProbe,
  registerModel,
  registerParity,
  registerQuality,
  registerBench,
  registerDoctor,
  registerGpu,
];
