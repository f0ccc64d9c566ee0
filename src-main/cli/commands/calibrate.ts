import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { calibrateModel } from '../../host/bench/calibrate-model.ts';
import { loadModel } from '../../host/load-model.ts';
import { encodePrompts } from '../../host/encode-prompts.ts';
import { writeHomeFile } from '../../jobs/atomic-write.ts';
import { openWorkFolder } from '../../jobs/work-folder.ts';
import { createMedia } from '../../media/index.ts';
import { calibrationPath, calibrationText, openModel } from '../../models/index.ts';
import { createOrt } from '../../ort/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { requireReadable, wholeNumber } from './edit.ts';

interface CalibrateFlags {
  clip: string;
  mask: string;
  steps: number;
}

/** A bundled clip: any real picture will do, and the benchmark's are not among them. */
const calibrationClip = {
  clip: fileURLToPath(new URL('../../../assets/demo/bunny.mp4', import.meta.url)),
  mask: fileURLToPath(new URL('../../../assets/demo/bunny-mask.json', import.meta.url)),
};

async function calibrate(id: string, flags: CalibrateFlags, context: CliContext): Promise<void> {
  const { home, signal, onProgress } = context;
  const request = { clipPath: resolve(flags.clip), maskPath: resolve(flags.mask), steps: flags.steps };
  await requireReadable([
    ['clip', request.clipPath],
    ['mask', request.maskPath],
  ]);
  const sessions = createOrt();
  const model = await openModel(home, id, { signal, onProgress });
  const loaded = loadModel(sessions, model);
  try {
    const calibration = await calibrateModel(request, {
      media: await createMedia(),
      model,
      loaded,
      texts: await encodePrompts(home, sessions, model, ['']),
      patches: openWorkFolder(join(home, 'work', `calibrate-${id}`)),
      openTracker: openCameraTracker,
      signal,
      onProgress,
    });
    const path = calibrationPath(model.path);
    await writeHomeFile(path, calibrationText(calibration));
    context.answer({ id, path, steps: flags.steps, calibration }, `${id} is calibrated: ${path}`);
  } finally {
    await loaded.release();
  }
}

/** `model calibrate`, a part of the command `model`. */
export function registerCalibrate(model: Command, context: CliContext): void {
  model
    .command('calibrate')
    .description(
      'Measures what the cache methods magcache and teacache want to know of a model: one uncached run.',
    )
    .argument('<id>')
    .option('--clip <file>', 'what to run on', calibrationClip.clip)
    .option('--mask <file>', 'its mask', calibrationClip.mask)
    .option('--steps <n>', 'of the run; more is finer', wholeNumber('--steps', 2, 1000), 50)
    .action((id: string, flags: CalibrateFlags) => calibrate(id, flags, context));
}
