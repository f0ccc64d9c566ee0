import { resolve } from 'node:path';
import type { EditJob } from '../../engine/edit-job.ts';
import type { JobHooks } from '../run-job.ts';

/** A file of the bundled demo. */
export const demo = (name: string): string => resolve(import.meta.dirname, '../../../assets/demo', name);

/** Hooks that nobody listens to. */
export const quietHooks: JobHooks = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onNote: () => undefined,
  onPartialFile: () => undefined,
};

/** Five frames of the bundled clip with the starter model: two full steps, all of the hole generated. */
export function demoJob(outputPath: string, changes: Partial<EditJob> = {}): EditJob {
  return {
    kind: 'remove',
    clipPath: demo('bunny.mp4'),
    maskPath: demo('bunny-mask.json'),
    outputPath,
    range: { startFrame: 20, endFrame: 25 },
    modelId: 'starter',
    prompt: '',
    negativePrompt: '',
    steps: 2,
    preset: 'fast',
    method: { name: 'full', options: {} },
    seed: 0,
    plate: { kind: 'off' },
    fill: 'auto',
    encode: { quality: 'lossless' },
    fresh: false,
    ...changes,
  };
}
